//! Which dialect a request is in: the one list of them.

use crate::chat::Chat;
use crate::gemini::Gemini;
use crate::http::Request;
use crate::messages::Messages;
use crate::ollama::Ollama;
use crate::options::Dialect;
use crate::protocol::Protocol;
use crate::responses::Responses;

/// What is spoken where every dialect is. A path of several dialects belongs to the first that claims it.
const ALL: &[&dyn Protocol] = &[
    &Gemini::AMONG_OTHERS,
    &Messages::AMONG_OTHERS,
    &Chat,
    &Responses,
    &Ollama,
];

/// What a provider of one dialect speaks; the first tells what is wrong with a request that is in none.
const fn spoken(dialect: Option<Dialect>) -> &'static [&'static dyn Protocol] {
    match dialect {
        None => ALL,
        Some(Dialect::OpenaiChat) => &[&Chat],
        Some(Dialect::Gemini) => &[&Gemini::ALONE],
        Some(Dialect::AnthropicMessages) => &[&Messages::ALONE],
        Some(Dialect::OpenaiResponses) => &[&Responses],
        Some(Dialect::Ollama) => &[&Ollama],
    }
}

/// The dialect that answers a request.
pub(crate) fn of(dialect: Option<Dialect>, request: &Request) -> &'static dyn Protocol {
    let spoken = spoken(dialect);
    let mut claims = spoken.iter().copied();
    let claimed = claims.find(|protocol| protocol.operation(request).is_some());
    claimed.unwrap_or_else(|| usual(dialect))
}

/// The dialect that answers what is in none.
pub(crate) fn usual(dialect: Option<Dialect>) -> &'static dyn Protocol {
    match dialect {
        None => &Chat,
        Some(_) => spoken(dialect)[0],
    }
}
