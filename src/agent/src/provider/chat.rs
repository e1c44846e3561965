//! OpenAI Chat Completions, and the habits of those who copied it.

mod body;
mod reader;

use serde_json::Value;

use super::fields;
use super::protocol::{AnswerReader, Protocol};
use super::question::Question;
#[cfg(test)]
pub(super) use reader::pieces;

/// The dialect.
pub(super) struct Chat;

impl Protocol for Chat {
    fn route(&self, _: &str, _: bool) -> String {
        "chat/completions".to_owned()
    }

    fn body(&self, question: &Question, model: &str) -> Value {
        body::render(question, model)
    }

    fn reader(&self, _: &Question) -> Box<dyn AnswerReader> {
        Box::new(reader::ChatReader)
    }

    fn models_route(&self) -> &'static str {
        "models"
    }

    fn model_names(&self, list: &Value) -> Vec<String> {
        fields::texts_of(list, "data", "id")
    }
}
