//! The tools that the model may call: `list`, `read` and `effect`, and the gate before them.

mod call;
mod gate;
mod sandbox;
mod toolbox;

use serde_json::{Value, json};

pub use call::{Admission, ToolOutput};
pub use gate::{ToolGate, WholeCallsOnly};
pub use toolbox::{ToolParts, Toolbox};

/// A tool as the model is told of it.
#[derive(Debug, Clone, PartialEq)]
pub struct ToolDefinition {
    /// Its name.
    pub name: &'static str,
    /// What it does.
    pub description: &'static str,
    /// JSON Schema of its arguments.
    pub parameters: Value,
}

/// The tools of this agent.
#[must_use]
pub fn definitions() -> Vec<ToolDefinition> {
    let one = |name: &str, meaning: &str| {
        json!({
            "type": "object",
            "properties": { name: { "type": "string", "description": meaning } },
            "required": [name],
            "additionalProperties": false,
        })
    };
    vec![
        ToolDefinition {
            name: "list",
            description: "List the files of a directory in the workspace.",
            parameters: one("path", "The directory, relative to the workspace."),
        },
        ToolDefinition {
            name: "read",
            description: "Read a text file of the workspace.",
            parameters: one("path", "The file, relative to the workspace."),
        },
        ToolDefinition {
            name: "effect",
            description: "Carry out a named effect, which is noted in the ledger.",
            parameters: one("name", "The name of the effect."),
        },
    ]
}
