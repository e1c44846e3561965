//! JSON as Google writes it, with marks where the points of a fault lie: laid out over lines in documents and arrays, on one line
//! with a space after each colon in events. Knows what the members of an answer mean by their names, and nothing else of them.

use serde_json::{Map, Value, json};

use crate::body::Body;

/// How a document is spread over lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// Indented by two.
    Lines,
    /// On one line.
    Line,
}

/// What the bytes of a value are part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meaning {
    Nothing,
    Text,
    Reasoning,
    /// All of it, keys and brackets too: arguments stand in the answer as the JSON that they are.
    Arguments,
}

/// Writes a response, or a chunk of one. `marks_finish`: whether its finish reason begins at that member, and not before.
pub(super) fn write(body: &mut Body, style: Style, value: &Value, marks_finish: bool) {
    let mut writer = Writer {
        body,
        style,
        marks_finish,
    };
    writer.value(value, 0, Meaning::Nothing);
}

/// A document on its own, without marks.
pub(super) fn document(value: &Value) -> Vec<u8> {
    let mut body = Body::default();
    write(&mut body, Style::Lines, value, false);
    body.raw("\n");
    body.into_response().body
}

struct Writer<'a> {
    body: &'a mut Body,
    style: Style,
    marks_finish: bool,
}

impl Writer<'_> {
    fn value(&mut self, value: &Value, depth: usize, meaning: Meaning) {
        match value {
            Value::Object(members) if !members.is_empty() => self.object(members, depth, meaning),
            Value::Array(items) if !items.is_empty() => {
                self.token("[", meaning);
                for (place, item) in items.iter().enumerate() {
                    self.separate(place, depth + 1, meaning);
                    self.value(item, depth + 1, meaning);
                }
                self.line(depth);
                self.token("]", meaning);
            }
            Value::String(text) if meaning == Meaning::Text => self.body.text(text),
            Value::String(text) if meaning == Meaning::Reasoning => self.body.reasoning(text),
            leaf => self.token(&leaf.to_string(), meaning),
        }
    }

    fn object(&mut self, members: &Map<String, Value>, depth: usize, meaning: Meaning) {
        self.token("{", meaning);
        for (place, (name, member)) in members.iter().enumerate() {
            self.separate(place, depth + 1, meaning);
            if self.marks_finish && name == "finishReason" && meaning == Meaning::Nothing {
                self.body.mark_finish();
            }
            self.token(&json!(name).to_string(), meaning);
            self.token(":", meaning);
            self.body.raw(" ");
            self.value(member, depth + 1, within(name, members, meaning));
        }
        self.line(depth);
        self.token("}", meaning);
    }

    fn separate(&mut self, place: usize, depth: usize, meaning: Meaning) {
        if place > 0 {
            self.token(",", meaning);
        }
        self.line(depth);
    }

    fn line(&mut self, depth: usize) {
        if self.style == Style::Lines {
            self.body.raw("\n");
            self.body.raw(&"  ".repeat(depth));
        }
    }

    fn token(&mut self, token: &str, meaning: Meaning) {
        match meaning {
            Meaning::Arguments => self.body.bare_arguments(token),
            _ => self.body.raw(token),
        }
    }
}

/// What a member's value is part of.
fn within(name: &str, siblings: &Map<String, Value>, meaning: Meaning) -> Meaning {
    match name {
        _ if meaning == Meaning::Arguments => meaning,
        "args" => Meaning::Arguments,
        "text" if siblings.get("thought") == Some(&Value::Bool(true)) => Meaning::Reasoning,
        "text" => Meaning::Text,
        _ => Meaning::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(style: Style, value: &Value) -> (String, fault_io::Response) {
        let mut body = Body::default();
        write(&mut body, style, value, true);
        let response = body.into_response();
        let text = String::from_utf8(response.body.clone()).expect("is text");
        (text, response)
    }

    #[test]
    fn a_line_and_lines_are_as_recorded() {
        let value = json!({"candidates": [{"content": {"parts": [{"text": "a\"b"}]}, "index": 0}], "x": {}, "y": []});
        assert_eq!(
            written(Style::Line, &value).0,
            r#"{"candidates": [{"content": {"parts": [{"text": "a\"b"}]},"index": 0}],"x": {},"y": []}"#
        );
        assert_eq!(
            written(Style::Lines, &json!({"a": [{"b": 1}], "c": {}})).0,
            "{\n  \"a\": [\n    {\n      \"b\": 1\n    }\n  ],\n  \"c\": {}\n}"
        );
    }

    #[test]
    fn arguments_are_counted_as_their_compact_text() {
        let arguments = json!({"text": "é", "finishReason": [1, {"args": null}]});
        let value = json!({"name": "n", "args": arguments, "finishReason": "STOP"});
        for style in [Style::Line, Style::Lines] {
            let (text, response) = written(style, &value);
            let marks = response.marks;
            assert_eq!(marks.arguments.len(), arguments.to_string().len());
            assert_eq!(marks.text.len(), 0, "{text}");
            let finish = &text[marks.finish.expect("is told")..];
            assert!(finish.starts_with("\"finishReason\": \"STOP\""), "{finish}");
        }
    }

    #[test]
    fn thoughts_are_no_text() {
        let value = json!([{"text": "abc", "thought": true}, {"text": "de"}]);
        assert_eq!(written(Style::Line, &value).1.marks.text.len(), 2);
    }
}
