//! Ollama: what is asked, what is wrong with it, what is answered, what was said. Its own API and the `/v1` beside it.
//!
//! The only part that knows this dialect's bytes. Sources: the server's own code and documentation, and bytes captured from it
//! (`recorded/ollama`). The server is written in Go, and much of what it says is what Go's libraries say.

mod arguments;
mod compatible;
mod documents;
mod errors;
mod head;
mod moment;
mod reply;
mod request;
mod route;
mod rules;
mod said;
mod unanswered;

use fault_io::{KeepAlive, Response};
use journal::Said;
use provider_script::Quirk;

use self::route::Route;
use crate::http::Request;
use crate::json::Value;
use crate::memory::{Memory, Remembered};
use crate::protocol::{
    Around, Asking, Checked, Conversation, ErrorAnswer, Head, InBand, InBandError, Intended,
    Operation, Problem, Protocol, Rendering, Violation, Written,
};
use crate::sent::Sent;

/// The dialect.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ollama;

impl Protocol for Ollama {
    fn operation(&self, request: &Request) -> Option<Operation> {
        let route = Route::of(request)?;
        Some(match (route.method(), request.method.as_str()) {
            ("GET", "GET") => Operation::Document,
            ("POST", "POST") if route.answers(request) => Operation::Answer,
            ("POST", "POST") => Operation::Document,
            (method, _) => Operation::NotAllowed(method),
        })
    }

    fn conversation(&self, request: &Request, body: &Value, memory: &Memory) -> Conversation {
        request::conversation(Route::of(request), body, memory)
    }

    fn check(&self, checked: &Checked<'_>) -> Result<(), Violation> {
        rules::check(checked)
    }

    fn reply(&self, rendering: &Rendering<'_>) -> Response {
        match Route::of(rendering.asking.request) {
            Some(Route::CompatibleChat) => compatible::response(rendering),
            route => reply::response(rendering, route == Some(Route::Generate)),
        }
    }

    fn remembered(&self, rendering: &Rendering<'_>) -> Option<(String, Remembered)> {
        request::remembered(rendering)
    }

    fn in_band_error(&self, error: &InBandError<'_>, rendering: &Rendering<'_>) -> Option<InBand> {
        errors::in_band(error, rendering)
    }

    /// None: every line is a JSON object, and clients read every line.
    fn keep_alive(&self, _: Option<Quirk>) -> KeepAlive {
        KeepAlive::default()
    }

    /// A name without a tag means the newest (`types/model/name.go`).
    fn is_model(&self, known: &str, asked: &str) -> bool {
        let tagged = |name: &str| match name.contains(':') {
            true => name.to_owned(),
            false => format!("{name}:latest"),
        };
        tagged(known) == tagged(asked)
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
