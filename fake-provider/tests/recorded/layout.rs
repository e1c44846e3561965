//! The lines of a body: how a stream's events are written, and how a document is spread over lines. Knows no fields.

/// The kinds of lines a stream has; one event after another is told once.
pub(crate) fn lines(stream: &str) -> String {
    let kinds: Vec<&str> = stream.lines().map(kind).collect();
    let event = kinds.iter().position(|kind| *kind == "blank");
    let event = &kinds[..event.map_or(kinds.len(), |blank| blank + 1)];
    let alike = !event.is_empty() && kinds.chunks(event.len()).all(|one| one == event);
    match alike {
        true => event.join(", "),
        false => kinds.join(", "),
    }
}

fn kind(line: &str) -> &str {
    match line.split_once(": ") {
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
