//! The items of an answer: its reasoning, its message, its function calls.

use provider_script::Finish;
use serde_json::{Value, json};

use super::ids::Ids;
use super::part::Part;
use crate::protocol::{Intended, Rendering};

/// What an answer consists of, in its order.
#[derive(Debug)]
pub(super) struct Items<'a> {
    pub(super) ids: Ids,
    pub(super) reasoning: Option<Reasoning<'a>>,
    /// The parts of the message; none if there is no message.
    pub(super) message: Vec<Content<'a>>,
    pub(super) calls: &'a [Intended],
    /// Of every item but the reasoning, once it is done.
    status: &'static str,
}

/// What the model thought; without a text, that it thought.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reasoning<'a> {
    pub(super) text: &'a str,
    /// Where a summary is asked for, that is what is told, as by the provider's own models. Else the text itself, as servers of
    /// open models do.
    pub(super) summary: bool,
    /// Whether the item has to be carried by the client from request to request.
    encrypted: bool,
}

/// A part of the message.
#[derive(Debug, Clone, Copy)]
pub(super) enum Content<'a> {
    Text(&'a str),
    Refusal(&'a str),
}

impl<'a> Items<'a> {
    pub(super) fn new(rendering: &Rendering<'a>) -> Self {
        let (reply, body) = (rendering.reply, rendering.body);
        let include = body["include"].as_array().into_iter().flatten();
        let encrypted = include.filter(|wanted| *wanted == "reasoning.encrypted_content");
        let asked = &body["reasoning"];
        let reasoning = reply.reasoning.as_deref().map(|text| Reasoning {
            text,
            summary: asked["summary"].is_string(),
            encrypted: encrypted.count() > 0,
        });
        let text = reply.text.as_deref().map(Content::Text);
        let refusal = reply.refusal.as_deref().map(Content::Refusal);
        Self {
            ids: Ids::new(rendering.asking.draw),
            reasoning,
            message: text.into_iter().chain(refusal).collect(),
            calls: rendering.calls,
            status: match reply.finish() {
                Finish::Length | Finish::ContentFilter => "incomplete",
                Finish::Stop | Finish::ToolCalls => "completed",
            },
        }
    }

    /// All items, done.
    pub(super) fn done(&self) -> Part<'a> {
        let reasoning = self
            .reasoning
            .map(|reasoning| self.reasoning(reasoning, true));
        let message = (!self.message.is_empty()).then(|| self.message(true));
        let calls = self.calls.iter().map(|call| self.call(call, true));
        Part::List(reasoning.into_iter().chain(message).chain(calls).collect())
    }

    pub(super) fn reasoning(&self, reasoning: Reasoning<'a>, done: bool) -> Part<'a> {
        let mut item = vec![
            ("id", self.ids.reasoning().into()),
            ("type", "reasoning".into()),
        ];
        let told = |kind: &'static str| match done && !reasoning.text.is_empty() {
            true => {
                let text = Part::Reasoning(reasoning.text);
                Part::List(vec![Part::Object(vec![
                    ("type", kind.into()),
                    ("text", text),
                ])])
            }
            false => Part::List(Vec::new()),
        };
        if !reasoning.summary && !reasoning.text.is_empty() {
            item.push(("content", told("reasoning_text")));
        }
        if reasoning.encrypted {
            item.push(("encrypted_content", encrypted(reasoning.text).into()));
        }
        let summary = match reasoning.summary {
            true => told("summary_text"),
            false => Part::List(Vec::new()),
        };
        item.push(("summary", summary));
        Part::Object(item)
    }

    pub(super) fn message(&self, done: bool) -> Part<'a> {
        let content = match done {
            true => self.message.iter().map(|content| content.part()).collect(),
            false => Vec::new(),
        };
        Part::Object(vec![
            ("id", self.ids.message().into()),
            ("type", "message".into()),
            ("status", self.status(done).into()),
            ("content", Part::List(content)),
            ("role", "assistant".into()),
        ])
    }

    pub(super) fn call<'b>(&self, call: &'b Intended, done: bool) -> Part<'b> {
        let arguments = if done { call.arguments.as_str() } else { "" };
        Part::Object(vec![
            ("id", self.ids.call(&call.id).into()),
            ("type", "function_call".into()),
            ("status", self.status(done).into()),
            ("arguments", Part::Arguments(arguments)),
            ("call_id", call.id.as_str().into()),
            ("name", call.tool.as_str().into()),
        ])
    }

    const fn status(&self, done: bool) -> &'static str {
        if done { self.status } else { "in_progress" }
    }
}

impl<'a> Content<'a> {
    /// The whole part.
    pub(super) fn part(self) -> Part<'a> {
        match self {
            Self::Text(text) => output_text(Part::Text(text)),
            Self::Refusal(text) => refusal(Part::Text(text)),
        }
    }

    /// The part before anything is said in it.
    pub(super) fn begun(self) -> Part<'a> {
        match self {
            Self::Text(_) => output_text("".into()),
            Self::Refusal(_) => refusal("".into()),
        }
    }
}

fn output_text(text: Part<'_>) -> Part<'_> {
    Part::Object(vec![
        ("type", "output_text".into()),
        ("annotations", Part::List(Vec::new())),
        ("logprobs", Part::List(Vec::new())),
        ("text", text),
    ])
}

fn refusal(text: Part<'_>) -> Part<'_> {
    Part::Object(vec![("type", "refusal".into()), ("refusal", text)])
}

/// Stands for what only the provider could read: the shape of a Fernet token, and nothing in it.
fn encrypted(text: &str) -> Value {
    json!(format!("gAAAAAB{}", "brownout".repeat(4 + text.len() / 32)))
}
