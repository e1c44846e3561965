//! `OpenAI` Chat Completions: what is asked, what is wrong with it, what is answered, what was said.
//!
//! The only part that knows this dialect's bytes. Sources: the provider's OpenAPI description, and bytes captured from it.

mod quirk;
mod reply;
mod request;
mod rules;
mod said;

use fault_io::{KeepAlive, Response};
use journal::Said;
use provider_script::Quirk;

use crate::embeddings;
use crate::http::Request;
use crate::json::Value;
use crate::memory::Memory;
use crate::openai::models;
use crate::protocol::{
    Around, Asking, Checked, Conversation, ErrorAnswer, Head, InBand, InBandError, Intended,
    Operation, Problem, Protocol, Rendering, Violation, Written,
};
use crate::sent::Sent;

/// The dialect.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Chat;

impl Protocol for Chat {
    fn operation(&self, request: &Request) -> Option<Operation> {
        if models::rooted(&request.path) != "/chat/completions" {
            return embeddings::operation(request).or_else(|| models::operation(request));
        }
        Some(match request.method.as_str() {
            "POST" => Operation::Answer,
            _ => Operation::NotAllowed("POST"),
        })
    }

    fn conversation(&self, _: &Request, body: &Value, _: &Memory) -> Conversation {
        request::conversation(body)
    }

    fn check(&self, checked: &Checked<'_>) -> Result<(), Violation> {
        rules::check(checked.body, checked.raw_arguments)
    }

    fn reply(&self, rendering: &Rendering<'_>) -> Response {
        reply::response(rendering)
    }

    fn in_band_error(&self, error: &InBandError<'_>, rendering: &Rendering<'_>) -> Option<InBand> {
        Some(reply::in_band_error(error, rendering))
    }

    fn keep_alive(&self, quirk: Option<Quirk>) -> KeepAlive {
        KeepAlive::unnumbered(match quirk {
            Some(Quirk::Openrouter) => quirk::openrouter::PROCESSING.as_bytes(),
            _ => b": keep-alive\n\n",
        })
    }

    fn document(
        &self,
        request: &Request,
        around: &Around<'_>,
    ) -> Result<Written, Problem<'static>> {
        match embeddings::operation(request) {
            Some(_) => embeddings::document(request, around).map(Written::Embeddings),
            None => Ok(models::document(request, around).into()),
        }
    }

    fn problem(&self, problem: &Problem<'_>, asking: &Asking<'_>) -> ErrorAnswer {
        quirk::problem(problem, asking)
    }

    fn head(&self, head: &Head<'_>, asking: &Asking<'_>) -> Vec<u8> {
        quirk::head(head, asking)
    }

    fn said(&self, sent: &Sent, intended: &[Intended]) -> Said {
        said::said(sent, intended)
    }
}
