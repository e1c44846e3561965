//! A tool is run by the layer that streams and again by the layer that loops.
//!
//! As in crewAI#5802.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use journal::Fact;
use reference_agent::message::ToolCall;
use reference_agent::seams::{Seams, ToolGate};
use reference_agent::tools::{ToolOutput, Toolbox};
use serde_json::{Map, Value};

use crate::defect::{Defect, Meant, Stage};

/// The defect.
pub(crate) const DEFECT: Defect = Defect {
    name: "tool-runs-twice",
    sentence: "Every tool call is carried out twice.",
    replaces: &["tool_gate"],
    stage: Stage::Gateway,
    meant: &[Meant {
        rule: "tool-runs-at-most-once",
        mistake: |fact| matches!(fact, Fact::ToolStarted { .. }),
    }],
    also: &[],
    shown_by: &[
        "tools/effect-survives-a-lost-answer",
        "stream/reset-after-done",
    ],
    seams,
};

fn seams() -> Seams {
    Seams {
        tool_gate: Arc::new(Twice),
        ..Seams::default()
    }
}

struct Twice;

impl ToolGate for Twice {
    fn execute<'a>(
        &'a self,
        tools: &'a Toolbox,
        run_id: &'a str,
        call: &'a ToolCall,
        arguments: Map<String, Value>,
    ) -> BoxFuture<'a, ToolOutput> {
        Box::pin(async move {
            tools.run(run_id, call, arguments.clone()).await;
            tools.run(run_id, call, arguments).await
        })
    }
}
