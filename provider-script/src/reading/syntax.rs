//! Text becomes a tree, as far as its syntax allows.

use std::ops::Range;

use toml::de::DeTable;
use wire_faults::Mistake;

use super::node::Node;

/// What is wrong with the syntax.
pub(super) struct Syntax {
    pub(super) mistakes: Vec<Mistake>,
    /// Whether some of the text could not be understood. A key that is given twice is a mistake, but understood.
    pub(super) broken: bool,
    /// What stands here may be anything: a line that was not understood and, below a header that was not, what belongs to
    /// it.
    pub(super) unclear: Vec<Range<usize>>,
}

impl Syntax {
    /// Whether what stands at this byte may have been meant quite differently.
    pub(super) fn is_unclear(&self, offset: usize) -> bool {
        self.unclear.iter().any(|unclear| unclear.contains(&offset))
    }
}

/// The tree of what could be understood, and what could not.
pub(super) fn parse(text: &str) -> (Node, Syntax) {
    let (document, errors) = DeTable::parse_recoverable(text);
    let mut syntax = Syntax {
        mistakes: Vec::new(),
        broken: false,
        unclear: Vec::new(),
    };
    for error in &errors {
        let span = error.span().unwrap_or(0..0);
        let mistake = if error.message().starts_with("duplicate key") {
            let key = text.get(span.clone()).unwrap_or_default();
            Mistake::new(span, format!("`{key}` is given twice"))
                .with_help("a key is given once; keep one of them")
        } else {
            syntax.broken = true;
            syntax.unclear.push(unclear(text, span.start));
            mistake(span, error.message())
        };
        syntax.mistakes.push(mistake);
    }
    (Node::of_document(&document), syntax)
}

/// What the parser says, in words of ours where its own are about itself.
fn mistake(span: Range<usize>, said: &str) -> Mistake {
    if said.contains("recurs") {
        return Mistake::new(span, "this is nested too deeply")
            .with_help("nothing in such a file needs more than a few levels");
    }
    let mut lines = said.lines();
    let mistake = Mistake::new(span, lines.next().unwrap_or_default());
    let rest: Vec<_> = lines.collect();
    if rest.is_empty() {
        mistake
    } else {
        mistake.with_help(rest.join("; "))
    }
}

/// The line around a byte, and all that follows up to the next header if it is a header itself.
fn unclear(text: &str, offset: usize) -> Range<usize> {
    let offset = text.floor_char_boundary(offset.min(text.len()));
    let start = text[..offset].rfind('\n').map_or(0, |newline| newline + 1);
    let line_end = text[start..]
        .find('\n')
        .map_or(text.len(), |newline| start + newline + 1);
    if !text[start..].starts_with('[') {
        return start..line_end;
    }
    let next = text[line_end..].find("\n[");
    let end = next.map_or(text.len(), |newline| line_end + newline + 1);
    start..if text[line_end..].starts_with('[') {
        line_end
    } else {
        end
    }
}
