//! Anthropic Messages, in the API version that every key and every compatible server knows.

mod body;
mod reader;

use serde_json::Value;

use super::fields;
use super::protocol::{AnswerReader, Protocol};
use super::question::Question;
use crate::registry::CredentialHeader;

/// The dialect.
pub(super) struct Messages;

impl Protocol for Messages {
    fn route(&self, _: &str, _: bool) -> String {
        "v1/messages".to_owned()
    }

    fn credential(&self) -> CredentialHeader {
        CredentialHeader::Key("x-api-key")
    }

    fn headers(&self) -> &'static [(&'static str, &'static str)] {
        &[("anthropic-version", "2023-06-01")]
    }

    fn body(&self, question: &Question, model: &str) -> Value {
        body::render(question, model)
    }

    fn reader(&self, _: &Question) -> Box<dyn AnswerReader> {
        Box::new(reader::MessagesReader::default())
    }

    fn models_route(&self) -> &'static str {
        "v1/models"
    }

    fn model_names(&self, list: &Value) -> Vec<String> {
        fields::texts_of(list, "data", "id")
    }
}
