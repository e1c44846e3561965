//! Anthropic Messages: what is asked, what is wrong with it, what is answered, what was said.
//!
//! The only part that knows this dialect's bytes. Sources: the provider's documentation, the types of its own clients, and bytes
//! captured from it (`recorded/anthropic-messages`).

mod documents;
mod errors;
mod head;
mod reply;
mod request;
mod rules;
mod said;
mod signature;
mod version;

use fault_io::{KeepAlive, Response};
use journal::Said;
use provider_script::Quirk;

use crate::http::Request;
use crate::json::Value;
use crate::memory::Memory;
use crate::protocol::{
    Around, Asking, Checked, Conversation, ErrorAnswer, Head, InBand, InBandError, Intended,
    Operation, Problem, Protocol, Rendering, Violation, Written,
};
use crate::sent::Sent;
use crate::tool_id::ToolId;

/// The dialect.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Messages {
    /// Whether it is the only one: then paths that another has too are its own, whatever a request's headers say.
    alone: bool,
}

impl Messages {
    /// Where nothing else is spoken.
    pub(crate) const ALONE: Self = Self { alone: true };
    /// Where every dialect is.
    pub(crate) const AMONG_OTHERS: Self = Self { alone: false };
}

impl Protocol for Messages {
    fn operation(&self, request: &Request) -> Option<Operation> {
        let post = |operation| match request.method.as_str() {
            "POST" => operation,
            _ => Operation::NotAllowed("POST"),
        };
        match request.path.trim_end_matches('/') {
            "/v1/messages" => Some(post(Operation::Answer)),
            "/v1/messages/count_tokens" => Some(post(Operation::Document)),
            _ => {
                let marks = ["anthropic-version", "x-api-key"];
                let marked = marks.into_iter().any(|name| request.header(name).is_some());
                let ours = self.alone || marked;
                ours.then(|| documents::operation(request)).flatten()
            }
        }
    }

    /// Where both headers are, the provider takes the first.
    fn key(&self, request: &Request) -> Option<String> {
        let key = request.header("x-api-key").map(str::to_owned);
        key.or_else(|| request.bearer())
    }

    fn conversation(&self, _: &Request, body: &Value, _: &Memory) -> Conversation {
        request::conversation(body)
    }

    fn check(&self, checked: &Checked<'_>) -> Result<(), Violation> {
        let version = version::wanted(checked.request)?;
        rules::check(checked.body, version)
    }

    fn tool_call_id(&self, id: ToolId) -> String {
        id.after("toolu_")
    }

    fn reply(&self, rendering: &Rendering<'_>) -> Response {
        reply::response(rendering)
    }

    fn in_band_error(&self, error: &InBandError<'_>, rendering: &Rendering<'_>) -> Option<InBand> {
        Some(errors::in_band(error, &rendering.asking))
    }

    fn keep_alive(&self, _: Option<Quirk>) -> KeepAlive {
        KeepAlive::unnumbered(b"event: ping\ndata: {\"type\": \"ping\"}\n\n")
    }

    /// <https://platform.claude.com/docs/en/api/overview#request-size-limits>
    fn body_most(&self, _: &Request) -> usize {
        32 * 1024 * 1024
    }

    fn document(
        &self,
        request: &Request,
        around: &Around<'_>,
    ) -> Result<Written, Problem<'static>> {
        documents::document(request, around).map(Written::from)
    }

    fn problem(&self, problem: &Problem<'_>, asking: &Asking<'_>) -> ErrorAnswer {
        errors::problem(problem, asking)
    }

    fn head(&self, head: &Head<'_>, asking: &Asking<'_>) -> Vec<u8> {
        head::head(head, asking)
    }

    fn said(&self, sent: &Sent, intended: &[Intended]) -> Said {
        said::said(sent, intended)
    }
}
