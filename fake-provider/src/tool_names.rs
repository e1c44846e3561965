//! What a target calls the neutral tools and their arguments. Knows no dialect.

use std::collections::BTreeMap;

use provider_script::ToolCall;

/// A target's names for the neutral tools; a tool that is not named keeps its own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ToolNames {
    tools: BTreeMap<String, TargetTool>,
}

/// One tool as a target knows it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct TargetTool {
    name: String,
    arguments: BTreeMap<String, String>,
}

impl ToolNames {
    /// The same names, with a neutral tool's name in the target, and the target's names for its arguments.
    #[must_use]
    pub fn with(
        mut self,
        neutral: impl Into<String>,
        name: impl Into<String>,
        arguments: BTreeMap<String, String>,
    ) -> Self {
        let tool = TargetTool {
            name: name.into(),
            arguments,
        };
        self.tools.insert(neutral.into(), tool);
        self
    }

    /// The target's name for a neutral tool.
    #[must_use]
    pub fn name<'a>(&'a self, neutral: &'a str) -> &'a str {
        self.tools.get(neutral).map_or(neutral, |tool| &tool.name)
    }

    /// The arguments of a call as the target is sent them: JSON text, or what the script says raw.
    #[must_use]
    pub fn arguments(&self, call: &ToolCall) -> String {
        if let Some(raw) = &call.raw_arguments {
            return raw.clone();
        }
        let tool = self.tools.get(&call.tool);
        let renamed = call.arguments.iter().map(|(neutral, value)| {
            let name = tool.and_then(|tool| tool.arguments.get(neutral));
            (name.unwrap_or(neutral).clone(), value.clone())
        });
        serde_json::Value::Object(renamed.collect()).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(raw: Option<&str>) -> ToolCall {
        let serde_json::Value::Object(arguments) = serde_json::json!({"path": "src", "deep": true})
        else {
            panic!("is an object")
        };
        ToolCall {
            tool: "list".into(),
            arguments,
            raw_arguments: raw.map(str::to_owned),
        }
    }

    #[test]
    fn a_tool_that_is_not_named_keeps_its_name_and_arguments() {
        let names = ToolNames::default();
        assert_eq!(names.name("list"), "list");
        assert_eq!(
            names.arguments(&call(None)),
            r#"{"path":"src","deep":true}"#
        );
    }

    #[test]
    fn a_named_tool_and_its_arguments_are_renamed_in_place() {
        let arguments = BTreeMap::from([("path".to_owned(), "directory".to_owned())]);
        let names = ToolNames::default().with("list", "list_files", arguments);
        assert_eq!(names.name("list"), "list_files");
        assert_eq!(
            names.arguments(&call(None)),
            r#"{"directory":"src","deep":true}"#
        );
    }

    #[test]
    fn raw_arguments_are_sent_as_they_are() {
        assert_eq!(
            ToolNames::default().arguments(&call(Some("{\"pa"))),
            "{\"pa"
        );
    }
}
