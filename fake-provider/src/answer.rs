//! What a request is answered, and who decides it: which dialect, which operation; what nobody has read is refused here. Sends
//! nothing.
//!
//! - `asked`: one request that was read, down to its reply; `told`: what the journal is told of it

mod asked;
mod told;

use fault_io::{Frame, Framing, Response};
use journal::{ErrorSent, Fact, Subject};
use wire_faults::Fault;

use self::asked::Asked;
use crate::addressing::Address;
use crate::desk::Desk;
use crate::dialects;
use crate::draw::Draw;
use crate::http::{Refused, Request, Why};
use crate::metrics::{Kind, Purpose};
use crate::protocol::{Asking, Head, Intended, Operation, Problem, Protocol};
use crate::retry;

/// So much of a name that nobody knows is repeated.
const MOST_OF_A_NAME: usize = 64;

/// An answer that has not been sent.
#[derive(Debug)]
pub(crate) struct Answer {
    /// The dialect that it is in.
    pub(crate) protocol: &'static dyn Protocol,
    pub(crate) response: Response,
    pub(crate) subject: Subject,
    /// The entry of the script that it is.
    pub(crate) entry: Option<usize>,
    pub(crate) status: u16,
    pub(crate) error: Option<ErrorSent>,
    /// What it is counted under.
    pub(crate) kind: Kind,
    /// Whether it is a stream.
    pub(crate) streamed: bool,
    /// What goes wrong with it, each with its number in the entry.
    pub(crate) faults: Vec<(usize, Fault)>,
    pub(crate) tool_calls: Vec<Intended>,
    /// Where it belongs in its run, for what comes next; nothing for anything but an answer of the model.
    pub(crate) address: Option<Address>,
    pub(crate) model: String,
}

impl Answer {
    fn new(protocol: &'static dyn Protocol, response: Response, status: u16) -> Self {
        Self {
            protocol,
            response,
            subject: Subject::CASE,
            entry: None,
            status,
            error: None,
            kind: Kind::default(),
            streamed: false,
            faults: Vec::new(),
            tool_calls: Vec::new(),
            address: None,
            model: String::new(),
        }
    }
}

/// Reads a request and decides its answer.
pub(crate) fn answer(desk: &Desk, request: &Request, connection: u64) -> Answer {
    let (dialect, protocol) = dialects::which(desk.options.dialect, request);
    let asked = Asked {
        desk,
        protocol,
        request,
        connection,
        presented: desk.present(protocol.key(request)),
    };
    let operation = protocol.operation(request);
    let mut answer = match operation {
        Some(Operation::Answer) => asked.completion(),
        Some(Operation::Document) => asked.document(),
        Some(Operation::NotAllowed(allow)) => asked.elsewhere(&Problem::NotAllowed(allow)),
        None => asked.elsewhere(&Problem::NotFound),
    };
    answer.kind = Kind {
        dialect: Some(dialect),
        purpose: match operation {
            Some(Operation::Answer) => Purpose::Answer,
            Some(Operation::Document) => Purpose::Document,
            Some(Operation::NotAllowed(_)) | None => Purpose::Unknown,
        },
    };
    answer.response.closes = !request.keep_alive || desk.lobby.closes();
    if answer.response.framing == Framing::Chunked && !request.chunks {
        answer.response.framing = Framing::CloseDelimited;
    }
    answer
}

/// The answer to a request that names a namespace which there is not; the last one on its connection.
pub(crate) fn nowhere(desk: &Desk, request: &Request, name: &str) -> Answer {
    let protocol = dialects::of(desk.options.dialect, request);
    let name: String = name.chars().take(MOST_OF_A_NAME).collect();
    let message =
        format!("there is no namespace `{name}`; the admin API makes one: PUT /namespaces/{name}");
    let problem = Problem::Malformed {
        status: 404,
        message: &message,
    };
    let asking = Asking {
        request,
        model: "",
        key: None,
        draw: Draw::new(desk.options.seed, None),
        quirk: desk.options.quirk,
    };
    let mut answer = refusal(protocol, &problem, &asking);
    answer.response.closes = true;
    answer
}

/// The answer to what is refused before it is read: in the provider's shape, and the last one on its connection.
pub(crate) fn refused(desk: &Desk, refused: &Refused) -> Answer {
    let nothing = Request::default();
    let dialect = desk.options.dialect;
    let (request, protocol) = match &refused.request {
        Some(request) => (request, dialects::of(dialect, request)),
        None => (&nothing, dialects::usual(dialect)),
    };
    let problem = match refused.why {
        Why::Malformed { status, message } => Problem::Malformed { status, message },
        Why::TooLarge(most) => Problem::TooLarge(most),
    };
    let asking = Asking {
        request,
        model: "",
        key: None,
        draw: Draw::new(desk.options.seed, None),
        quirk: desk.options.quirk,
    };
    let mut answer = refusal(protocol, &problem, &asking);
    answer.response.closes = true;
    // What keeps us from reading it is no mistake of whoever sent it.
    if answer.status < 500 {
        let (rule, message) = match refused.why {
            Why::Malformed { message, .. } => ("malformed-request", message.to_owned()),
            Why::TooLarge(most) => (
                "too-large",
                format!("the request body is larger than {most} bytes"),
            ),
        };
        let rule = rule.into();
        desk.record(Subject::CASE, Fact::RequestRefused { rule, message });
    }
    answer
}

fn refusal(protocol: &'static dyn Protocol, problem: &Problem<'_>, asking: &Asking<'_>) -> Answer {
    let error = retry::error_answer(protocol, problem, asking);
    let response = one_frame(protocol.head(&Head::of(&error), asking), error.body);
    Answer {
        error: Some(error.sent),
        ..Answer::new(protocol, response, error.status)
    }
}

fn one_frame(head: Vec<u8>, body: Vec<u8>) -> Response {
    Response {
        head,
        frames: vec![Frame {
            bytes: 0..body.len(),
            is_event: false,
        }],
        body,
        ..Response::default()
    }
}
