//! A reply in the middle of a case, for the tests of every dialect.

use provider_script::Reply;

use crate::addressing::Address;
use crate::draw::Draw;
use crate::http::Request;
use crate::json::Value;
use crate::protocol::{Asking, Conversation, Intended, Rendering};
use crate::tool_names::ToolNames;

/// Attempt 1 of call 2 of run 1, for a model whose name needs escapes.
#[derive(Debug)]
pub(crate) struct Example {
    pub(crate) reply: Reply,
    pub(crate) calls: Vec<Intended>,
    pub(crate) conversation: Conversation,
    pub(crate) request: Request,
    address: Address,
}

impl Example {
    /// This reply, with ids of tool calls as they are without a dialect.
    pub(crate) fn of(reply: &Reply, streamed: bool) -> Self {
        let address = Address {
            run: Some(1),
            call: 2,
            attempt: 1,
        };
        let tools = ToolNames::default();
        let calls = reply
            .tool_calls
            .iter()
            .zip(0..)
            .map(|(call, index)| Intended {
                id: address.tool_id(index).to_string(),
                tool: tools.name(&call.tool).to_owned(),
                arguments: tools.arguments(call),
            });
        Self {
            calls: calls.collect(),
            reply: reply.clone(),
            conversation: Conversation {
                model: Some("m\"odel".into()),
                streamed,
                ..Conversation::default()
            },
            request: Request::default(),
            address,
        }
    }

    /// What it is rendered for, in pieces of five bytes.
    pub(crate) fn rendering<'a>(&'a self, body: &'a Value<'a>) -> Rendering<'a> {
        Rendering {
            reply: &self.reply,
            calls: &self.calls,
            conversation: &self.conversation,
            body,
            asking: Asking {
                request: &self.request,
                model: self.conversation.model.as_deref().unwrap_or_default(),
                key: None,
                draw: Draw::new(3, Some(self.address)),
                quirk: None,
            },
            delta_bytes: 5,
        }
    }
}
