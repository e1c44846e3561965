//! What the fake provider saw and did.

use journal::{Ended, ErrorSent, Fact, FaultOutcome, How, Said, Side};

use super::usage;
use crate::spell::{count, quote};

pub(super) fn sentence(fact: &Fact) -> Option<String> {
    Some(match fact {
        Fact::ListenerClosed => "listener closed: connections are refused".to_owned(),
        Fact::ListenerReopened => "listener open again".to_owned(),
        Fact::ConnectionOpened { connection } => format!("connection {connection} opened"),
        Fact::ConnectionClosed { .. } => closed(fact)?,
        Fact::Request { .. } => request(fact)?,
        Fact::RequestRefused { rule, message } => {
            format!("request refused ({rule}): {}", quote(message))
        }
        Fact::Unscripted { what } => format!("unscripted request: {what}"),
        Fact::ResponseStarted { status, error, .. } => match error {
            None => format!("answers {status}"),
            Some(error) => {
                let again = again(error);
                format!("answers {status} {} ({}){again}", error.code, error.nonce)
            }
        },
        Fact::ResponseEnded { .. } => ended(fact)?,
        Fact::Fault { .. } => fault(fact)?,
        _ => return None,
    })
}

/// What an error says about trying again.
fn again(error: &ErrorSent) -> String {
    let should = error.should_retry.map(|should| should.to_string());
    let said = [
        ("retry-after", error.retry_after.as_ref()),
        ("retry-after-ms", error.retry_after_ms.as_ref()),
        ("x-should-retry", should.as_ref()),
    ];
    let said = said.map(|(name, value)| value.map(|value| format!(", {name} {value}")));
    said.into_iter().flatten().collect()
}

fn closed(fact: &Fact) -> Option<String> {
    let Fact::ConnectionClosed {
        connection,
        by,
        how,
        in_flight,
    } = fact
    else {
        return None;
    };
    let by = match by {
        Side::Target => "the target",
        Side::Provider => "the provider",
    };
    let how = match how {
        How::Fin => "closed",
        How::Reset => "reset",
    };
    let answer = if *in_flight {
        ", an answer still in flight"
    } else {
        ""
    };
    Some(format!("connection {connection} {how} by {by}{answer}"))
}

fn request(fact: &Fact) -> Option<String> {
    let Fact::Request {
        connection,
        method,
        path,
        model,
        streamed,
        credential,
        auxiliary,
        messages,
        tool_calls,
        tool_results,
        said_before: _,
        digest: _,
    } = fact
    else {
        return None;
    };
    let mut details = vec![count(*messages as usize, "message")];
    details.extend(model.as_ref().map(|model| format!("model {model}")));
    if *streamed {
        details.push("streamed".to_owned());
    }
    if *auxiliary {
        details.push("auxiliary".to_owned());
    }
    if !tool_calls.is_empty() {
        details.push(count(tool_calls.len(), "tool call"));
    }
    if !tool_results.is_empty() {
        details.push(count(tool_results.len(), "tool result"));
    }
    let details = details.join(", ");
    Some(format!(
        "{method} {path} with {credential} on connection {connection} ({details})"
    ))
}

fn ended(fact: &Fact) -> Option<String> {
    let Fact::ResponseEnded {
        status,
        ended,
        said,
        bytes,
        digest: _,
    } = fact
    else {
        return None;
    };
    let how = match ended {
        Ended::Complete => "answer complete",
        Ended::ByFault => "answer ended by the fault",
        Ended::TargetLeft => "the target left before the answer was over",
        Ended::ProviderShutdown => "answer ended by the end of the case",
    };
    let status = status.map_or("no head sent".to_owned(), |status| status.to_string());
    let said = words(said);
    Some(format!(
        "{how} ({status}, {}): {said}",
        count(usize::try_from(*bytes).unwrap_or(usize::MAX), "byte")
    ))
}

fn words(said: &Said) -> String {
    let mut words = Vec::new();
    if !said.text.is_empty() {
        words.push(format!("text {}", quote(&said.text)));
    }
    for call in &said.tool_calls {
        let whole = if call.whole { "" } else { " (cut)" };
        words.push(format!("{} {}{whole}", call.tool, quote(&call.arguments)));
    }
    words.push(match &said.finish {
        Some(finish) => format!("finish {finish}"),
        None => "no finish reason".to_owned(),
    });
    if !said.end_marker {
        words.push("no end marker".to_owned());
    }
    words.extend(said.usage.map(usage));
    words.join(", ")
}

fn fault(fact: &Fact) -> Option<String> {
    let Fact::Fault {
        entry: _,
        point,
        action,
        outcome,
        expected,
        observed,
    } = fact
    else {
        return None;
    };
    Some(match outcome {
        FaultOutcome::Delivered => format!("{action} {point}"),
        FaultOutcome::Unreached => format!("{action} {point} was never reached"),
        FaultOutcome::Superseded => format!("{action} {point}: the target left first"),
        FaultOutcome::Inapplicable => format!("{action} {point}: inapplicable, {observed}"),
        FaultOutcome::Undelivered => format!(
            "{action} {point} was NOT carried out: expected {expected}, observed {observed}"
        ),
    })
}
