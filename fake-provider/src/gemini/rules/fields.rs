//! Unknown members and values of the wrong kind, all of them at once as the API tells them, in its own words.

use std::fmt::Write as _;

use super::shape::{Kind, Message, REQUEST};
use crate::gemini::request::snake;
use crate::json::{Object, Value};
use crate::protocol::Violation;

/// Checks the members of a whole request.
pub(super) fn check(body: &Value) -> Result<(), Violation> {
    let mut found = Found::default();
    found.message(body, &REQUEST, "");
    match found.rule {
        Some(rule) => Err(Violation::new(rule, found.told)),
        None => Ok(()),
    }
}

/// What was found, a line for each.
#[derive(Debug, Default)]
struct Found {
    rule: Option<&'static str>,
    told: String,
}

impl Found {
    fn tell(&mut self, rule: &'static str, line: &str) {
        if self.rule.is_some() {
            self.told.push('\n');
        }
        self.rule.get_or_insert(rule);
        // Writing to a string cannot fail.
        let _ = write!(self.told, "{line}");
    }

    /// `Unknown name`: also what is said of a list where one value belongs.
    fn unknown(&mut self, name: &str, at: &str, why: &str) {
        let at = match at {
            "" => String::new(),
            at => format!(" at '{at}'"),
        };
        let rule = match why {
            "Cannot find field." => "unknown-field",
            _ => "wrong-type",
        };
        self.tell(
            rule,
            &format!("Invalid JSON payload received. Unknown name \"{name}\"{at}: {why}"),
        );
    }

    fn wrong(&mut self, at: &str, kind: &str, value: &Value) {
        let shown = match value {
            Value::Object(_) => "Starting an object on a scalar field".to_owned(),
            other => other.to_string(),
        };
        self.tell(
            "wrong-type",
            &format!("Invalid value at '{at}' ({kind}), {shown}"),
        );
    }

    fn message(&mut self, value: &Value, message: &'static Message, at: &str) {
        match value {
            Value::Object(members) => self.members(members, message, at),
            other => {
                let kind = format!(
                    "type.googleapis.com/google.ai.generativelanguage.v1beta.{}",
                    message.name
                );
                self.wrong(at, &kind, other);
            }
        }
    }

    fn members(&mut self, members: &Object<'_>, message: &'static Message, at: &str) {
        for (name, value) in members {
            let mut fields = message.fields.iter();
            let known = fields.find(|(field, _)| *field == name || snake(field) == name);
            let Some((field, kind)) = known else {
                self.unknown(name, at, "Cannot find field.");
                continue;
            };
            let place = match at {
                "" => snake(field),
                at => format!("{at}.{}", snake(field)),
            };
            let is_list = message.lists.contains(field);
            match value {
                Value::Array(items) if is_list => self.items(items, *kind, &place),
                Value::Array(_) if !matches!(kind, Kind::Open) => {
                    self.unknown(name, at, "Proto field is not repeating, cannot start list.");
                }
                Value::Null => {}
                one => self.value(one, *kind, &place),
            }
        }
    }

    fn items(&mut self, items: &[Value], kind: Kind, at: &str) {
        for (index, item) in items.iter().enumerate() {
            self.value(item, kind, &format!("{at}[{index}]"));
        }
    }

    fn value(&mut self, value: &Value, kind: Kind, at: &str) {
        match (kind, value) {
            (Kind::Message(message), value) => self.message(value, message, at),
            (Kind::Map(message), Value::Object(members)) => {
                for (index, member) in members.values().enumerate() {
                    self.message(member, message, &format!("{at}[{index}].value"));
                }
            }
            (Kind::Map(_), other) => self.wrong(at, "Map", other),
            (Kind::Struct, Value::Object(_)) | (Kind::Open, _) => {}
            (Kind::Struct, other) => {
                self.wrong(at, "type.googleapis.com/google.protobuf.Struct", other)
            }
            (Kind::Text | Kind::Bytes, Value::String(text)) => {
                if matches!(kind, Kind::Bytes) && !is_base64(text) {
                    let line = format!(
                        "Invalid value at '{at}' (TYPE_BYTES), Base64 decoding failed for \"{text}\""
                    );
                    self.tell("wrong-type", &line);
                }
            }
            (Kind::Text, other) => self.wrong(at, "TYPE_STRING", other),
            (Kind::Bytes, other) => self.wrong(at, "TYPE_BYTES", other),
            (Kind::Bool, Value::Bool(_)) => {}
            (Kind::Bool, other) => self.wrong(at, "TYPE_BOOL", other),
            // As JSON of protocol buffers has it, a number may stand in a string.
            (Kind::Number, Value::Number(_)) => {}
            (Kind::Number, Value::String(text)) if text.parse::<f64>().is_ok() => {}
            (Kind::Number, other) => self.wrong(at, "TYPE_DOUBLE", other),
        }
    }
}

/// Either alphabet, padded or not.
fn is_base64(text: &str) -> bool {
    let digits = text.trim_end_matches('=');
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"+/-_".contains(&byte);
    digits.len() % 4 != 1 && text.len() - digits.len() <= 2 && digits.bytes().all(legal)
}

#[cfg(test)]
mod tests {
    use crate::json::json;

    use super::*;

    fn told(body: &Value) -> String {
        check(body).map_or_else(|violation| violation.message, |()| String::new())
    }

    #[test]
    fn both_spellings_are_known() {
        let schema = json!({"type": "OBJECT", "properties": {"type": {"type": "STRING", "enum": ["a"]}}, "required": ["type"]});
        let body = json!({
            "contents": {"role": "user", "parts": {"text": "hi", "thought_signature": "c2ln"}},
            "system_instruction": {"parts": [{"text": "s"}]},
            "tools": [{"function_declarations": [{"name": "f", "parameters": schema, "parameters_json_schema": {"$schema": 1}}]}],
            "generationConfig": {"maxOutputTokens": "12", "thinkingConfig": {"includeThoughts": true}},
        });
        assert_eq!(told(&body), "");
    }

    #[test]
    fn what_is_unknown_is_told_all_at_once_with_its_place() {
        let parameters =
            json!({"type": "object", "$schema": "x", "properties": {"a": {}, "b": {"const": 1}}});
        let body = json!({
            "messages": [],
            "contents": [{"role": "user", "parts": [{"functionResponse": {"content": "x"}}]}],
            "tools": [{"functionDeclarations": [{"name": "f", "parameters": parameters}]}],
        });
        let lines = [
            "Invalid JSON payload received. Unknown name \"messages\": Cannot find field.",
            "Invalid JSON payload received. Unknown name \"content\" at 'contents[0].parts[0].function_response': Cannot find field.",
            "Invalid JSON payload received. Unknown name \"$schema\" at 'tools[0].function_declarations[0].parameters': Cannot find \
             field.",
            "Invalid JSON payload received. Unknown name \"const\" at \
             'tools[0].function_declarations[0].parameters.properties[1].value': Cannot find field.",
        ];
        assert_eq!(told(&body), lines.join("\n"));
    }

    #[test]
    fn values_of_the_wrong_kind_are_told() {
        let part = |part: Value| told(&json!({"contents": [{"parts": [part]}]}));
        let at = "'contents[0].parts[0]";
        for (given, expected) in [
            (
                json!({"text": 5}),
                format!("Invalid value at {at}.text' (TYPE_STRING), 5"),
            ),
            (
                json!({"text": ["a"]}),
                format!(
                    "Invalid JSON payload received. Unknown name \"text\" at {at}': Proto field is not repeating, cannot start list."
                ),
            ),
            (
                json!({"functionResponse": {"response": "x"}}),
                format!(
                    "Invalid value at {at}.function_response.response' (type.googleapis.com/google.protobuf.Struct), \"x\""
                ),
            ),
            (
                json!("hi"),
                format!(
                    "Invalid value at {at}' (type.googleapis.com/google.ai.generativelanguage.v1beta.Part), \"hi\""
                ),
            ),
            (
                json!({"thoughtSignature": "a b"}),
                format!(
                    "Invalid value at {at}.thought_signature' (TYPE_BYTES), Base64 decoding failed for \"a b\""
                ),
            ),
            (
                json!({"thought": "yes"}),
                format!("Invalid value at {at}.thought' (TYPE_BOOL), \"yes\""),
            ),
        ] {
            assert_eq!(part(given), expected);
        }
    }
}
