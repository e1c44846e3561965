//! `OpenAI` Responses: what is asked, what is wrong with it, what is answered, what was said.
//!
//! The only part that knows this dialect's bytes. Sources: the provider's OpenAPI description, its clients' types, and bytes
//! captured from it (`recorded/openai-responses`).

mod errors;
mod head;
mod ids;
mod items;
mod object;
mod part;
mod reply;
mod request;
mod rules;
mod said;

use fault_io::{KeepAlive, Response};
use journal::Said;
use provider_script::Quirk;
use serde_json::json;

use crate::embeddings;
use crate::http::Request;
use crate::json::Value;
use crate::memory::{Memory, Remembered};
use crate::openai::{self, models};
use crate::protocol::{
    Around, Asking, Checked, Conversation, Document, ErrorAnswer, Head, InBand, InBandError,
    Intended, Operation, Problem, Protocol, Rendering, Violation, Written,
};
use crate::sent::Sent;

/// The dialect.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Responses;

impl Protocol for Responses {
    fn operation(&self, request: &Request) -> Option<Operation> {
        let path = models::rooted(&request.path);
        let method = request.method.as_str();
        match path.strip_prefix("/responses") {
            Some("") if method == "POST" => Some(Operation::Answer),
            Some("") => Some(Operation::NotAllowed("POST")),
            Some(id) if is_one(id) && matches!(method, "GET" | "DELETE") => {
                Some(Operation::Document)
            }
            Some(id) if is_one(id) => Some(Operation::NotAllowed("GET, DELETE")),
            _ => embeddings::operation(request).or_else(|| models::operation(request)),
        }
    }

    fn conversation(&self, _: &Request, body: &Value, memory: &Memory) -> Conversation {
        request::conversation(body, memory)
    }

    fn check(&self, checked: &Checked<'_>) -> Result<(), Violation> {
        rules::check(checked)
    }

    fn reply(&self, rendering: &Rendering<'_>) -> Response {
        reply::response(rendering)
    }

    fn remembered(&self, rendering: &Rendering<'_>) -> Option<(String, Remembered)> {
        request::remembered(rendering)
    }

    fn in_band_error(&self, error: &InBandError<'_>, rendering: &Rendering<'_>) -> Option<InBand> {
        Some(errors::in_band(error, rendering))
    }

    /// Undocumented and real, and numbered like every event: <https://github.com/openai/openai-node/issues/1964>.
    fn keep_alive(&self, _: Option<Quirk>) -> KeepAlive {
        const BEFORE: &str = "event: keepalive\ndata: {\"type\":\"keepalive\",\"sequence_number\":";
        KeepAlive {
            frame: format!("{BEFORE}}}\n\n").into_bytes().into(),
            number_at: Some(BEFORE.len()),
        }
    }

    fn document(
        &self,
        request: &Request,
        around: &Around<'_>,
    ) -> Result<Written, Problem<'static>> {
        let path = models::rooted(&request.path);
        if embeddings::operation(request).is_some() {
            return embeddings::document(request, around).map(Written::Embeddings);
        }
        match path.strip_prefix("/responses/") {
            Some(id) if request.method == "DELETE" => forget(id, around.memory).map(Written::from),
            Some(id) => repeat(id, around.memory).map(Written::from),
            None => Ok(models::document(request, around).into()),
        }
    }

    fn problem(&self, problem: &Problem<'_>, asking: &Asking<'_>) -> ErrorAnswer {
        match models::rooted(&asking.request.path).starts_with("/responses") {
            true => errors::problem(problem, asking),
            false => openai::errors::problem(problem, asking),
        }
    }

    fn head(&self, head: &Head<'_>, asking: &Asking<'_>) -> Vec<u8> {
        head::head(head, asking)
    }

    fn said(&self, sent: &Sent, intended: &[Intended]) -> Said {
        said::said(sent, intended)
    }
}

/// Whether the rest of a path names one answer.
fn is_one(rest: &str) -> bool {
    rest.strip_prefix('/')
        .is_some_and(|id| !id.is_empty() && !id.contains('/'))
}

/// Forgets an answer; a later request cannot continue it.
fn forget(id: &str, memory: &Memory) -> Result<Document, Problem<'static>> {
    match memory.forget(id) {
        true => Ok(json!({"id": id, "object": "response", "deleted": true})),
        false => Err(unknown(id)),
    }
}

/// An answer once more, as it was when it was over.
fn repeat(id: &str, memory: &Memory) -> Result<Document, Problem<'static>> {
    let document = memory.document(id);
    let document = document.and_then(|document| serde_json::from_slice(&document).ok());
    document.ok_or_else(|| unknown(id))
}

fn unknown(id: &str) -> Problem<'static> {
    let message = format!("Response with id '{id}' not found.");
    Problem::Violation(Violation::new("unknown-response", message).status(404))
}
