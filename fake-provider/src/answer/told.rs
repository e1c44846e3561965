//! What the journal is told of a request, and of why it was refused. Keys and this machine's own values stay out of it.

use journal::{Fact, Subject};

use super::Answer;
use super::asked::Asked;
use crate::json::Value;
use crate::protocol::{Conversation, Problem};

/// How many of the newest answers in a request's history are recorded: a continued answer has at most a few parts.
const SAID_BEFORE: usize = 8;

impl Asked<'_> {
    pub(super) fn record(&self, subject: Subject, conversation: &Conversation, body: &Value) {
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

    pub(super) fn record_refusal(&self, subject: Subject, problem: &Problem<'_>, answer: &Answer) {
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
