//! What a conversation consists of, in terms of our own: how a provider wants it written is `provider::body`'s business.

use serde::{Deserialize, Serialize};

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
            } => {
                let calls = tool_calls
                    .iter()
                    .map(|call| call.name.len() + call.arguments.chars().count());
                content.chars().count() + calls.sum::<usize>()
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
