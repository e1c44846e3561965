//! Decides what a request is answered: routes it, addresses it, checks it, asks the script. Records what was read; sends
//! nothing.

use std::borrow::Cow;

use fault_io::{Frame, Framing, Response};
use journal::{ErrorSent, Fact, Subject};
use provider_script::Reply;
use wire_faults::{Action, Fault};

use crate::addressing::Address;
use crate::breaking;
use crate::carried::{self, Carries};
use crate::credential::Presented;
use crate::desk::Desk;
use crate::dialects;
use crate::draw::Draw;
use crate::http::{Refused, Request, Why};
use crate::json::Value;
use crate::metrics::{Kind, Purpose};
use crate::protocol::{
    Around, Asking, Checked, Conversation, Head, Intended, Operation, Problem, Protocol, Rendering,
};
use crate::retry;
use crate::timing::pauses;

/// What the model says where the script wants it to say something and does not say what.
const NEUTRAL: &str = "All right.";

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

/// So much of a name that nobody knows is repeated.
const MOST_OF_A_NAME: usize = 64;

/// How many of the newest answers in a request's history are recorded: a continued answer has at most a few parts.
const SAID_BEFORE: usize = 8;

/// A request that is being answered.
struct Asked<'a> {
    desk: &'a Desk,
    protocol: &'static dyn Protocol,
    request: &'a Request,
    connection: u64,
    presented: Presented,
}

impl Asked<'_> {
    fn asking<'a>(&'a self, address: Option<Address>, model: &'a str) -> Asking<'a> {
        Asking {
            request: self.request,
            model,
            key: self.presented.key.as_deref(),
            draw: Draw::new(self.desk.options.seed, address),
            quirk: self.desk.options.quirk,
        }
    }

    /// An answer to what is not for the model.
    fn document(&self) -> Answer {
        let around = Around {
            script: &self.desk.options.script,
            models: &self.desk.options.models,
            memory: &self.desk.memory,
            seed: self.desk.options.seed,
        };
        let unknown = || self.unknown(&self.protocol.model_of(self.request)?);
        if !around.models.is_empty()
            && let Some(problem) = unknown()
        {
            return self.elsewhere(&problem);
        }
        let document = match self.protocol.document(self.request, &around) {
            Ok(document) => document,
            Err(problem) => return self.elsewhere(&problem),
        };
        if self.presented.refused {
            return self.elsewhere(&Problem::Unauthorized);
        }
        self.record(Subject::CASE, &Conversation::default(), &Value::Null);
        let asking = self.asking(None, "");
        let head = self.protocol.head(&Head::ok("application/json"), &asking);
        let response = one_frame(head, document.to_string().into_bytes());
        Answer::new(self.protocol, response, 200)
    }

    /// An error for what is not for the model. A wrong key is told first.
    fn elsewhere(&self, problem: &Problem<'_>) -> Answer {
        self.record(Subject::CASE, &Conversation::default(), &Value::Null);
        let asking = self.asking(None, "");
        match self.presented.refused {
            true => refusal(self.protocol, &Problem::Unauthorized, &asking),
            false => refusal(self.protocol, problem, &asking),
        }
    }

    fn completion(&self) -> Answer {
        let desk = self.desk;
        let body = serde_json::from_slice::<Value>(&self.request.body);
        let read = body.as_ref().ok();
        let conversation = read
            .map(|body| self.protocol.conversation(self.request, body, &desk.memory))
            .unwrap_or_default();
        // What cannot be read has no address, and nobody's attempts are counted up by it.
        let address = read.map(|body| {
            let named = desk.tells_conversations_apart();
            let named = named.then(|| carried::conversation(self.request, body));
            desk.address(
                &conversation.turns,
                conversation.offers_tools,
                named.flatten(),
            )
        });
        let subject = address.map_or(Subject::CASE, |address| address.subject());
        self.record(subject, &conversation, read.unwrap_or(&Value::Null));
        let model = conversation.model.as_deref().unwrap_or_default();
        let asking = self.asking(address, model);
        let answer = match (read, address, self.refused(read, model)) {
            (Some(body), Some(address), None) => {
                self.scripted(&conversation, body, (address, &asking))
            }
            (_, _, problem) => {
                let problem = problem.unwrap_or(Problem::NotJson);
                let answer = refusal(self.protocol, &problem, &asking);
                self.record_refusal(subject, &problem, &answer);
                answer
            }
        };
        Answer {
            subject,
            address,
            model: model.to_owned(),
            ..answer
        }
    }

    /// Whether the request is refused before anybody thinks about it.
    fn refused(&self, body: Option<&Value>, model: &str) -> Option<Problem<'static>> {
        if self.presented.refused {
            return Some(Problem::Unauthorized);
        }
        let Some(body) = body else {
            return Some(Problem::NotJson);
        };
        let raw_arguments = self.desk.raw_arguments();
        let checked = Checked {
            request: self.request,
            body,
            raw_arguments: &raw_arguments,
            memory: &self.desk.memory,
        };
        let violation = self.protocol.check(&checked).err();
        let problem = violation.map(Problem::Violation);
        problem.or_else(|| self.unknown(model))
    }

    /// Whether there is no such model.
    fn unknown(&self, model: &str) -> Option<Problem<'static>> {
        let models = &self.desk.options.models;
        let mut known = models
            .iter()
            .map(|known| self.protocol.is_model(known, model));
        let known = models.is_empty() || known.any(|known| known);
        (!known).then(|| Problem::UnknownModel(model.to_owned()))
    }

    fn scripted(
        &self,
        conversation: &Conversation,
        body: &Value,
        (address, asking): (Address, &Asking<'_>),
    ) -> Answer {
        let desk = self.desk;
        let carried = Carries {
            request: self.request,
            conversation,
            body,
        };
        let Some((index, entry)) = desk.scripted(address, asking.model, &carried) else {
            if address.auxiliary() {
                return self.reply(&neutral(), (conversation, body), (address, asking));
            }
            let what = unscripted(address);
            desk.record(address.subject(), Fact::Unscripted { what: what.clone() });
            let problem = Problem::Unscripted(format!("unscripted request: {what}"));
            return refusal(self.protocol, &problem, asking);
        };
        let asking = Asking {
            quirk: entry.quirk.or(asking.quirk),
            ..*asking
        };
        let faults = match desk.lifted() {
            true => Vec::new(),
            false => breaking::in_the_answer(entry),
        };
        let status = faults.iter().find_map(|(_, fault)| match &fault.action {
            Action::Status(status) => Some(status),
            _ => None,
        });
        let answer = match status {
            Some(status) => {
                let status = retry::dated(status, &desk.options.clock);
                refusal(self.protocol, &Problem::Scripted(&status), &asking)
            }
            None => {
                let asked = (conversation, body);
                let reply = entry
                    .reply
                    .as_ref()
                    .map_or_else(|| Cow::Owned(neutral()), Cow::Borrowed);
                self.broken_reply(&reply, &faults, asked, (address, &asking))
            }
        };
        Answer {
            entry: Some(index),
            faults,
            ..answer
        }
    }

    fn reply(
        &self,
        reply: &Reply,
        asked: (&Conversation, &Value),
        at: (Address, &Asking<'_>),
    ) -> Answer {
        self.broken_reply(reply, &[], asked, at)
    }

    /// A reply, with what the dialect has to say for the faults that will happen to it.
    fn broken_reply(
        &self,
        reply: &Reply,
        faults: &[(usize, Fault)],
        (conversation, body): (&Conversation, &Value),
        (address, asking): (Address, &Asking<'_>),
    ) -> Answer {
        let tools = &self.desk.options.tools;
        let calls = reply.tool_calls.iter().zip(0..);
        let calls: Vec<Intended> = calls
            .map(|(call, index)| Intended {
                id: self.protocol.tool_call_id(address.tool_id(index)),
                tool: tools.name(&call.tool).to_owned(),
                arguments: tools.arguments(call),
            })
            .collect();
        let rendering = Rendering {
            reply,
            calls: &calls,
            conversation,
            body,
            asking: *asking,
            delta_bytes: self.desk.options.delta_bytes,
        };
        let mut response = self.protocol.reply(&rendering);
        response.seed = self.desk.options.seed;
        response.pauses = pauses(reply, &self.desk.options.timing, &asking.draw, &response);
        if let Some(framing) = reply.framing {
            response.framing = breaking::framing(framing);
        }
        let error = match faults.is_empty() {
            true => None,
            false => breaking::prepare(&mut response, &rendering, (self.protocol, faults)),
        };
        if let Some((id, answer)) = self.protocol.remembered(&rendering) {
            self.desk.memory.remember(id, answer);
        }
        Answer {
            tool_calls: calls,
            error,
            streamed: conversation.streamed,
            ..Answer::new(self.protocol, response, 200)
        }
    }

    fn record(&self, subject: Subject, conversation: &Conversation, body: &Value) {
        if !self.desk.is_recorded() {
            return;
        }
        let scrub = self.desk.scrub();
        let tool_calls = conversation.tool_calls().map(|call| journal::SeenToolCall {
            arguments: scrub.text(&call.arguments),
            ..call.clone()
        });
        let tool_results = conversation
            .tool_results()
            .map(|result| journal::SeenToolResult {
                content: scrub.excerpt(&result.content),
                ..result.clone()
            });
        let mut said_before: Vec<_> = conversation
            .said_before()
            .rev()
            .take(SAID_BEFORE)
            .map(|text| scrub.excerpt(text))
            .collect();
        said_before.reverse();
        let digest = match body {
            Value::Null => scrub.digest(&self.request.body),
            body => scrub.digest_of(body),
        };
        let fact = Fact::Request {
            connection: self.connection,
            method: self.request.method.clone(),
            path: scrub.text(&self.request.path),
            model: conversation.model.clone(),
            streamed: conversation.streamed,
            credential: self.presented.alias.clone(),
            auxiliary: subject.run.is_none(),
            messages: u32::try_from(conversation.turns.len()).unwrap_or(u32::MAX),
            tool_calls: tool_calls.collect(),
            tool_results: tool_results.collect(),
            said_before,
            digest,
        };
        self.desk.record(subject, fact);
    }

    fn record_refusal(&self, subject: Subject, problem: &Problem<'_>, answer: &Answer) {
        let rule = match problem {
            Problem::Violation(violation) => violation.rule,
            Problem::Unauthorized => "unknown-credential",
            Problem::UnknownModel(_) => "unknown-model",
            _ => "not-json",
        };
        let said = match problem {
            Problem::Violation(violation) => violation.message.clone(),
            _ => String::from_utf8_lossy(&answer.response.body).into_owned(),
        };
        let message = self.desk.scrub().excerpt(&self.presented.hidden(&said));
        let rule = rule.into();
        self.desk
            .record(subject, Fact::RequestRefused { rule, message });
    }
}

fn neutral() -> Reply {
    Reply {
        text: Some(NEUTRAL.into()),
        ..Reply::default()
    }
}

fn unscripted(address: Address) -> String {
    let Address { call, attempt, .. } = address;
    let kind = if attempt > 1 { "a retry" } else { "a new call" };
    format!("call {call} attempt {attempt}, {kind}")
}
