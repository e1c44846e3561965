//! Why an exchange failed, and whether an error text names it. Knows words, and no rule.

use journal::ErrorSent;

use crate::exchange::{Answer, Exchange};

/// Words for a connection that broke, was refused, fell silent, or an answer that ended too early. Lower case.
const TRANSPORT: [&str; 29] = [
    "broken pipe",
    "chunk",
    "clos",
    "connect",
    "cut off",
    "deadline",
    "decod",
    "end of",
    "ended",
    "eof",
    "finish",
    "idle",
    "incomplete",
    "network",
    "no answer",
    "no data",
    "no response",
    "protocol",
    "refused",
    "reset",
    "silen",
    "stall",
    "stream",
    "time out",
    "timed out",
    "timeout",
    "transport",
    "truncat",
    "unreachable",
];

/// Words for an answer of which something came that cannot be read: a page, another protocol, broken JSON. Lower case.
const UNREADABLE: [&str; 9] = [
    "content type",
    "content-type",
    "expecting value",
    "html",
    "json",
    "malformed",
    "not a model",
    "pars",
    "utf-8",
];

/// Words for an answer that hit the token limit.
const LENGTH: [&str; 6] = ["length", "token", "truncat", "limit", "incomplete", "cut"];

/// Words for an answer that was withheld.
const FILTER: [&str; 7] = [
    "filter", "policy", "withheld", "refus", "safety", "blocked", "moderat",
];

/// Words for an answer that carried nothing.
const EMPTY: [&str; 7] = [
    "empty",
    "no content",
    "nothing",
    "no text",
    "no answer",
    "no response",
    "no output",
];

/// Why an exchange was no success.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cause<'a> {
    /// The provider told an error.
    Told {
        /// The HTTP status.
        status: Option<u16>,
        /// Its code and nonce.
        error: Option<&'a ErrorSent>,
    },
    /// The connection broke, fell silent, or ended too early.
    Transport,
    /// An answer began that was not whole, or was none.
    Cut,
    /// The token limit.
    Length,
    /// A filter.
    Filter,
    /// Nothing was said.
    Empty,
    /// The provider is not the cause, as far as can be seen.
    Open,
}

/// A code as a person would say it: `context_length_exceeded` is named by "Context length exceeded".
fn spaced(text: &str) -> String {
    text.to_lowercase().replace(['_', '-'], " ")
}

impl<'a> Cause<'a> {
    /// The cause, as the provider knows it.
    pub(crate) fn of(exchange: &Exchange<'a>) -> Self {
        let silent = exchange
            .said()
            .is_none_or(|said| said.text.trim().is_empty() && said.tool_calls.is_empty());
        match (exchange.answer(), exchange.finish()) {
            (Answer::Error, _) => Self::Told {
                status: exchange.status(),
                error: exchange.error(),
            },
            (Answer::Cut, _) => Self::Cut,
            (Answer::NoHead | Answer::Pending | Answer::FinishedThenCut, _) => Self::Transport,
            (Answer::Finished, Some("length")) => Self::Length,
            (Answer::Finished, Some("content-filter")) => Self::Filter,
            (Answer::Finished, _) if silent => Self::Empty,
            (Answer::Finished, _) => Self::Open,
        }
    }

    /// Whether this error text names it.
    pub(crate) fn is_named_in(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        match self {
            Self::Told { status, error } => {
                let status = status.is_some_and(|status| has_number(&text, status));
                let text = spaced(&text);
                let told = |word: &str| !word.is_empty() && text.contains(&spaced(word));
                status || error.is_some_and(|error| told(&error.code) || told(&error.nonce))
            }
            Self::Transport => is_transport(&text),
            Self::Cut => {
                has_any(&text, &UNREADABLE) || has_any(&text, &EMPTY) || is_transport(&text)
            }
            Self::Length => has_any(&text, &LENGTH),
            Self::Filter => has_any(&text, &FILTER),
            Self::Empty => has_any(&text, &EMPTY) || is_transport(&text),
            Self::Open => !text.trim().is_empty(),
        }
    }

    /// What would have named it.
    pub(crate) fn wanted(&self) -> String {
        match self {
            Self::Told { status, error } => {
                let status = status.map(|status| format!("status {status}"));
                let code = error.map(|error| format!("code `{}`", error.code));
                let nonce = error.map(|error| format!("word `{}`", error.nonce));
                let wanted: Vec<_> = [status, code, nonce].into_iter().flatten().collect();
                format!("the provider's {}", wanted.join(" or "))
            }
            Self::Transport => "the broken or silent connection".to_owned(),
            Self::Cut => "the answer that broke off, or cannot be read".to_owned(),
            Self::Length => "the token limit".to_owned(),
            Self::Filter => "the provider's filter".to_owned(),
            Self::Empty => "the empty answer".to_owned(),
            Self::Open => "anything at all".to_owned(),
        }
    }
}

/// Whether this error text speaks of a connection that broke, was refused, fell silent or ended too early.
pub(crate) fn is_transport(text: &str) -> bool {
    has_any(&text.to_lowercase(), &TRANSPORT)
}

/// Whether this text says that an answer was cut short or withheld.
pub(crate) fn is_label(text: &str) -> bool {
    let text = text.to_lowercase();
    let filter = has_any(&text, &FILTER);
    filter
        || [
            "truncat",
            "token limit",
            "length limit",
            "incomplete",
            "cut off",
            "max_tokens",
        ]
        .iter()
        .any(|word| text.contains(word))
}

fn has_any(text: &str, words: &[&str]) -> bool {
    words.iter().any(|word| text.contains(word))
}

/// Whether the number stands in the text on its own: 401 is not in 14012.
fn has_number(text: &str, number: u16) -> bool {
    text.split(|c: char| !c.is_ascii_digit())
        .any(|digits| digits == number.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_told_error_is_named_by_status_code_or_nonce_and_by_nothing_else() {
        let error = ErrorSent {
            code: "invalid_api_key".to_owned(),
            nonce: "bo-3f2a9c".to_owned(),
            retry_after: None,
            ..ErrorSent::default()
        };
        let cause = Cause::Told {
            status: Some(401),
            error: Some(&error),
        };
        for text in ["HTTP 401", "Invalid_API_key", "… (bo-3f2a9c)"] {
            assert!(cause.is_named_in(text), "{text}");
        }
        for text in ["something went wrong", "request 14012 failed", ""] {
            assert!(!cause.is_named_in(text), "{text}");
        }
    }

    #[test]
    fn a_broken_connection_is_named_by_its_class() {
        for text in [
            "Connection error.",
            "error decoding response body",
            "The stream ended without a finish reason",
            "operation timed out",
        ] {
            assert!(Cause::Transport.is_named_in(text), "{text}");
        }
        assert!(!Cause::Transport.is_named_in("something went wrong"));
        assert!(!Cause::Transport.is_named_in("the response is a page of HTML"));
    }

    #[test]
    fn an_answer_that_is_none_is_named_by_what_it_is() {
        for text in [
            "the response is not a model's answer: <!DOCTYPE html>",
            "Expecting value: line 1 column 1 (char 0)",
            "empty response",
            "stream ended before a finish reason",
        ] {
            assert!(Cause::Cut.is_named_in(text), "{text}");
        }
        assert!(!Cause::Cut.is_named_in("something went wrong"));
    }
}
