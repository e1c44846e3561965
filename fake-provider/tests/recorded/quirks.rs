//! Chat Completions with an accent: what was recorded of its relatives, said again. Knows bytes, and no encoder.

mod known;
mod said;

use serde_json::Value;

use crate::dialect::{self, Dialect};
use crate::index::Exchange;
use crate::openai_chat;

/// Azure.
pub(crate) const AZURE: Dialect = Dialect {
    folder: "azure",
    entry: |exchange| said::entry(exchange, "azure"),
    kinds: &["stream-text", "stream-tool-call", "whole-text", "error-429"],
    known: known::AZURE,
    kind,
    frames,
    ..openai_chat::DIALECT
};

/// DeepSeek.
pub(crate) const DEEPSEEK: Dialect = Dialect {
    folder: "deepseek",
    entry: |exchange| said::entry(exchange, "deepseek"),
    kinds: &["stream-reasoning", "whole-text", "error-401"],
    known: known::DEEPSEEK,
    kind,
    frames,
    ..openai_chat::DIALECT
};

/// OpenRouter.
pub(crate) const OPENROUTER: Dialect = Dialect {
    folder: "openrouter",
    entry: |exchange| said::entry(exchange, "openrouter"),
    kinds: &["stream-error", "error-404"],
    known: known::OPENROUTER,
    kind,
    frames,
    ..openai_chat::DIALECT
};

/// vLLM.
pub(crate) const VLLM: Dialect = Dialect {
    folder: "vllm",
    entry: |exchange| said::entry(exchange, "vllm"),
    kinds: &["error-400", "error-404", "error-422"],
    known: known::VLLM,
    kind,
    frames,
    ..openai_chat::DIALECT
};

/// A gateway whose finish reasons are empty.
pub(crate) const EMPTY_FINISH: Dialect = Dialect {
    folder: "empty-finish",
    entry: |exchange| said::entry(exchange, "empty-finish"),
    kinds: &["stream-text"],
    known: known::EMPTY_FINISH,
    kind,
    frames,
    ..openai_chat::DIALECT
};

/// Comments are no frames, and Azure's first frame is of no answer.
fn frames(stream: &str) -> Vec<Value> {
    dialect::events(stream)
}

fn kind(frame: &Value) -> String {
    let delta = &frame["choices"][0]["delta"];
    let what = match frame {
        frame if frame["prompt_filter_results"].is_array() => "filter",
        frame if frame["error"].is_object() => "error",
        frame if frame["choices"][0]["finish_reason"] == "" => "content",
        _ if delta["reasoning_content"].is_string() && delta["role"].is_null() => "thinking",
        _ if delta["reasoning"].is_string() => "thinking",
        frame => return (openai_chat::DIALECT.kind)(frame),
    };
    what.into()
}

/// What a relative has said, in an answer that is not an error.
fn is_answer(exchange: &Exchange) -> bool {
    exchange.status == 200
}
