//! Arguments that were cut are repaired, and the tool runs on them.
//!
//! As in hermes-agent#6847 and opencode#21326.

use std::sync::Arc;

use journal::Fact;
use reference_agent::message::ToolCall;
use reference_agent::seams::{Seams, ToolGate, WholeCallsOnly};
use reference_agent::tools::Admission;

use crate::defect::{Defect, Meant, Stage};

/// The defect.
pub(crate) const DEFECT: Defect = Defect {
    name: "repaired-arguments",
    sentence: "Half a tool call is made whole with quotes and braces, and run.",
    replaces: &["tool_gate"],
    stage: Stage::Gateway,
    meant: &[Meant {
        rule: "no-tool-on-partial-arguments",
        mistake: |fact| matches!(fact, Fact::ToolStarted { .. } | Fact::Effects { .. }),
    }],
    also: &["error-names-cause", "tool-runs-at-most-once"],
    shown_by: &[
        "tools/polite-end-in-arguments",
        "tools/broken-arguments-are-told-to-the-model",
    ],
    seams,
};

fn seams() -> Seams {
    Seams {
        tool_gate: Arc::new(Repairing),
        ..Seams::default()
    }
}

struct Repairing;

impl ToolGate for Repairing {
    fn admit(&self, call: &ToolCall) -> Admission {
        WholeCallsOnly.admit(&repaired(call.clone()))
    }

    fn salvage(&self, fragments: Vec<ToolCall>) -> Vec<ToolCall> {
        let repaired = fragments.into_iter().map(repaired);
        repaired
            .filter(|call| matches!(WholeCallsOnly.admit(call), Admission::Run(_)))
            .collect()
    }
}

/// The call with every string and brace closed that it opened.
fn repaired(call: ToolCall) -> ToolCall {
    let (mut open, mut quoted, mut escaped) = (0_usize, false, false);
    for letter in call.arguments.chars() {
        match letter {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '{' if !quoted => open += 1,
            '}' if !quoted => open = open.saturating_sub(1),
            _ => {}
        }
    }
    let quote = if quoted { "\"" } else { "" };
    let arguments = format!("{}{quote}{}", call.arguments, "}".repeat(open));
    ToolCall { arguments, ..call }
}
