//! Which dialect a request is in: the one list of them.

use crate::chat::Chat;
use crate::gemini::Gemini;
use crate::http::Request;
use crate::messages::Messages;
use crate::ollama::Ollama;
use crate::options::Dialect;
use crate::protocol::Protocol;
use crate::responses::Responses;

/// A dialect, and what speaks it.
pub(crate) type Spoken = (Dialect, &'static dyn Protocol);

/// What is spoken where every dialect is. A path of several dialects belongs to the first that claims it.
const ALL: &[Spoken] = &[
    (Dialect::Gemini, &Gemini::AMONG_OTHERS),
    (Dialect::AnthropicMessages, &Messages::AMONG_OTHERS),
    CHAT,
    (Dialect::OpenaiResponses, &Responses),
    (Dialect::Ollama, &Ollama),
];

const CHAT: Spoken = (Dialect::OpenaiChat, &Chat);

/// What a provider of one dialect speaks; the first tells what is wrong with a request that is in none.
const fn spoken(dialect: Option<Dialect>) -> &'static [Spoken] {
    match dialect {
        None => ALL,
        Some(Dialect::OpenaiChat) => &[CHAT],
        Some(Dialect::Gemini) => &[(Dialect::Gemini, &Gemini::ALONE)],
        Some(Dialect::AnthropicMessages) => &[(Dialect::AnthropicMessages, &Messages::ALONE)],
        Some(Dialect::OpenaiResponses) => &[(Dialect::OpenaiResponses, &Responses)],
        Some(Dialect::Ollama) => &[(Dialect::Ollama, &Ollama)],
    }
}

/// The dialect that answers a request, and what speaks it.
pub(crate) fn which(dialect: Option<Dialect>, request: &Request) -> Spoken {
    let mut claims = spoken(dialect).iter().copied();
    let claimed = claims.find(|(_, protocol)| protocol.operation(request).is_some());
    claimed.unwrap_or_else(|| first(dialect))
}

/// What speaks the dialect that answers a request.
pub(crate) fn of(dialect: Option<Dialect>, request: &Request) -> &'static dyn Protocol {
    which(dialect, request).1
}

/// What answers what is in no dialect.
pub(crate) fn usual(dialect: Option<Dialect>) -> &'static dyn Protocol {
    first(dialect).1
}

const fn first(dialect: Option<Dialect>) -> Spoken {
    match dialect {
        None => CHAT,
        Some(_) => spoken(dialect)[0],
    }
}
