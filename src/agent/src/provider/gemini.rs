//! Google Gemini (`generateContent`).

mod body;
mod reader;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::fields;
use super::protocol::{AnswerReader, Protocol};
use super::question::Question;
use crate::registry::CredentialHeader;

/// What a model's name keeps in a path: tuned ones have a slash.
const KEPT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'/');

/// The dialect.
pub(super) struct Gemini;

impl Protocol for Gemini {
    fn route(&self, model: &str, streaming: bool) -> String {
        let collection = if model.contains('/') { "" } else { "models/" };
        let model = utf8_percent_encode(model, KEPT);
        let method = if streaming {
            "streamGenerateContent?alt=sse"
        } else {
            "generateContent"
        };
        format!("v1beta/{collection}{model}:{method}")
    }

    fn credential(&self) -> CredentialHeader {
        CredentialHeader::Key("x-goog-api-key")
    }

    fn body(&self, question: &Question, _: &str) -> Value {
        body::render(question)
    }

    fn reader(&self, question: &Question) -> Box<dyn AnswerReader> {
        Box::new(reader::GeminiReader::after(question))
    }

    fn models_route(&self) -> &'static str {
        "v1beta/models"
    }

    fn model_names(&self, list: &Value) -> Vec<String> {
        let names = fields::texts_of(list, "models", "name").into_iter();
        let bare = |name: String| {
            name.strip_prefix("models/")
                .map(str::to_owned)
                .unwrap_or(name)
        };
        names.map(bare).collect()
    }
}
