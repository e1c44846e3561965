//! The events of a run as the runs API of hermes-agent spells them: `data: <json>` frames and nothing else. Pure.
//!
//! One event is ours alone: `message.superseded {text}`, because 0.19 leaves the text of a failed attempt standing.

use bytes::Bytes;
use serde_json::{Map, Value, json};

use crate::event::RunEvent;
use crate::terminal::Terminal;

/// The name and the further fields of one event.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Event {
    /// What the field `event` says.
    pub(super) name: &'static str,
    fields: Value,
}

impl Event {
    /// What a run tells while it goes on.
    pub(super) fn progress(event: RunEvent) -> Self {
        match event {
            RunEvent::MessageDelta { delta } => {
                Self::new("message.delta", json!({ "delta": delta }))
            }
            RunEvent::MessageSuperseded { text } => {
                Self::new("message.superseded", json!({ "text": text }))
            }
            RunEvent::ReasoningAvailable { text } => {
                Self::new("reasoning.available", json!({ "text": text }))
            }
            RunEvent::ToolStarted { tool, preview } => {
                Self::new("tool.started", json!({ "tool": tool, "preview": preview }))
            }
            RunEvent::ToolCompleted {
                tool,
                duration,
                error,
            } => {
                // Three decimals, as 0.19 rounds.
                let seconds = (duration.as_secs_f64() * 1000.0).round() / 1000.0;
                let fields = json!({ "tool": tool, "duration": seconds, "error": error });
                Self::new("tool.completed", fields)
            }
        }
    }

    /// How a run ended.
    pub(super) fn terminal(terminal: &Terminal) -> Self {
        match terminal {
            Terminal::Completed { output, usage } => {
                Self::new("run.completed", json!({ "output": output, "usage": usage }))
            }
            Terminal::Failed {
                error,
                code,
                status,
                usage,
            } => {
                let mut fields = json!({ "error": error, "usage": usage });
                if let Some(code) = code {
                    fields["code"] = json!(code);
                }
                if let Some(status) = status {
                    fields["status"] = json!(status);
                }
                Self::new("run.failed", fields)
            }
            Terminal::Cancelled { usage } => Self::new("run.cancelled", json!({ "usage": usage })),
        }
    }

    fn new(name: &'static str, fields: Value) -> Self {
        Self { name, fields }
    }

    /// The frame that goes over the wire. `timestamp` is in seconds since the epoch.
    pub(super) fn frame(&self, run_id: &str, timestamp: f64) -> Bytes {
        let mut object = Map::new();
        object.insert("event".into(), self.name.into());
        object.insert("run_id".into(), run_id.into());
        object.insert("timestamp".into(), timestamp.into());
        if let Value::Object(fields) = &self.fields {
            object.extend(fields.clone());
        }
        Bytes::from(format!("data: {}\n\n", Value::Object(object)))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::outcome::Usage;

    fn wire(event: &Event) -> String {
        String::from_utf8(event.frame("run_1", 12.5).to_vec()).unwrap()
    }

    #[test]
    fn a_frame_is_one_data_line_and_its_name_is_inside() {
        let event = Event::progress(RunEvent::MessageDelta {
            delta: "a\nb\"é".to_owned(),
        });
        let expected = r#"data: {"event":"message.delta","run_id":"run_1","timestamp":12.5,"delta":"a\nb\"é"}"#;
        assert_eq!(wire(&event), format!("{expected}\n\n"));
    }

    #[test]
    fn tools_are_told_with_three_decimals() {
        let event = Event::progress(RunEvent::ToolCompleted {
            tool: "list".to_owned(),
            duration: Duration::from_micros(1_234_567),
            error: false,
        });
        assert!(wire(&event).contains(r#""tool":"list","duration":1.235,"error":false}"#));
    }

    #[test]
    fn a_failure_says_its_cause_and_what_is_known_of_it() {
        let usage = Usage {
            input_tokens: 1,
            output_tokens: 2,
            total_tokens: 3,
        };
        let event = Event::terminal(&Terminal::Failed {
            error: "no such key".to_owned(),
            code: Some("auth".to_owned()),
            status: Some(401),
            usage,
        });
        let expected = concat!(
            r#""error":"no such key","#,
            r#""usage":{"input_tokens":1,"output_tokens":2,"total_tokens":3},"#,
            r#""code":"auth","status":401}"#,
        );
        assert!(wire(&event).contains(expected), "{}", wire(&event));
    }
}
