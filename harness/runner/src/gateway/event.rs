//! One event of the runs API, as facts. Knows hermes-agent's names for events and nothing of sockets.
//!
//! Source: the runs API of hermes-agent 0.19, and `message.superseded`, which the reference agent adds.

use journal::{Fact, Terminal, Usage};
use serde_json::Value;

use crate::case_log::CaseLog;

/// Records what an event says of `run`, whose id is `id`.
pub(crate) fn record(log: &CaseLog, run: u32, id: &str, data: &str) {
    let Ok(event) = serde_json::from_str::<Value>(data) else {
        log.searched(Some(run), "event", data.as_bytes());
        other(log, run, "a frame that is not JSON");
        return;
    };
    let name = text(&event, "event").unwrap_or_default();
    let of = text(&event, "run_id").unwrap_or(id);
    if of != id {
        other(log, run, &format!("{name} of another run"));
    }
    if let Some(terminal) = ending(name) {
        log.client(run, ended(log, run, terminal, &event, "events"));
        return;
    }
    log.searched(Some(run), "event", data.as_bytes());
    let shown = |field: &str| log.aliases.apply(text(&event, field).unwrap_or_default());
    match name {
        "message.delta" => {
            let text =
                log.shown_piece(Some(run), "text", text(&event, "delta").unwrap_or_default());
            log.client(run, Fact::TextDelivered { text });
        }
        "message.superseded" => log.client(
            run,
            Fact::TextSuperseded {
                text: shown("text"),
            },
        ),
        "tool.started" => log.client(
            run,
            Fact::ToolAnnounced {
                tool: shown("tool"),
            },
        ),
        "tool.completed" => {
            let error = event.get("error").and_then(Value::as_bool).unwrap_or(false);
            let tool = shown("tool");
            log.client(run, Fact::ToolReported { tool, error });
        }
        "" => other(log, run, "an event without a name"),
        name => other(log, run, name),
    }
}

/// The ending that a run's status tells, if it has one.
pub(crate) fn status_ending(log: &CaseLog, run: u32, status: &Value) -> Option<Fact> {
    let terminal = status_terminal(status)?;
    Some(ended(log, run, terminal, status, "status"))
}

/// Whether a run's status says that it has ended.
pub(crate) fn is_over(status: &Value) -> bool {
    status_terminal(status).is_some()
}

fn status_terminal(status: &Value) -> Option<Terminal> {
    match text(status, "status")? {
        "completed" => Some(Terminal::Completed),
        "failed" => Some(Terminal::Failed),
        "cancelled" => Some(Terminal::Cancelled),
        _ => None,
    }
}

fn ending(name: &str) -> Option<Terminal> {
    match name {
        "run.completed" => Some(Terminal::Completed),
        "run.failed" => Some(Terminal::Failed),
        "run.cancelled" => Some(Terminal::Cancelled),
        _ => None,
    }
}

fn ended(log: &CaseLog, run: u32, terminal: Terminal, event: &Value, via: &str) -> Fact {
    let place = match terminal {
        Terminal::Failed => "terminal error",
        Terminal::Completed | Terminal::Cancelled => "terminal output",
    };
    log.searched(Some(run), place, event.to_string().as_bytes());
    let shown = |field: &str| text(event, field).map(|raw| log.aliases.apply(raw));
    Fact::Terminal {
        terminal,
        output: shown("output"),
        error: shown("error"),
        usage: event.get("usage").and_then(usage),
        via: via.to_owned(),
    }
}

fn usage(value: &Value) -> Option<Usage> {
    let tokens = |field: &str| value.get(field).and_then(Value::as_u64);
    Some(Usage {
        input: tokens("input_tokens")?,
        output: tokens("output_tokens")?,
    })
}

fn other(log: &CaseLog, run: u32, event: &str) {
    let event = log.aliases.apply(event);
    log.client(run, Fact::OtherEvent { event });
}

fn text<'a>(value: &'a Value, field: &str) -> Option<&'a str> {
    value.get(field).and_then(Value::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(log: &CaseLog) -> Vec<Fact> {
        let records = log.journal().records;
        records.into_iter().map(|record| record.fact).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn the_events_of_the_runs_api() {
        let log = CaseLog::begin(0);
        let events = [
            r#"{"event":"message.delta","run_id":"run_a","delta":"hi"}"#,
            r#"{"event":"tool.completed","run_id":"run_a","tool":"list","duration":0.1,"error":true}"#,
            r#"{"event":"reasoning.available","run_id":"run_a","text":"hm"}"#,
            r#"{"event":"run.completed","run_id":"run_a","output":null,"usage":{"input_tokens":1,"output_tokens":2}}"#,
        ];
        for event in events {
            record(&log, 1, "run_a", event);
        }
        let tool = "list".to_owned();
        let expected = [
            Fact::TextDelivered {
                text: "hi".to_owned(),
            },
            Fact::ToolReported { tool, error: true },
            Fact::OtherEvent {
                event: "reasoning.available".to_owned(),
            },
            Fact::Terminal {
                terminal: Terminal::Completed,
                output: None,
                error: None,
                usage: Some(Usage {
                    input: 1,
                    output: 2,
                }),
                via: "events".to_owned(),
            },
        ];
        assert_eq!(facts(&log), expected);
    }

    #[tokio::test(start_paused = true)]
    async fn an_event_of_another_run_is_told_apart() {
        let log = CaseLog::begin(0);
        record(
            &log,
            1,
            "run_a",
            r#"{"event":"message.delta","run_id":"run_b","delta":"x"}"#,
        );
        let event = "message.delta of another run".to_owned();
        assert_eq!(facts(&log)[0], Fact::OtherEvent { event });
    }

    #[tokio::test(start_paused = true)]
    async fn a_key_in_an_ending_is_found_and_not_repeated() {
        let log = CaseLog::begin(0);
        let key = log.provider_key().key.clone();
        let event = format!(r#"{{"event":"run.failed","run_id":"run_a","error":"bad key {key}"}}"#);
        record(&log, 1, "run_a", &event);
        let facts = facts(&log);
        let found = |fact: &Fact| matches!(fact, Fact::CanaryFound { place, .. } if place == "terminal error");
        assert!(facts.iter().any(found), "{facts:?}");
        let told = |fact: &Fact| matches!(fact, Fact::Terminal { error: Some(error), .. } if error == "bad key canary-1");
        assert!(facts.iter().any(told), "{facts:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_status_is_an_ending_only_when_it_is_one() {
        let log = CaseLog::begin(0);
        let running = serde_json::json!({ "status": "running" });
        assert_eq!(status_ending(&log, 1, &running), None);
        let failed = serde_json::json!({ "status": "failed", "error": "no" });
        let ending = status_ending(&log, 1, &failed);
        assert!(matches!(ending, Some(Fact::Terminal { via, .. }) if via == "status"));
    }
}
