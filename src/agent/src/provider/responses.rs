//! OpenAI Responses, stateless: every question carries the whole conversation, and nothing is stored at the provider.

mod body;
mod reader;

use serde_json::Value;

use super::fields;
use super::protocol::{AnswerReader, Protocol};
use super::question::Question;

/// The dialect.
pub(super) struct Responses;

impl Protocol for Responses {
    fn route(&self, _: &str, _: bool) -> String {
        "responses".to_owned()
    }

    fn body(&self, question: &Question, model: &str) -> Value {
        body::render(question, model)
    }

    fn reader(&self, _: &Question) -> Box<dyn AnswerReader> {
        Box::new(reader::ResponsesReader::default())
    }

    fn models_route(&self) -> &'static str {
        "models"
    }

    fn model_names(&self, list: &Value) -> Vec<String> {
        fields::texts_of(list, "data", "id")
    }
}
