//! From an error of the transport to a [`Failure`]. Knows no status and no body.

use std::error::Error;

use crate::failure::{Failure, FailureCode};

/// The failure that a broken transport is. `sending` is until the headers have arrived.
#[must_use]
pub(crate) fn transport(error: &reqwest::Error, sending: bool) -> Failure {
    let causes = causes(error);
    if error.is_builder() {
        return Failure::new(
            FailureCode::InvalidRequest,
            format!("the request could not be made: {causes}"),
        )
        .definite();
    }
    if is_untrusted(error) {
        // The same certificate comes again, however often it is asked for.
        return Failure::new(
            FailureCode::Untrusted,
            format!("no connection to the provider: {causes}"),
        )
        .definite();
    }
    if error.is_connect() {
        return Failure::new(
            FailureCode::Connect,
            format!("no connection to the provider: {causes}"),
        )
        .definite();
    }
    if error.is_timeout() {
        return Failure::new(
            FailureCode::Timeout,
            format!("the provider took too long: {causes}"),
        );
    }
    let when = if sending {
        "before the provider answered"
    } else {
        "before the answer ended"
    };
    Failure::new(
        FailureCode::Disconnected,
        format!("the connection broke {when}: {causes}"),
    )
}

/// Whether the provider's certificate was refused, by us. An I/O error wraps what went wrong without being a link to it.
fn is_untrusted(error: &(dyn Error + 'static)) -> bool {
    if let Some(error) = error.downcast_ref::<rustls::Error>() {
        return matches!(error, rustls::Error::InvalidCertificate(_));
    }
    let io = error.downcast_ref::<std::io::Error>();
    match io.and_then(std::io::Error::get_ref) {
        Some(wrapped) => is_untrusted(wrapped),
        None => error.source().is_some_and(is_untrusted),
    }
}

/// The chain of causes of an error, without its URL: a URL may carry a credential.
fn causes(error: &reqwest::Error) -> String {
    let mut words: Vec<String> = Vec::new();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        let text = error.to_string();
        if !words.last().is_some_and(|last| last.contains(&text)) {
            words.push(text);
        }
        cause = error.source();
    }
    if words.is_empty() {
        "no cause was given".to_owned()
    } else {
        words.join(": ")
    }
}
