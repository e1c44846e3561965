//! What a conversation consists of, in terms of our own: how a provider wants it written is `provider`'s business.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::config::Dialect;

/// One message of a conversation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "role", rename_all = "snake_case")]
pub enum Message {
    /// What we tell the model about its task.
    System {
        /// The text.
        content: String,
    },
    /// What the user said.
    User {
        /// The text.
        content: String,
    },
    /// What the model said.
    Assistant {
        /// Its text, empty when it only called tools.
        content: String,
        /// The calls it made, each answered by one [`Message::Tool`] right after this message.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        tool_calls: Vec<ToolCall>,
        /// What its provider wants to see again, if anything.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        keepsake: Option<Keepsake>,
    },
    /// The result of one tool call.
    Tool {
        /// The id of the call that this answers.
        call_id: String,
        /// The result's text.
        content: String,
    },
}

impl Message {
    /// What the user said.
    #[must_use]
    pub fn user(content: impl Into<String>) -> Self {
        Self::User {
            content: content.into(),
        }
    }

    /// What the model said, without tools.
    #[must_use]
    pub fn assistant(content: impl Into<String>) -> Self {
        Self::Assistant {
            content: content.into(),
            tool_calls: Vec::new(),
            keepsake: None,
        }
    }

    /// A rough size in tokens: a quarter of the characters plus the framing of a message.
    #[must_use]
    pub fn estimated_tokens(&self) -> usize {
        let characters = match self {
            Self::System { content } | Self::User { content } | Self::Tool { content, .. } => {
                content.chars().count()
            }
            Self::Assistant {
                content,
                tool_calls,
                keepsake,
            } => {
                let calls = tool_calls
                    .iter()
                    .map(|call| call.name.len() + call.arguments.chars().count());
                let kept = keepsake.iter().flat_map(|keepsake| &keepsake.blocks);
                content.chars().count()
                    + calls.sum::<usize>()
                    + kept.map(|block| block.to_string().len()).sum::<usize>()
            }
        };
        characters.div_ceil(4) + 4
    }
}

/// A call of a tool that arrived whole. Only the assembly of a whole answer makes one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToolCall {
    /// The provider's id of the call.
    pub id: String,
    /// The tool's name.
    pub name: String,
    /// The arguments, as the provider wrote them.
    pub arguments: String,
}

/// Parts of an answer that its provider wants back unchanged in the rounds of tools that follow (signed reasoning, say). Opaque
/// here; no other provider is shown them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Keepsake {
    /// Whose they are.
    pub dialect: Dialect,
    /// The parts, in the dialect's own form and in order.
    pub blocks: Vec<Value>,
}

/// Who said a message of a history that a client brought along.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HistoryRole {
    /// Instructions.
    System,
    /// The user.
    User,
    /// The model.
    Assistant,
}

/// One message of a history that a client brought along.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryMessage {
    /// Who said it.
    pub role: HistoryRole,
    /// The text.
    pub content: String,
}

impl From<HistoryMessage> for Message {
    fn from(message: HistoryMessage) -> Self {
        match message.role {
            HistoryRole::System => Self::System {
                content: message.content,
            },
            HistoryRole::User => Self::User {
                content: message.content,
            },
            HistoryRole::Assistant => Self::assistant(message.content),
        }
    }
}

/// The estimated size of a conversation in tokens.
#[must_use]
pub fn estimated_tokens(messages: &[Message]) -> usize {
    messages.iter().map(Message::estimated_tokens).sum()
}
