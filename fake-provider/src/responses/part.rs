//! JSON that is going to be written, and in it the strings that a fault can be asked for in. Knows no field of the dialect.

use serde_json::Value;

use crate::body::Body;

/// A piece of JSON.
#[derive(Debug, Clone)]
pub(super) enum Part<'a> {
    Value(Value),
    /// What the answer says.
    Text(&'a str),
    Reasoning(&'a str),
    Arguments(&'a str),
    /// How the answer ended.
    Finish(&'static str),
    Object(Vec<(&'static str, Part<'a>)>),
    List(Vec<Part<'a>>),
}

impl<T: Into<Value>> From<T> for Part<'_> {
    fn from(value: T) -> Self {
        Self::Value(value.into())
    }
}

/// How it is written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Layout {
    /// Over lines, indented by two; else in one.
    lines: bool,
    /// Whether the strings that faults count in are counted here.
    marked: bool,
    depth: usize,
}

impl Layout {
    /// In one line; what it says was said before.
    pub(super) const REPEATED: Self = Self {
        lines: false,
        marked: false,
        depth: 0,
    };
    /// In one line, and said here for the first time.
    pub(super) const DELTA: Self = Self {
        lines: false,
        marked: true,
        depth: 0,
    };
    /// Over lines, and said here for the first time.
    pub(super) const DOCUMENT: Self = Self {
        lines: true,
        marked: true,
        depth: 0,
    };

    const fn deeper(self) -> Self {
        Self {
            depth: self.depth + 1,
            ..self
        }
    }

    fn line(self, body: &mut Body) {
        if self.lines {
            body.raw("\n");
            body.raw(&"  ".repeat(self.depth));
        }
    }

    /// Writes `items` between these brackets.
    fn group<T>(
        self,
        body: &mut Body,
        brackets: [&str; 2],
        items: impl ExactSizeIterator<Item = T>,
        mut write: impl FnMut(&mut Body, Self, T),
    ) {
        body.raw(brackets[0]);
        let empty = items.len() == 0;
        for (place, item) in items.enumerate() {
            if place > 0 {
                body.raw(",");
            }
            self.deeper().line(body);
            write(body, self.deeper(), item);
        }
        if !empty {
            self.line(body);
        }
        body.raw(brackets[1]);
    }

    fn name(self, body: &mut Body, name: &str) {
        body.string(name);
        body.raw(if self.lines { ": " } else { ":" });
    }
}

impl Part<'_> {
    /// The string of what is said, in any of its kinds.
    pub(super) const fn said(&self) -> Option<&str> {
        match self {
            Self::Text(text) | Self::Reasoning(text) | Self::Arguments(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn write(&self, body: &mut Body, layout: Layout) {
        match self {
            Self::Value(value) => write_value(value, body, layout),
            Self::Text(text) if layout.marked => body.text(text),
            Self::Reasoning(text) if layout.marked => body.reasoning(text),
            Self::Arguments(text) if layout.marked => body.arguments(text),
            Self::Finish(word) => {
                if layout.marked {
                    body.mark_finish();
                }
                body.string(word);
            }
            Self::Text(text) | Self::Reasoning(text) | Self::Arguments(text) => body.string(text),
            Self::Object(members) => {
                layout.group(body, ["{", "}"], members.iter(), |body, layout, member| {
                    layout.name(body, member.0);
                    member.1.write(body, layout);
                });
            }
            Self::List(items) => {
                layout.group(body, ["[", "]"], items.iter(), |body, layout, item| {
                    item.write(body, layout);
                })
            }
        }
    }
}

fn write_value(value: &Value, body: &mut Body, layout: Layout) {
    match value {
        Value::String(text) => body.string(text),
        Value::Array(items) => {
            layout.group(body, ["[", "]"], items.iter(), |body, layout, item| {
                write_value(item, body, layout);
            })
        }
        Value::Object(members) => {
            layout.group(
                body,
                ["{", "}"],
                members.iter(),
                |body, layout, (name, member)| {
                    layout.name(body, name);
                    write_value(member, body, layout);
                },
            );
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => body.raw(&value.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn it_is_written_as_json_is_written_elsewhere() {
        let value = json!({"a": [], "b": {}, "c": [1, {"d": "e\n\"é"}], "f": 1.0, "g": null});
        let part =
            |value: &Value| Part::Object(vec![("x", Part::List(vec![value.clone().into()]))]);
        let same = json!({"x": [value]});
        let written = |layout| {
            let mut body = Body::default();
            part(&same["x"][0]).write(&mut body, layout);
            String::from_utf8(body.into_response().body).expect("is text")
        };
        assert_eq!(written(Layout::REPEATED), same.to_string());
        assert_eq!(written(Layout::DOCUMENT), format!("{same:#}"));
    }

    #[test]
    fn only_what_is_said_first_is_counted() {
        let part = Part::List(vec![Part::Text("ab"), Part::Arguments("{}"), "c".into()]);
        let marks = |layout| {
            let mut body = Body::default();
            part.write(&mut body, layout);
            let marks = body.into_response().marks;
            (marks.text.len(), marks.arguments.len())
        };
        assert_eq!(marks(Layout::DOCUMENT), (2, 2));
        assert_eq!(marks(Layout::REPEATED), (0, 0));
    }
}
