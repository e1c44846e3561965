//! What a client of each dialect is told about its provider: the address, and the names of the variables that it looks at.

use fake_provider::FakeProvider;
use scenario::Dialect;

/// The provider's name for a dialect of a plan.
pub(crate) const fn protocol(dialect: Dialect) -> fake_provider::Dialect {
    match dialect {
        Dialect::OpenaiChat => fake_provider::Dialect::OpenaiChat,
        Dialect::OpenaiResponses => fake_provider::Dialect::OpenaiResponses,
        Dialect::AnthropicMessages => fake_provider::Dialect::AnthropicMessages,
        Dialect::Gemini => fake_provider::Dialect::Gemini,
        Dialect::Ollama => fake_provider::Dialect::Ollama,
    }
}

/// The address without a version.
pub(crate) fn root_url(provider: &FakeProvider) -> String {
    provider.root_url()
}

/// The address as a client of the dialect wants it.
pub(crate) fn base_url(provider: &FakeProvider, dialect: Dialect) -> String {
    let root = root_url(provider);
    match dialect.base_url_has_version() {
        true => format!("{root}/v1"),
        false => root,
    }
}

/// The variables that the provider's own clients take its address and the key from. Sources: the READMEs of `openai`,
/// `anthropic` and `ollama` for Python; `google-genai`, `_api_client.py` (`GOOGLE_GEMINI_BASE_URL`, `GEMINI_API_KEY`).
pub(crate) const fn variables(dialect: Dialect) -> (&'static str, &'static str) {
    match dialect {
        Dialect::OpenaiChat | Dialect::OpenaiResponses => ("OPENAI_BASE_URL", "OPENAI_API_KEY"),
        Dialect::AnthropicMessages => ("ANTHROPIC_BASE_URL", "ANTHROPIC_API_KEY"),
        Dialect::Gemini => ("GOOGLE_GEMINI_BASE_URL", "GEMINI_API_KEY"),
        Dialect::Ollama => ("OLLAMA_HOST", "OLLAMA_API_KEY"),
    }
}
