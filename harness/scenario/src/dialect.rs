//! The protocols a provider may speak, and what each can say of what a scenario asks for. Knows no bytes.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use wire_faults::{Form, Shape};

/// A provider's protocol.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Dialect {
    /// OpenAI Chat Completions.
    OpenaiChat,
    /// OpenAI Responses.
    OpenaiResponses,
    /// Anthropic Messages.
    AnthropicMessages,
    /// Gemini `generateContent`.
    Gemini,
    /// Ollama's own API.
    Ollama,
}

impl Dialect {
    /// Every dialect.
    pub const ALL: [Self; 5] = [
        Self::OpenaiChat,
        Self::OpenaiResponses,
        Self::AnthropicMessages,
        Self::Gemini,
        Self::Ollama,
    ];

    /// The name as it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OpenaiChat => "openai-chat",
            Self::OpenaiResponses => "openai-responses",
            Self::AnthropicMessages => "anthropic-messages",
            Self::Gemini => "gemini",
            Self::Ollama => "ollama",
        }
    }

    /// Whether clients of it are given a base URL that ends in `/v1`; the others add the version themselves.
    #[must_use]
    pub const fn base_url_has_version(self) -> bool {
        matches!(self, Self::OpenaiChat | Self::OpenaiResponses)
    }

    /// What an exchange in this dialect looks like, streamed or not, as far as it decides which faults are possible in it. Over
    /// plain HTTP/1.1.
    ///
    /// Sources: an end marker is Chat's `[DONE]` and Anthropic's `message_stop`; the others end with the event that says why
    /// (`response.completed`, `finishReason`, `done: true`). To keep a connection alive there are comments (`OpenRouter`),
    /// `keepalive` events (Responses) and `ping` (Anthropic); google-genai takes no line that is not `data: `, and Ollama has none.
    #[must_use]
    pub const fn shape(self, streamed: bool) -> Shape {
        if !streamed {
            return Shape::WHOLE;
        }
        let form = match self {
            Self::Ollama => Form::Lines,
            _ => Form::Sse,
        };
        Shape {
            form,
            has_end_marker: matches!(self, Self::OpenaiChat | Self::AnthropicMessages),
            end_marker_is_json: matches!(self, Self::AnthropicMessages),
            has_keep_alive: !matches!(self, Self::Gemini | Self::Ollama),
            ..Shape::STREAMED
        }
    }

    /// Whether the arguments of a tool call are sent as text, so that a model can write them wrongly.
    ///
    /// Anthropic streams them as text (`input_json_delta.partial_json`) and sends an object (`input`) otherwise; Gemini
    /// (`functionCall.args`) and Ollama (`function.arguments`) know objects alone.
    #[must_use]
    pub const fn sends_arguments_as_text(self, streamed: bool) -> bool {
        match self {
            Self::OpenaiChat | Self::OpenaiResponses => true,
            Self::AnthropicMessages => streamed,
            Self::Gemini | Self::Ollama => false,
        }
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dialect_is_stored_under_its_name() {
        for dialect in Dialect::ALL {
            let stored = serde_json::to_value(dialect).expect("is a word");
            assert_eq!(stored, dialect.as_str());
        }
    }
}
