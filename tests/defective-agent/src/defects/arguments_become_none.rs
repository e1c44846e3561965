//! Arguments that cannot be read are no arguments, and the end of the bytes is the end of the answer.
//!
//! As in the accumulating helper of anthropic-sdk-python: `stop_reason=None`, `input={}`.

use std::sync::Arc;

use journal::Fact;
use reference_agent::failure::Failure;
use reference_agent::message::ToolCall;
use reference_agent::provider::{Assembly, StreamEnd};
use reference_agent::seams::{Seams, StreamReader, StrictStream, ToolGate, WholeCallsOnly};
use reference_agent::tools::Admission;
use serde_json::Map;

use crate::defect::{Defect, Meant, Stage};

/// The defect.
pub(crate) const DEFECT: Defect = Defect {
    name: "arguments-become-none",
    sentence: "A tool call that was cut runs without its arguments.",
    replaces: &["stream_reader", "tool_gate"],
    stage: Stage::Gateway,
    meant: &[Meant {
        rule: "no-tool-on-partial-arguments",
        mistake: |fact| matches!(fact, Fact::ToolStarted { .. }),
    }],
    also: &[
        "no-success-without-end",
        "request-accepted",
        "error-names-cause",
        "tool-runs-at-most-once",
        "failed-run-says-failed",
    ],
    shown_by: &[
        "tools/closed-connection-in-arguments",
        "tools/polite-end-in-arguments",
    ],
    seams,
};

fn seams() -> Seams {
    Seams {
        stream_reader: Arc::new(Trusting),
        tool_gate: Arc::new(Trusting),
        ..Seams::default()
    }
}

struct Trusting;

impl StreamReader for Trusting {
    fn at_end(&self, end: StreamEnd, answer: &Assembly) -> Result<(), Failure> {
        match end {
            StreamEnd::Closed => Ok(()),
            other => StrictStream.at_end(other, answer),
        }
    }
}

impl ToolGate for Trusting {
    fn admit(&self, call: &ToolCall) -> Admission {
        match WholeCallsOnly.admit(call) {
            Admission::Refuse(_) => Admission::Run(Map::new()),
            run => run,
        }
    }
}
