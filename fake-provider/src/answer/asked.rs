//! One request that is being answered: what it says, who asks, what the script has for that. Sends nothing.

use std::borrow::Cow;

use journal::{Fact, Subject};
use provider_script::Reply;
use wire_faults::{Action, Fault};

use super::{Answer, one_frame, refusal};
use crate::addressing::Address;
use crate::breaking;
use crate::carried::{self, Carries};
use crate::credential::Presented;
use crate::desk::Desk;
use crate::draw::Draw;
use crate::http::Request;
use crate::json::Value;
use crate::protocol::{
    Around, Asking, Checked, Conversation, Head, Intended, Problem, Protocol, Rendering,
};
use crate::retry;
use crate::timing::pauses;

/// What the model says where the script wants it to say something and does not say what.
const NEUTRAL: &str = "All right.";

/// A request that is being answered.
pub(super) struct Asked<'a> {
    pub(super) desk: &'a Desk,
    pub(super) protocol: &'static dyn Protocol,
    pub(super) request: &'a Request,
    pub(super) connection: u64,
    pub(super) presented: Presented,
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
    pub(super) fn document(&self) -> Answer {
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
    pub(super) fn elsewhere(&self, problem: &Problem<'_>) -> Answer {
        self.record(Subject::CASE, &Conversation::default(), &Value::Null);
        let asking = self.asking(None, "");
        match self.presented.refused {
            true => refusal(self.protocol, &Problem::Unauthorized, &asking),
            false => refusal(self.protocol, problem, &asking),
        }
    }

    pub(super) fn completion(&self) -> Answer {
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
