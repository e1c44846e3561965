//! A recorded answer beside ours: frames in their order, then fields in each kind of frame, lines, and headers.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::dialect::Dialect;
use crate::index::Exchange;
use crate::layout;
use crate::shape::Shape;
use crate::told::Told;

/// One thing that is not the same.
#[derive(Debug)]
pub(crate) struct Difference {
    pub(crate) file: String,
    /// The kind of frame it is in.
    #[expect(dead_code, reason = "is shown when a difference is not listed")]
    pub(crate) place: String,
    pub(crate) field: String,
    pub(crate) recorded: String,
    pub(crate) ours: String,
}

struct Comparison<'a> {
    dialect: &'a Dialect,
    file: &'a str,
    found: Vec<Difference>,
}

/// What is not the same.
pub(crate) fn compare(dialect: &Dialect, exchange: &Exchange, ours: &Told) -> Vec<Difference> {
    let mut comparison = Comparison {
        dialect,
        file: &exchange.file,
        found: Vec::new(),
    };
    match exchange.is_stream() {
        true => comparison.streams(&exchange.body, &ours.body),
        false => comparison.documents(&exchange.body, &ours.body),
    }
    comparison.headers(exchange, ours);
    comparison.found
}

impl Comparison<'_> {
    fn check(&mut self, place: &str, field: &str, recorded: &str, ours: &str) {
        if recorded != ours {
            self.found.push(Difference {
                file: self.file.to_owned(),
                place: place.to_owned(),
                field: field.to_owned(),
                recorded: recorded.to_owned(),
                ours: ours.to_owned(),
            });
        }
    }

    fn streams(&mut self, recorded: &str, ours: &str) {
        self.check(
            "stream",
            "lines",
            &layout::lines(recorded),
            &layout::lines(ours),
        );
        let frames = self.dialect.frames;
        let (recorded, ours) = (frames(recorded), frames(ours));
        for field in self.dialect.constant {
            self.check("stream", field, same(&recorded, field), same(&ours, field));
        }
        let (recorded, ours) = (self.runs(&recorded), self.runs(&ours));
        let kinds = |runs: &[Run]| {
            let kinds: Vec<&str> = runs.iter().map(|run| run.kind.as_str()).collect();
            kinds.join(", ")
        };
        self.check("stream", "frames", &kinds(&recorded), &kinds(&ours));
        for (recorded, ours) in recorded.iter().zip(&ours) {
            if recorded.kind == ours.kind {
                self.run(recorded, ours);
            }
        }
    }

    fn runs(&self, frames: &[Value]) -> Vec<Run> {
        let mut runs: Vec<Run> = Vec::new();
        for frame in frames {
            let (kind, shape) = ((self.dialect.kind)(frame), Shape::of(frame));
            match runs.last_mut() {
                Some(run) if run.kind == kind && run.shapes.contains(&shape) => {}
                Some(run) if run.kind == kind => run.shapes.push(shape),
                _ => runs.push(Run {
                    kind,
                    shapes: vec![shape],
                }),
            }
        }
        runs
    }

    /// Every frame of a run against every distinct shape of the other side.
    fn run(&mut self, recorded: &Run, ours: &Run) {
        for one in &recorded.shapes {
            for other in &ours.shapes {
                self.shapes(&recorded.kind, one, other);
            }
        }
    }

    fn documents(&mut self, recorded: &str, ours: &str) {
        let (summary, our_summary) = (layout::summary(recorded), layout::summary(ours));
        self.check("document", "layout", &summary, &our_summary);
        if summary == our_summary {
            let (recorded, ours) = (layout::skeleton(recorded), layout::skeleton(ours));
            let pairs = recorded.iter().zip(&ours);
            for (recorded, ours) in pairs.filter(|(recorded, ours)| recorded != ours) {
                self.check(
                    "document",
                    "line",
                    &format!("{recorded:?}"),
                    &format!("{ours:?}"),
                );
            }
        }
        let shape = |document| Shape::of(&serde_json::from_str(document).expect("is JSON"));
        self.shapes("document", &shape(recorded), &shape(ours));
    }

    fn shapes(&mut self, place: &str, recorded: &Shape, ours: &Shape) {
        let all = recorded.fields.iter().chain(&ours.fields);
        let paths: BTreeSet<&String> = all.map(|(path, _)| path).collect();
        for path in paths {
            self.check(place, path, recorded.field(path), ours.field(path));
        }
        let common = |one: &Shape, other: &Shape| -> Vec<String> {
            let fields = one.fields.iter().map(|(path, _)| path.clone());
            fields
                .filter(|path| other.field(path) != "absent")
                .collect()
        };
        let (recorded, ours) = (common(recorded, ours), common(ours, recorded));
        let first = recorded
            .iter()
            .zip(&ours)
            .find(|(recorded, ours)| recorded != ours);
        if let Some((recorded, ours)) = first {
            self.check(place, "order", recorded, ours);
        }
    }

    fn headers(&mut self, exchange: &Exchange, ours: &Told) {
        let recorded = exchange.headers();
        let mut names: BTreeSet<&str> = recorded.iter().map(|(name, _)| name.as_str()).collect();
        if exchange.all {
            names.extend(ours.headers.iter().map(|(name, _)| name.as_str()));
        }
        for name in names {
            let (recorded, ours) = (header(&recorded, name), header(&ours.headers, name));
            self.check("head", &format!("header {name}"), &recorded, &ours);
        }
    }
}

fn header(headers: &[(String, String)], name: &str) -> String {
    let found = headers.iter().find(|(header, _)| header == name);
    let Some((_, value)) = found else {
        return "absent".to_owned();
    };
    let fixed = [
        "content-type",
        "openai-version",
        "server",
        "transfer-encoding",
    ];
    let request_id = value.strip_prefix("req_").is_some_and(|digits| {
        digits.len() == 32 && digits.chars().all(|digit| digit.is_ascii_hexdigit())
    });
    let kind = match value {
        value if fixed.contains(&name) => value,
        value if value.chars().all(|char| char.is_ascii_digit()) => "number",
        // As Go writes durations: `8.64s`, `1m6.779s`, `6ms`.
        value if value.ends_with('s') && value.starts_with(|char: char| char.is_ascii_digit()) => {
            "duration"
        }
        _ if request_id => "request id",
        _ => "text",
    };
    kind.to_owned()
}

fn same(frames: &[Value], field: &str) -> &'static str {
    let values = frames.iter().filter_map(|frame| frame.get(field));
    let distinct: BTreeSet<String> = values.map(Value::to_string).collect();
    match distinct.len() {
        0 => "absent",
        1 => "the same in every frame",
        _ => "varies",
    }
}

/// Frames of one kind that follow each other, and their distinct shapes.
struct Run {
    kind: String,
    shapes: Vec<Shape>,
}
