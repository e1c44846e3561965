//! Ollama's own API (`/api/chat`). A local server wants no key; one that is set is sent as a bearer token.

mod body;
mod reader;

use serde_json::Value;

use super::fields;
use super::items::Framing;
use super::protocol::{AnswerReader, Protocol};
use super::question::Question;

/// The dialect.
pub(super) struct Ollama;

impl Protocol for Ollama {
    fn route(&self, _: &str, _: bool) -> String {
        "api/chat".to_owned()
    }

    fn framing(&self) -> Framing {
        Framing::JsonLines
    }

    fn body(&self, question: &Question, model: &str) -> Value {
        body::render(question, model)
    }

    fn reader(&self, question: &Question) -> Box<dyn AnswerReader> {
        Box::new(reader::OllamaReader::after(question))
    }

    fn models_route(&self) -> &'static str {
        "api/tags"
    }

    fn model_names(&self, list: &Value) -> Vec<String> {
        fields::texts_of(list, "models", "name")
    }
}
