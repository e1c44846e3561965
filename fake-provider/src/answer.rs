//! Decides what a request is answered: routes it, addresses it, checks it, asks the script. Records what was read; sends
//! nothing.

use fault_io::{Frame, Framing, Response};
use journal::{ErrorSent, Fact, Subject};
use provider_script::{Entry, Reply};
use serde_json::Value;
use wire_faults::{Action, Fault, Point};

use crate::addressing::Address;
use crate::chat::errors::ErrorBody;
use crate::chat::head::Head;
use crate::chat::models;
use crate::chat::reply::{Intended, Rendering};
use crate::chat::request::ChatRequest;
use crate::chat::rules::{self, Violation};
use crate::credential::Presented;
use crate::desk::Desk;
use crate::draw::Draw;
use crate::http::Request;

/// What the model says where the script wants it to say something and does not say what.
const NEUTRAL: &str = "All right.";

/// An answer that has not been sent.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    pub(crate) response: Response,
    pub(crate) subject: Subject,
    /// The entry of the script that it is.
    pub(crate) entry: Option<usize>,
    pub(crate) status: u16,
    pub(crate) error: Option<ErrorSent>,
    /// What goes wrong with it.
    pub(crate) fault: Option<Fault>,
    pub(crate) tool_calls: Vec<Intended>,
    /// Where it belongs in its run, for what comes next; nothing for anything but a completion.
    pub(crate) address: Option<Address>,
    pub(crate) model: String,
}

/// Reads a request and decides its answer.
pub(crate) fn answer(desk: &Desk, request: &Request, connection: u64) -> Answer {
    let path = request.path.trim_end_matches('/');
    let mut answer = match (request.method.as_str(), path) {
        ("POST", "/v1/chat/completions" | "/chat/completions") => {
            completion(desk, request, connection)
        }
        (_, "/v1/chat/completions" | "/chat/completions") => {
            elsewhere(desk, request, connection, Elsewhere::NotAllowed("POST"))
        }
        ("GET", "/v1/models" | "/models") => {
            let list = models::list(&desk.options.script);
            elsewhere(desk, request, connection, Elsewhere::Found(list))
        }
        (method, path) => {
            let model = path
                .strip_prefix("/v1/models/")
                .or(path.strip_prefix("/models/"));
            let is_list = matches!(path, "/v1/models" | "/models");
            let answer = match (method, model) {
                ("GET", Some(model)) => Elsewhere::Found(models::one(model)),
                (_, Some(_)) => Elsewhere::NotAllowed("GET"),
                _ if is_list => Elsewhere::NotAllowed("GET"),
                _ => Elsewhere::NotFound,
            };
            elsewhere(desk, request, connection, answer)
        }
    };
    answer.response.closes = !request.keep_alive;
    if answer.response.framing == Framing::Chunked && !request.chunks {
        answer.response.framing = Framing::CloseDelimited;
    }
    answer
}

/// The answer to what is not HTTP: in the provider's shape, and the last one on its connection.
pub(crate) fn malformed(desk: &Desk, status: u16, message: &str) -> Answer {
    let error = ErrorBody::invalid(status, None, message);
    let mut answer = refusal(Draw::new(desk.options.seed, None), &error);
    answer.response.closes = true;
    answer
}

/// An answer to a request that is not for a completion.
enum Elsewhere {
    Found(Value),
    NotAllowed(&'static str),
    NotFound,
}

fn elsewhere(desk: &Desk, request: &Request, connection: u64, answer: Elsewhere) -> Answer {
    let presented = desk.present(request.authorization.as_deref());
    let seen = Seen {
        request,
        connection,
        alias: &presented.alias,
    };
    seen.record(desk, Subject::CASE, &ChatRequest::default(), &Value::Null);
    let draw = Draw::new(desk.options.seed, None);
    if presented.refused {
        return refusal(draw, &ErrorBody::unauthorized(presented.key.as_deref()));
    }
    let Request { method, path, .. } = request;
    match answer {
        Elsewhere::Found(value) => document(draw, value.to_string().into_bytes()),
        Elsewhere::NotAllowed(allowed) => {
            let message = format!(
                "Not allowed to {method} on {path}. (HINT: Perhaps you meant to use a different HTTP method?)"
            );
            let error = ErrorBody::invalid(405, Some("method_not_supported"), message);
            refusal_allowing(draw, &error, Some(allowed))
        }
        Elsewhere::NotFound => refusal(
            draw,
            &ErrorBody::invalid(404, None, format!("Invalid URL ({method} {path})")),
        ),
    }
}

fn document(draw: Draw, body: Vec<u8>) -> Answer {
    let head = Head {
        status: 200,
        content_type: "application/json",
        retry_after: None,
        allow: None,
    };
    Answer {
        response: one_frame(head.render(draw), body),
        status: head.status,
        ..Answer::default()
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

fn refusal(draw: Draw, error: &ErrorBody) -> Answer {
    refusal_allowing(draw, error, None)
}

fn refusal_allowing(draw: Draw, error: &ErrorBody, allow: Option<&str>) -> Answer {
    let (body, content_type, sent) = error.render(draw);
    let head = Head {
        status: error.status,
        content_type,
        retry_after: error.retry_after.as_deref(),
        allow,
    };
    Answer {
        response: one_frame(head.render(draw), body),
        status: error.status,
        error: Some(sent),
        ..Answer::default()
    }
}

/// How many of the newest answers in a request's history are recorded: a continued answer has at most a few parts.
const SAID_BEFORE: usize = 8;

/// What every request is recorded with.
struct Seen<'a> {
    request: &'a Request,
    connection: u64,
    alias: &'a str,
}

impl Seen<'_> {
    fn record(&self, desk: &Desk, subject: Subject, chat: &ChatRequest, body: &Value) {
        let scrub = desk.scrub();
        let tool_calls = chat.tool_calls().map(|call| journal::SeenToolCall {
            arguments: scrub.text(&call.arguments),
            ..call.clone()
        });
        let tool_results = chat.tool_results().map(|result| journal::SeenToolResult {
            content: scrub.excerpt(&result.content),
            ..result.clone()
        });
        let mut said_before: Vec<_> = chat
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
            model: chat.model.clone(),
            streamed: chat.streamed,
            credential: self.alias.to_owned(),
            auxiliary: subject.run.is_none(),
            messages: u32::try_from(chat.turns.len()).unwrap_or(u32::MAX),
            tool_calls: tool_calls.collect(),
            tool_results: tool_results.collect(),
            said_before,
            digest,
        };
        desk.record(subject, fact);
    }
}

fn completion(desk: &Desk, request: &Request, connection: u64) -> Answer {
    let body = serde_json::from_slice::<Value>(&request.body);
    let chat = body.as_ref().map(ChatRequest::read).unwrap_or_default();
    // What cannot be read has no address, and nobody's attempts are counted up by it.
    let address = body
        .is_ok()
        .then(|| desk.address(&chat.turns, chat.offers_tools));
    let subject = address.map_or(Subject::CASE, |address| address.subject());
    let presented = desk.present(request.authorization.as_deref());
    let seen = Seen {
        request,
        connection,
        alias: &presented.alias,
    };
    seen.record(desk, subject, &chat, body.as_ref().unwrap_or(&Value::Null));
    let draw = Draw::new(desk.options.seed, address);
    let answer = match (address, refused(desk, &body, &presented)) {
        (_, Some((rule, error))) => {
            let message = desk.scrub().text(&presented.hidden(&error.message));
            desk.record(
                subject,
                Fact::RequestRefused {
                    rule: rule.into(),
                    message,
                },
            );
            refusal(draw, &error)
        }
        (None, None) => refusal(draw, &ErrorBody::violation(Violation::not_json())),
        (Some(address), None) => scripted(desk, &chat, address, &presented),
    };
    Answer {
        subject,
        address,
        model: chat.model.unwrap_or_default(),
        ..answer
    }
}

/// Whether the request is refused before anybody thinks about it: the rule, and what is said.
fn refused(
    desk: &Desk,
    body: &Result<Value, serde_json::Error>,
    presented: &Presented,
) -> Option<(&'static str, ErrorBody)> {
    if presented.refused {
        return Some((
            "unknown-credential",
            ErrorBody::unauthorized(presented.key.as_deref()),
        ));
    }
    let violation = match body {
        Ok(body) => rules::check(body, &desk.raw_arguments()).err()?,
        Err(_) => Violation::not_json(),
    };
    Some((violation.rule, ErrorBody::violation(violation)))
}

fn scripted(desk: &Desk, chat: &ChatRequest, address: Address, presented: &Presented) -> Answer {
    let model = chat.model.as_deref().unwrap_or_default();
    let draw = Draw::new(desk.options.seed, Some(address));
    let Some((index, entry)) = desk.options.script.answer(&address.asked(model)) else {
        if address.auxiliary() {
            return reply(desk, chat, address, &neutral());
        }
        let what = unscripted(address);
        desk.record(address.subject(), Fact::Unscripted { what: what.clone() });
        let message = format!("unscripted request: {what}");
        return refusal(
            draw,
            &ErrorBody::invalid(400, Some("unscripted_request"), message),
        );
    };
    let fault = entry
        .fault
        .clone()
        .filter(|fault| fault.point != Point::Connect && !desk.lifted());
    let answer = match &fault {
        Some(Fault {
            action: Action::Status(status),
            ..
        }) => refusal(
            draw,
            &ErrorBody::scripted(status, model, presented.key.as_deref()),
        ),
        _ => reply(desk, chat, address, &said_by(entry)),
    };
    Answer {
        entry: Some(index),
        fault,
        ..answer
    }
}

fn said_by(entry: &Entry) -> Reply {
    entry.reply.clone().unwrap_or_else(neutral)
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

fn reply(desk: &Desk, chat: &ChatRequest, address: Address, reply: &Reply) -> Answer {
    let rendering = Rendering {
        reply,
        model: chat.model.as_deref().unwrap_or_default(),
        tools: &desk.options.tools,
        address,
        draw: Draw::new(desk.options.seed, Some(address)),
        delta_bytes: desk.options.delta_bytes,
        include_usage: chat.include_usage,
    };
    let tool_calls = rendering.tool_calls();
    let response = match chat.streamed {
        true => rendering.streamed(&tool_calls),
        false => rendering.whole(&tool_calls),
    };
    Answer {
        response,
        status: 200,
        tool_calls,
        ..Answer::default()
    }
}
