//! The gate before the tools: only calls that arrived whole pass, once each, and nothing is ever repaired.

use futures_util::future::BoxFuture;
use serde_json::{Map, Value};

use super::{Admission, ToolOutput, Toolbox, definitions};
use crate::message::ToolCall;

/// Decides which calls run, and runs them.
pub trait ToolGate: Send + Sync {
    /// Whether a call out of a whole answer may run: there is such a tool, and its arguments are a JSON object as they
    /// stand.
    fn admit(&self, call: &ToolCall) -> Admission {
        let names: Vec<&str> = definitions().iter().map(|tool| tool.name).collect();
        if !names.contains(&call.name.as_str()) {
            return Admission::Refuse(format!(
                "there is no tool `{}`; there are: {}",
                call.name,
                names.join(", ")
            ));
        }
        match serde_json::from_str(&call.arguments) {
            Ok(Value::Object(arguments)) => Admission::Run(arguments),
            Ok(_) => Admission::Refuse("the arguments must be a JSON object".to_owned()),
            Err(error) => Admission::Refuse(format!("the arguments are not JSON: {error}")),
        }
    }

    /// Which calls of an answer that broke may run nevertheless: none. What arrived of them is only a beginning.
    fn salvage(&self, fragments: Vec<ToolCall>) -> Vec<ToolCall> {
        drop(fragments);
        Vec::new()
    }

    /// Runs an admitted call, exactly once.
    fn execute<'a>(
        &'a self,
        tools: &'a Toolbox,
        run_id: &'a str,
        call: &'a ToolCall,
        arguments: Map<String, Value>,
    ) -> BoxFuture<'a, ToolOutput> {
        Box::pin(tools.run(run_id, call, arguments))
    }
}

/// The gate that ships.
#[derive(Debug, Default, Clone, Copy)]
pub struct WholeCallsOnly;

impl ToolGate for WholeCallsOnly {}

#[cfg(test)]
mod tests {
    use super::*;

    fn admit(arguments: &str) -> Admission {
        let call = ToolCall {
            id: "c".to_owned(),
            name: "list".to_owned(),
            arguments: arguments.to_owned(),
        };
        WholeCallsOnly.admit(&call)
    }

    #[test]
    fn only_a_json_object_passes_and_nothing_is_repaired() {
        assert!(matches!(admit(r#"{"path": "src"}"#), Admission::Run(_)));
        for cut in [
            "",
            "{",
            r#"{"path""#,
            r#"{"path": "sr"#,
            r#"{"path": "src""#,
            "[]",
            "null",
            "\"src\"",
            "{} {}",
        ] {
            assert!(matches!(admit(cut), Admission::Refuse(_)), "{cut}");
        }
    }

    #[test]
    fn a_tool_that_does_not_exist_is_refused() {
        let call = ToolCall {
            id: "c".to_owned(),
            name: "format".to_owned(),
            arguments: "{}".to_owned(),
        };
        assert!(
            matches!(WholeCallsOnly.admit(&call), Admission::Refuse(reason) if reason.contains("list, read, effect"))
        );
    }

    #[test]
    fn nothing_of_a_broken_answer_runs() {
        let whole_looking = ToolCall {
            id: "c".to_owned(),
            name: "effect".to_owned(),
            arguments: "{}".to_owned(),
        };
        assert_eq!(WholeCallsOnly.salvage(vec![whole_looking]), []);
    }
}
