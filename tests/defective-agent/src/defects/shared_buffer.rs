//! The answer under way is a field of the agent, not of the run.
//!
//! As in CopilotKit#4155.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use journal::{Fact, Terminal};
use reference_agent::event::{EventSink, RunEvent};
use reference_agent::halt::Halt;
use reference_agent::outcome::{Outcome, Usage};
use reference_agent::seams::{Delivery, Interruption, Seams};

use crate::defect::{Defect, Meant, Stage};

/// The defect.
pub(crate) const DEFECT: Defect = Defect {
    name: "shared-buffer",
    sentence: "Runs collect their answers in one buffer, and whoever ends first takes all of it.",
    replaces: &["delivery", "interruption"],
    stage: Stage::Gateway,
    meant: &[Meant {
        rule: "no-success-without-end",
        mistake: |fact| {
            matches!(
                fact,
                Fact::Terminal {
                    terminal: Terminal::Completed,
                    ..
                }
            )
        },
    }],
    also: &[],
    shown_by: &["isolation/eight-turns-at-once"],
    seams,
};

fn seams() -> Seams {
    let buffer = Buffer::default();
    Seams {
        delivery: Arc::new(buffer.clone()),
        interruption: Arc::new(buffer),
        ..Seams::default()
    }
}

#[derive(Clone, Default)]
struct Buffer(Arc<Mutex<String>>);

impl Buffer {
    fn text(&self) -> MutexGuard<'_, String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Delivery for Buffer {
    fn delta(&self, sink: &dyn EventSink, delta: String) {
        self.text().push_str(&delta);
        sink.event(RunEvent::MessageDelta { delta });
    }

    fn superseded(&self, sink: &dyn EventSink, void: String) -> String {
        let kept = self.text().strip_suffix(&void).map(str::to_owned);
        if let Some(kept) = kept {
            *self.text() = kept;
        }
        if !void.is_empty() {
            sink.event(RunEvent::MessageSuperseded { text: void });
        }
        String::new()
    }
}

impl Interruption for Buffer {
    fn settle(&self, halt: &Halt, outcome: Outcome, usage: Usage) -> Outcome {
        let collected = std::mem::take(&mut *self.text());
        match outcome {
            _ if halt.is_stopped() => Outcome::Cancelled { usage },
            // Text before a round of tools is no part of the answer, but of what was collected.
            Outcome::Completed { output, usage } if collected.ends_with(&output) => {
                Outcome::Completed { output, usage }
            }
            Outcome::Completed { usage, .. } => Outcome::Completed {
                output: collected,
                usage,
            },
            other => other,
        }
    }
}
