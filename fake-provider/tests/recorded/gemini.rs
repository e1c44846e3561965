//! Gemini: what was recorded, said again. Knows the dialect's bytes, and no encoder.

mod known;
mod said;

use serde_json::{Value, json};

use crate::dialect::{self, Asks, Dialect};
use crate::index::Exchange;

/// Gemini.
pub(crate) const DIALECT: Dialect = Dialect {
    folder: "gemini",
    entry: said::entry,
    asks,
    frames: dialect::events,
    kind,
    constant: &["modelVersion", "responseId"],
    kinds: &[
        "stream-text",
        "stream-tool-call",
        "stream-parallel-tool-calls",
        "stream-reasoning",
        "stream-error",
        "stream-text-array",
        "stream-tool-call-id-array",
        "whole-text",
        "whole-tool-call",
        "whole-parallel-tool-calls",
        "whole-reasoning",
        "whole-prompt-blocked",
        "count-tokens",
        "error-400",
        "error-403",
        "error-404",
        "error-429",
        "error-500",
        "error-503",
    ],
    known: known::KNOWN,
};

/// The model that answered, which decides where the finish reason stands.
fn model(exchange: &Exchange) -> &str {
    let told = exchange.body.split_once("\"modelVersion\": \"");
    let name = told.and_then(|(_, rest)| rest.split('"').next());
    name.unwrap_or("gemini-2.5-flash")
}

fn asks(exchange: &Exchange) -> Asks {
    let headers = exchange.headers();
    let events = exchange.is_stream()
        || headers.contains(&("content-type".to_owned(), "text/event-stream".to_owned()));
    let method = match &exchange.file {
        _ if events => "streamGenerateContent?alt=sse",
        file if file.contains("-array-") => "streamGenerateContent",
        file if file.starts_with("count-tokens") => "countTokens",
        _ => "generateContent",
    };
    Asks {
        path: format!("/v1beta/models/{}:{method}", model(exchange)),
        headers: vec![("x-goog-api-key", "k")],
        body: json!({"contents": [{"role": "user", "parts": [{"text": "Say this is a test"}]}]}),
    }
}

fn kind(frame: &Value) -> String {
    let candidate = &frame["candidates"][0];
    let part = &candidate["content"]["parts"][0];
    let what = match part {
        part if part["functionCall"].is_object() => "calls",
        part if part["thought"] == true => "thought",
        _ => "text",
    };
    match candidate["finishReason"].is_string() {
        true => format!("{what} and finish"),
        false => what.to_owned(),
    }
}
