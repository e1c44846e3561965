//! Reads a file that a person wrote, and tells every mistake in it at once instead of the first one only.
//!
//! Deserialisers stop at the first error. This one remembers it, puts a *hole* where the wrong value was (a hole can be read
//! as anything), and begins again, until the whole document can be read. What was checked by types is thereby told
//! completely; what has to be checked by hand asks [`Told`] first, so that no mistake is told that only follows from
//! another. Knows nothing of scripts and scenarios.

mod hole;
mod node;
mod path;
mod source;
mod stop;
mod suggestion;
mod syntax;
mod value;

use std::collections::BTreeSet;
use std::ops::Range;

use serde::de::DeserializeOwned;
use wire_faults::Mistake;

use node::Node;
pub use source::{SourceError, source};
use stop::{Repair, Stop};
pub use suggestion::{resembles, suggestion};
use value::ValueReader;

/// More mistakes than anyone mends in one go; a file with more is told about in several.
const MISTAKES_AT_MOST: usize = 200;

/// What became of a document.
#[derive(Debug)]
pub struct Reading<T> {
    /// The document, with placeholders where [`Told`] knows of a mistake; `None` if nothing could be made of it.
    pub value: Option<T>,
    /// Every mistake in syntax, keys and types.
    pub mistakes: Vec<Mistake>,
    /// Where they are.
    pub told: Told,
}

/// Where mistakes were told already.
#[derive(Debug, Clone, Default)]
pub struct Told {
    places: BTreeSet<(usize, usize)>,
    broken: bool,
}

impl Told {
    /// Whether nothing was told about the value that is written here, nor about anything inside it.
    #[must_use]
    pub fn sound(&self, span: &Range<usize>) -> bool {
        !self.places.contains(&(span.start, span.end))
    }

    /// Whether the file's syntax was broken, so that nothing can be said about what is missing in it.
    #[must_use]
    pub const fn broken(&self) -> bool {
        self.broken
    }

    /// Remembers that something was told about the value that is written here.
    pub fn tell(&mut self, span: &Range<usize>) {
        self.places.insert((span.start, span.end));
    }
}

/// Reads a whole document.
#[must_use]
pub fn read<T: DeserializeOwned>(text: &str) -> Reading<T> {
    let (root, syntax) = syntax::parse(text);
    read_node(root, syntax)
}

/// Reads a part of a document: of its top-level keys only those that are, or resemble, one of `keys`.
#[must_use]
pub fn read_part<T: DeserializeOwned>(text: &str, keys: &[&str]) -> Reading<T> {
    let (mut root, syntax) = syntax::parse(text);
    root.retain_keys(|key| {
        keys.iter()
            .any(|wanted| *wanted == key || resembles(key, wanted))
    });
    read_node(root, syntax)
}

fn read_node<T: DeserializeOwned>(mut root: Node, syntax: syntax::Syntax) -> Reading<T> {
    let mut told = Told {
        places: BTreeSet::new(),
        broken: syntax.broken,
    };
    let mut mistakes = Vec::new();
    let mut value = None;
    while mistakes.len() < MISTAKES_AT_MOST {
        let stop = match T::deserialize(ValueReader::new(&root)) {
            Ok(whole) => {
                value = Some(whole);
                break;
            }
            Err(stop) => stop,
        };
        let path = stop.path();
        if let Some(mistake) = mistake_of(&stop, &root, &path) {
            root.spans_along(&path, |span| told.tell(span));
            let hidden = hidden_by_syntax(&stop, &mistake, &syntax);
            mistakes.extend(Some(mistake).filter(|_| !hidden));
        }
        if !path::mend(&mut root, &path, &stop.repair) {
            break;
        }
    }
    mistakes.extend(syntax.mistakes);
    mistakes.sort_by_key(|mistake| (mistake.span.start, mistake.span.end));
    Reading {
        value,
        mistakes,
        told,
    }
}

/// The mistake behind a stop; none where a hole was stumbled over, whose mistake was told when it was made.
fn mistake_of(stop: &Stop, root: &Node, path: &[path::Segment]) -> Option<Mistake> {
    let (node, in_hole) = root.follow(path)?;
    if in_hole {
        return None;
    }
    let span = match &stop.repair {
        Repair::Key(_) => root.key_span(path)?,
        Repair::Value | Repair::Add(_) => node.span.clone(),
    };
    let mut mistake = Mistake::new(span, stop.message.clone());
    mistake.help.clone_from(&stop.help);
    Some(mistake)
}

/// What could not be read tells lies about what stands around it and about what is missing.
fn hidden_by_syntax(stop: &Stop, mistake: &Mistake, syntax: &syntax::Syntax) -> bool {
    let missing = matches!(stop.repair, Repair::Add(_));
    syntax.broken && (missing || syntax.is_unclear(mistake.span.start))
}

#[cfg(test)]
mod tests;
