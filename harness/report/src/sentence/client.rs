//! What the runner's client did and heard.

use journal::Fact;

use super::usage;
use crate::spell::quote;

pub(super) fn sentence(fact: &Fact) -> Option<String> {
    Some(match fact {
        Fact::RunSubmitted { session, text, .. } => {
            format!("says {} in session {session}", quote(text))
        }
        Fact::RunAccepted => "turn accepted".to_owned(),
        Fact::RunRefused { status, message } => {
            let status = status.map_or(String::new(), |status| format!(" with {status}"));
            format!("turn refused{status}: {}", quote(message))
        }
        Fact::Subscribed => "listens to the events".to_owned(),
        Fact::Disconnected => "leaves the events on purpose".to_owned(),
        Fact::EventsEnded { polite: true } => "events ended".to_owned(),
        Fact::EventsEnded { polite: false } => "events broke off".to_owned(),
        Fact::TextDelivered { text } => format!("text {}", quote(text)),
        Fact::TextSuperseded { text } => format!("text declared void {}", quote(text)),
        Fact::ToolAnnounced { tool } => format!("tool.started {tool}"),
        Fact::ToolReported { tool, error } => {
            let failed = if *error { " with an error" } else { "" };
            format!("tool.completed {tool}{failed}")
        }
        Fact::OtherEvent { event } => format!("event {event}"),
        Fact::Terminal { .. } => terminal(fact)?,
        Fact::StopRequested => "asks for a stop".to_owned(),
        Fact::StopAnswered { status } => format!("stop answered with {status}"),
        _ => return None,
    })
}

fn terminal(fact: &Fact) -> Option<String> {
    let Fact::Terminal {
        terminal,
        output,
        error,
        usage: tokens,
        via,
    } = fact
    else {
        return None;
    };
    let mut words = vec![format!("run {} (via {via})", terminal.as_str())];
    words.extend(
        output
            .as_ref()
            .map(|output| format!("output {}", quote(output))),
    );
    words.extend(
        error
            .as_ref()
            .map(|error| format!("error {}", quote(error))),
    );
    words.extend(tokens.map(usage));
    Some(words.join(", "))
}
