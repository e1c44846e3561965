//! The protocols of providers, by name. How one is spoken is `provider`'s business.

use serde::{Deserialize, Serialize};

/// A provider's protocol.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Dialect {
    /// OpenAI Chat Completions, which most other providers speak too.
    #[default]
    OpenaiChat,
    /// OpenAI Responses.
    OpenaiResponses,
    /// Anthropic Messages.
    AnthropicMessages,
    /// Google Gemini.
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

    /// Its name in files, in the environment and on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::OpenaiChat => "openai-chat",
            Self::OpenaiResponses => "openai-responses",
            Self::AnthropicMessages => "anthropic-messages",
            Self::Gemini => "gemini",
            Self::Ollama => "ollama",
        }
    }

    /// The dialect of that name.
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|dialect| dialect.name() == name)
    }

    /// The base URL of whoever the dialect comes from. The OpenAI ones have their version in it, as their SDKs do.
    #[must_use]
    pub const fn default_base_url(self) -> &'static str {
        match self {
            Self::OpenaiChat | Self::OpenaiResponses => "https://api.openai.com/v1",
            Self::AnthropicMessages => "https://api.anthropic.com",
            Self::Gemini => "https://generativelanguage.googleapis.com",
            Self::Ollama => "http://localhost:11434",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Dialect;

    #[test]
    fn files_use_the_same_names_as_everybody_else() {
        for dialect in Dialect::ALL {
            assert_eq!(
                serde_json::to_value(dialect).unwrap(),
                dialect.name(),
                "{dialect:?}"
            );
            assert_eq!(Dialect::find(dialect.name()), Some(dialect));
        }
        assert_eq!(Dialect::find("openai"), None);
    }
}
