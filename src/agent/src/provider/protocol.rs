//! The one seam between the agent and the protocols of providers: how a question is written, and how an answer is read.
//!
//! A dialect is one module that implements [`Protocol`]. It knows JSON; it neither sends, waits nor decides.

use serde_json::Value;

use super::chat::Chat;
use super::gemini::Gemini;
use super::items::{Framing, StreamEvent};
use super::messages::Messages;
use super::ollama::Ollama;
use super::piece::Piece;
use super::question::Question;
use super::responses::Responses;
use crate::config::{Dialect, Secret};
use crate::registry::{Credential, CredentialHeader, Outgoing};

/// How one dialect is spoken.
pub(crate) trait Protocol: Send + Sync {
    /// The route below the base URL that `model` is asked at.
    fn route(&self, model: &str, streaming: bool) -> String;

    /// The header that carries the credential.
    fn credential(&self) -> CredentialHeader {
        CredentialHeader::Bearer
    }

    /// Headers that the provider demands besides.
    fn headers(&self) -> &'static [(&'static str, &'static str)] {
        &[]
    }

    /// How its streams are framed.
    fn framing(&self) -> Framing {
        Framing::ServerSentEvents
    }

    /// The body that asks `model` this question.
    fn body(&self, question: &Question, model: &str) -> Value;

    /// A reader of the answer to `question`.
    fn reader(&self, question: &Question) -> Box<dyn AnswerReader>;

    /// The route below the base URL of the list of models.
    fn models_route(&self) -> &'static str;

    /// The names in a list of models, in its order.
    fn model_names(&self, list: &Value) -> Vec<String>;
}

/// Reads one answer.
pub(crate) trait AnswerReader: Send + Sync {
    /// What one event of a stream brings.
    fn event(&mut self, event: &StreamEvent, value: &Value) -> Vec<Piece>;

    /// What an answer in one document brings; nothing where it is no answer of a model.
    fn document(&mut self, value: &Value) -> Option<Vec<Piece>>;
}

/// How this dialect is spoken.
pub(crate) fn of(dialect: Dialect) -> &'static dyn Protocol {
    match dialect {
        Dialect::OpenaiChat => &Chat,
        Dialect::OpenaiResponses => &Responses,
        Dialect::AnthropicMessages => &Messages,
        Dialect::Gemini => &Gemini,
        Dialect::Ollama => &Ollama,
    }
}

/// A URL below a base.
pub(super) fn url(base_url: &str, route: &str) -> String {
    format!("{}/{route}", base_url.trim_end_matches('/'))
}

/// The request that asks for the list of models.
#[must_use]
pub fn models_request(dialect: Dialect, base_url: &str, key: &Secret) -> Outgoing {
    let protocol = of(dialect);
    Outgoing {
        method: reqwest::Method::GET,
        url: url(base_url, protocol.models_route()),
        credential: Credential {
            header: protocol.credential(),
            key: key.clone(),
        },
        headers: protocol.headers(),
        accept: "application/json",
        purpose: "models",
        body: None,
    }
}

/// The names in a list of models of this dialect, in its order.
pub(crate) fn model_names(dialect: Dialect, list: &Value) -> Vec<String> {
    of(dialect).model_names(list)
}
