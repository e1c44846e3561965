//! Text becomes a tree, as far as its syntax allows.

use toml::de::DeTable;
use wire_faults::Mistake;

use super::node::Node;

/// What is wrong with the syntax.
pub(super) struct Syntax {
    pub(super) mistakes: Vec<Mistake>,
    /// Whether some of the text could not be understood. A key that is given twice is a mistake, but understood.
    pub(super) broken: bool,
}

/// The tree of what could be understood, and what could not.
pub(super) fn parse(text: &str) -> (Node, Syntax) {
    let (document, errors) = DeTable::parse_recoverable(text);
    let mut syntax = Syntax {
        mistakes: Vec::new(),
        broken: false,
    };
    for error in &errors {
        let span = error.span().unwrap_or(0..0);
        let mistake = if error.message().starts_with("duplicate key") {
            let key = text.get(span.clone()).unwrap_or_default();
            Mistake::new(span, format!("`{key}` is given twice"))
                .with_help("a key is given once; keep one of them")
        } else {
            syntax.broken = true;
            let mut lines = error.message().lines();
            let mistake = Mistake::new(span, lines.next().unwrap_or_default());
            let rest: Vec<_> = lines.collect();
            if rest.is_empty() {
                mistake
            } else {
                mistake.with_help(rest.join("; "))
            }
        };
        syntax.mistakes.push(mistake);
    }
    (Node::of_document(&document), syntax)
}
