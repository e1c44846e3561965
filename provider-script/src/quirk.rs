//! The habits of providers that speak a dialect with an accent. Only names: what each does to the bytes is the dialect's.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A provider whose answers differ from the dialect's usual ones. A dialect that it does not speak is left as it is.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Quirk {
    /// Azure `OpenAI`: a first chunk without choices that tells the filter's results, errors without type and param, limits in
    /// whole seconds.
    Azure,
    /// `DeepSeek`: `reasoning_content`, its own words for 400, 401 and 402.
    Deepseek,
    /// `OpenRouter`: comments while it waits, errors inside the stream as a chunk, numbers as error codes.
    Openrouter,
    /// vLLM: errors without an `error` member, and FastAPI's `detail` for what it cannot validate.
    Vllm,
    /// Gateways that send `finish_reason: ""` with every chunk.
    EmptyFinish,
}

impl Quirk {
    /// Every quirk.
    pub const ALL: [Self; 5] = [
        Self::Azure,
        Self::Deepseek,
        Self::Openrouter,
        Self::Vllm,
        Self::EmptyFinish,
    ];

    /// The name as it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Azure => "azure",
            Self::Deepseek => "deepseek",
            Self::Openrouter => "openrouter",
            Self::Vllm => "vllm",
            Self::EmptyFinish => "empty-finish",
        }
    }
}

impl fmt::Display for Quirk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
