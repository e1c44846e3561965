//! What a dialect has to be able to do. One implementation a dialect, and nothing else knows its bytes.
//!
//! A dialect is stateless: what it needs to know comes with the call. It reads requests leniently ([`Protocol::conversation`]),
//! because even a request that breaks the rules has an address, and checks them strictly ([`Protocol::check`]). What it
//! writes is read back from what really left ([`Protocol::said`]) by code that shares nothing with the writing.

use std::fmt::{self, Debug};

use fault_io::{KeepAlive, Response};
use journal::{ErrorSent, Said, SeenToolCall, SeenToolResult};
use provider_script::{Quirk, Reply, Script};
use wire_faults::StatusAnswer;

use crate::addressing::Turn;
use crate::draw::Draw;
use crate::embeddings::Embeddings;
use crate::http::Request;
use crate::json::Value;
use crate::memory::{Memory, Remembered};
use crate::sent::Sent;
use crate::tool_id::ToolId;

/// A document that is answered beside conversations.
pub(crate) type Document = serde_json::Value;

/// What is answered beside conversations, as it is written.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Written {
    Document(Document),
    Embeddings(Embeddings),
}

impl From<Document> for Written {
    fn from(document: Document) -> Self {
        Self::Document(document)
    }
}

impl fmt::Display for Written {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Document(document) => write!(f, "{document}"),
            Self::Embeddings(embeddings) => write!(f, "{embeddings}"),
        }
    }
}

/// A dialect.
pub(crate) trait Protocol: Debug + Send + Sync {
    /// What is asked for; nothing where the path is none of this dialect's.
    fn operation(&self, request: &Request) -> Option<Operation>;

    /// The key that a request presents.
    fn key(&self, request: &Request) -> Option<String> {
        request.bearer()
    }

    /// What a request for an answer says, read leniently.
    fn conversation(&self, request: &Request, body: &Value, memory: &Memory) -> Conversation;

    /// Whether such a request keeps the provider's rules; the first that it breaks, in the provider's words.
    fn check(&self, checked: &Checked<'_>) -> Result<(), Violation>;

    /// How many bytes the body of this request may have, where the provider takes less than others.
    fn body_most(&self, _: &Request) -> usize {
        usize::MAX
    }

    /// The model that a request beside conversations is about: the path names it, or the body.
    fn model_of(&self, request: &Request) -> Option<String> {
        if let Some((_, model)) = request.path.split_once("/models/") {
            return Some(model.to_owned());
        }
        let body = serde_json::from_slice::<Value>(&request.body).ok()?;
        body["model"].as_str().map(str::to_owned)
    }

    /// Whether a request that asks for one model means the other, which there is.
    fn is_model(&self, known: &str, asked: &str) -> bool {
        known == asked
    }

    /// An id of a tool call, as this dialect writes them.
    fn tool_call_id(&self, id: ToolId) -> String {
        id.to_string()
    }

    /// A reply as bytes, streamed or whole, with marks where the points of a fault lie.
    fn reply(&self, rendering: &Rendering<'_>) -> Response;

    /// What has to be remembered of an answer, for a request that refers to it: its id, and what it was.
    fn remembered(&self, _: &Rendering<'_>) -> Option<(String, Remembered)> {
        None
    }

    /// An error inside a stream that began well, after so many events; nothing where the dialect has none. `flat` asks for the
    /// form that the dialect's description has and its servers do not send, where there is one.
    fn in_band_error(&self, error: &InBandError<'_>, rendering: &Rendering<'_>) -> Option<InBand>;

    /// What says that the connection lives, in a stream of a provider with these habits; nothing where the dialect has nothing.
    fn keep_alive(&self, quirk: Option<Quirk>) -> KeepAlive;

    /// The answer to whatever is asked beside conversations: a list of models, a count of tokens.
    fn document(&self, request: &Request, around: &Around<'_>)
    -> Result<Written, Problem<'static>>;

    /// A problem in the provider's shape.
    fn problem(&self, problem: &Problem<'_>, asking: &Asking<'_>) -> ErrorAnswer;

    /// Status line and headers, without framing and without the blank line.
    fn head(&self, head: &Head<'_>, asking: &Asking<'_>) -> Vec<u8>;

    /// What an answer has said, read back from what left.
    fn said(&self, sent: &Sent, intended: &[Intended]) -> Said;
}

/// What a request wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operation {
    /// An answer of the model: addressed, scripted and counted.
    Answer,
    /// Anything else: never counts as a call.
    Document,
    /// The path has no such method; these it has, as `Allow` names them.
    NotAllowed(&'static str),
}

/// A conversation in neutral terms.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Conversation {
    pub(crate) model: Option<String>,
    pub(crate) streamed: bool,
    pub(crate) offers_tools: bool,
    pub(crate) turns: Vec<Turn>,
}

impl Conversation {
    pub(crate) fn tool_calls(&self) -> impl Iterator<Item = &SeenToolCall> {
        let calls = self.turns.iter().map(|turn| match turn {
            Turn::Assistant(calls) => calls.as_slice(),
            _ => &[],
        });
        calls.flatten()
    }

    pub(crate) fn said_before(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.turns.iter().filter_map(|turn| match turn {
            Turn::Said(text) if !text.is_empty() => Some(text.as_str()),
            _ => None,
        })
    }

    pub(crate) fn tool_results(&self) -> impl Iterator<Item = &SeenToolResult> {
        self.turns.iter().filter_map(|turn| match turn {
            Turn::Result(result) => Some(result),
            _ => None,
        })
    }
}

/// A request that is checked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Checked<'a> {
    pub(crate) request: &'a Request,
    pub(crate) body: &'a Value<'a>,
    /// Tool arguments that the script itself sent broken: they may come back as they are.
    pub(crate) raw_arguments: &'a [String],
    pub(crate) memory: &'a Memory,
}

/// A broken rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Violation {
    /// A stable word for the journal.
    pub(crate) rule: &'static str,
    /// What the provider says.
    pub(crate) message: String,
    pub(crate) param: Option<String>,
    pub(crate) code: Option<&'static str>,
    pub(crate) status: u16,
}

impl Violation {
    /// A rule whose breach is a 400.
    pub(crate) fn new(rule: &'static str, message: impl Into<String>) -> Self {
        Self {
            rule,
            message: message.into(),
            param: None,
            code: None,
            status: 400,
        }
    }

    pub(crate) fn at(mut self, param: impl Into<String>) -> Self {
        self.param = Some(param.into());
        self
    }

    pub(crate) const fn code(mut self, code: &'static str) -> Self {
        self.code = Some(code);
        self
    }

    pub(crate) const fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }
}

/// Why a request is answered with an error.
#[derive(Debug, Clone)]
pub(crate) enum Problem<'a> {
    /// It breaks a rule.
    Violation(Violation),
    /// Its body is no JSON.
    NotJson,
    /// Its key is wrong, or there is none.
    Unauthorized,
    /// The script has no entry for it: what came, in our words.
    Unscripted(String),
    /// There is no such model.
    UnknownModel(String),
    /// There is no such path.
    NotFound,
    /// The path has no such method; these it has.
    NotAllowed(&'static str),
    /// It is not HTTP as it should be; the connection ends with the answer.
    Malformed { status: u16, message: &'a str },
    /// Its body is longer than so many bytes, and nobody has read it; the connection ends with the answer.
    TooLarge(usize),
    /// The script wants this status.
    Scripted(&'a StatusAnswer),
}

/// Who asks, and what else an answer depends on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asking<'a> {
    pub(crate) request: &'a Request,
    /// The model that is asked; empty where none is.
    pub(crate) model: &'a str,
    /// The key that the request presents. Repeated only where a script asks for that.
    pub(crate) key: Option<&'a str>,
    pub(crate) draw: Draw,
    pub(crate) quirk: Option<Quirk>,
}

/// What a document may depend on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Around<'a> {
    pub(crate) script: &'a Script,
    /// The models that there are; without any, every model is.
    pub(crate) models: &'a [String],
    pub(crate) memory: &'a Memory,
    pub(crate) seed: u64,
}

impl<'a> Around<'a> {
    /// The names of all models: those that there are; else those that are `always` there and those that the script names.
    pub(crate) fn names(&self, always: &[&'a str]) -> Vec<&'a str> {
        if !self.models.is_empty() {
            return self.models.iter().map(String::as_str).collect();
        }
        let entries = self.script.entries.iter();
        let named = entries.filter_map(|entry| entry.when.model.as_deref());
        let mut names: Vec<&str> = Vec::new();
        for name in always.iter().copied().chain(named) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }
}

/// What a reply is rendered for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rendering<'a> {
    pub(crate) reply: &'a Reply,
    /// Its tool calls, named as the target names them.
    pub(crate) calls: &'a [Intended],
    pub(crate) conversation: &'a Conversation,
    /// The request's body, for what it asks of the answer's form.
    pub(crate) body: &'a Value<'a>,
    pub(crate) asking: Asking<'a>,
    /// How many decoded bytes go into one event where the reply does not say; 0 for all.
    pub(crate) delta_bytes: u32,
}

impl Rendering<'_> {
    /// How many decoded bytes go into one event.
    pub(crate) fn delta_bytes(&self) -> usize {
        match self.reply.delta_bytes.unwrap_or(self.delta_bytes) {
            0 => usize::MAX,
            bytes => usize::try_from(bytes).unwrap_or(usize::MAX),
        }
    }
}

/// A tool call as it is meant to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Intended {
    pub(crate) id: String,
    pub(crate) tool: String,
    /// JSON text, or what the script says raw.
    pub(crate) arguments: String,
}

/// An error that is asked for inside a stream.
#[derive(Debug, Clone, Copy)]
pub(crate) struct InBandError<'a> {
    pub(crate) answer: &'a StatusAnswer,
    pub(crate) flat: bool,
    /// How many events have left before it.
    pub(crate) events_before: usize,
}

/// The frames of an error inside a stream, and what is recorded of it.
#[derive(Debug, Clone)]
pub(crate) struct InBand {
    pub(crate) frames: Vec<Vec<u8>>,
    pub(crate) sent: ErrorSent,
}

/// An error answer, before its head.
#[derive(Debug, Clone)]
pub(crate) struct ErrorAnswer {
    pub(crate) status: u16,
    pub(crate) content_type: &'static str,
    pub(crate) body: Vec<u8>,
    pub(crate) retry_after: Option<String>,
    pub(crate) allow: Option<&'static str>,
    pub(crate) sent: ErrorSent,
}

/// What a head says.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Head<'a> {
    pub(crate) status: u16,
    pub(crate) content_type: &'a str,
    pub(crate) retry_after: Option<&'a str>,
    pub(crate) retry_after_ms: Option<&'a str>,
    /// What the script wants `x-should-retry` to say.
    pub(crate) should_retry: Option<bool>,
    /// The methods that are allowed, for a 405.
    pub(crate) allow: Option<&'a str>,
}

impl<'a> Head<'a> {
    /// A head of an answer that is fine.
    pub(crate) const fn ok(content_type: &'a str) -> Self {
        Self {
            status: 200,
            content_type,
            retry_after: None,
            retry_after_ms: None,
            should_retry: None,
            allow: None,
        }
    }
}

/// Reason phrases (RFC 9110, section 15); 529 is not registered.
pub(crate) const fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        400 => "Bad Request",
        401 => "Unauthorized",
        402 => "Payment Required",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        408 => "Request Timeout",
        409 => "Conflict",
        413 => "Content Too Large",
        422 => "Unprocessable Content",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        529 => "Site Is Overloaded",
        _ => "Error",
    }
}
