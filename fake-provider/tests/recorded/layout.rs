//! The lines of a body: how a stream's events are written, and how a document is spread over lines. Knows no fields.

/// The kinds of lines a stream has; one event after another of the same kinds is told once.
pub(crate) fn lines(stream: &str) -> String {
    let kinds: Vec<&str> = stream.lines().map(kind).collect();
    // An event ends with a blank line; an object on a line of its own ends with that.
    let mut events: Vec<&[&str]> = kinds
        .split_inclusive(|kind| ["blank", "object"].contains(kind))
        .collect();
    events.dedup();
    events.concat().join(", ")
}

fn kind(line: &str) -> &str {
    match line.split_once(": ") {
        _ if line.starts_with('{') && line.ends_with('}') => "object",
        Some((field, _)) => field,
        None if line.is_empty() => "blank",
        None => line,
    }
}

/// How a document is laid out, in a few words.
pub(crate) fn summary(document: &str) -> String {
    let indent = document.lines().nth(1).map_or(0, indentation);
    let ended = if document.ends_with('\n') {
        "ended"
    } else {
        "open"
    };
    format!(
        "{} lines, indented by {indent}, {ended}",
        document.lines().count()
    )
}

/// Every line's indentation, and the key or bracket it begins with.
pub(crate) fn skeleton(document: &str) -> Vec<(usize, &str)> {
    let line = |line| {
        let begins = str::trim_start(line);
        (
            indentation(line),
            begins.split(':').next().unwrap_or(begins),
        )
    };
    document.lines().map(line).collect()
}

fn indentation(line: &str) -> usize {
    line.len() - line.trim_start().len()
}
