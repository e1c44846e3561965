//! Gemini's `generateContent`: what is asked, what is wrong with it, what is answered, what was said.
//!
//! The only part that knows this dialect's bytes. Sources: the API's description, and bytes captured from it (`recorded/gemini`).

mod documents;
mod errors;
mod head;
mod layout;
mod reply;
mod request;
mod route;
mod rules;
mod said;

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

/// The content type of a document.
const DOCUMENT: &str = "application/json; charset=UTF-8";
/// The content type of server-sent events; here without a charset.
const EVENTS: &str = "text/event-stream";

/// The dialect.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Gemini {
    /// Whether `/v1/models` can mean nothing else.
    alone: bool,
}

impl Gemini {
    /// Where nothing else is spoken.
    pub(crate) const ALONE: Self = Self { alone: true };
    /// Where every dialect is.
    pub(crate) const AMONG_OTHERS: Self = Self { alone: false };
}

impl Protocol for Gemini {
    fn operation(&self, request: &Request) -> Option<Operation> {
        route::operation(request, self.alone)
    }

    fn key(&self, request: &Request) -> Option<String> {
        route::key(request)
    }

    fn conversation(&self, request: &Request, body: &Value, _: &Memory) -> Conversation {
        request::conversation(request, body)
    }

    fn check(&self, checked: &Checked<'_>) -> Result<(), Violation> {
        rules::check(checked)
    }

    fn reply(&self, rendering: &Rendering<'_>) -> Response {
        reply::response(rendering)
    }

    fn in_band_error(&self, error: &InBandError<'_>, rendering: &Rendering<'_>) -> Option<InBand> {
        Some(reply::in_band_error(error, rendering))
    }

    /// None: the real one sends nothing while it thinks, and its own SDK takes a comment for an unknown response.
    fn keep_alive(&self, _: Option<Quirk>) -> KeepAlive {
        KeepAlive::default()
    }

    fn model_of(&self, request: &Request) -> Option<String> {
        route::route(request)?.model
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
