//! The way from the root of a document to one of its values, and what is done at its end.

use std::ops::Range;

use super::node::{Field, Kind, Node};
use super::stop::Repair;

/// One step on the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Segment {
    /// Into the n-th key of a table.
    Key(usize),
    /// Into the n-th item of a list.
    Item(usize),
}

impl Node {
    fn child(&self, segment: Segment) -> Option<&Self> {
        match (&self.kind, segment) {
            (Kind::Table(fields), Segment::Key(index)) => {
                fields.get(index).map(|field| &field.value)
            }
            (Kind::Array(items), Segment::Item(index)) => items.get(index),
            _ => None,
        }
    }

    fn child_mut(&mut self, segment: Segment) -> Option<&mut Self> {
        match (&mut self.kind, segment) {
            (Kind::Table(fields), Segment::Key(index)) => {
                fields.get_mut(index).map(|field| &mut field.value)
            }
            (Kind::Array(items), Segment::Item(index)) => items.get_mut(index),
            _ => None,
        }
    }

    /// The value at the end of the way and whether the way ends in a hole, which has nothing inside it.
    pub(super) fn follow(&self, path: &[Segment]) -> Option<(&Self, bool)> {
        let mut node = self;
        for segment in path {
            if matches!(node.kind, Kind::Hole) {
                return Some((node, true));
            }
            node = node.child(*segment)?;
        }
        Some((node, matches!(node.kind, Kind::Hole)))
    }

    /// Where the key at the end of the way is written.
    pub(super) fn key_span(&self, path: &[Segment]) -> Option<Range<usize>> {
        let (last, way) = path.split_last()?;
        let (table, _) = self.follow(way)?;
        match (&table.kind, last) {
            (Kind::Table(fields), Segment::Key(index)) => {
                fields.get(*index).map(|field| field.key_span.clone())
            }
            _ => None,
        }
    }

    /// Every value on the way, the root and the end included.
    pub(super) fn spans_along(&self, path: &[Segment], mut each: impl FnMut(&Range<usize>)) {
        let mut node = self;
        each(&node.span);
        for segment in path {
            let Some(child) = node.child(*segment) else {
                return;
            };
            node = child;
            each(&node.span);
        }
    }
}

/// Makes the document readable beyond the end of the way. `false` if nothing is left to read.
pub(super) fn mend(root: &mut Node, path: &[Segment], repair: &Repair) -> bool {
    let Some((_, in_hole)) = root.follow(path) else {
        return false;
    };
    if in_hole {
        // Even a hole could not be read here: what holds it goes.
        return mend_around(root, path);
    }
    let Some(node) = descend(root, path) else {
        return false;
    };
    match repair {
        Repair::Value => node.kind = Kind::Hole,
        Repair::Add(key) => {
            let span = node.span.clone();
            let Kind::Table(fields) = &mut node.kind else {
                return false;
            };
            fields.push(Field {
                key: (*key).to_owned(),
                key_span: span.clone(),
                value: Node::hole(span),
            });
        }
        Repair::Key(meant) => return rename(root, path, *meant) || remove(root, path),
    }
    true
}

fn rename(root: &mut Node, path: &[Segment], meant: Option<&str>) -> bool {
    let (Some(meant), Some((Segment::Key(index), way))) = (meant, path.split_last()) else {
        return false;
    };
    let Some(Kind::Table(fields)) = descend(root, way).map(|node| &mut node.kind) else {
        return false;
    };
    if fields.iter().any(|field| field.key == meant) {
        return false;
    }
    fields.get_mut(*index).is_some_and(|field| {
        field.key = meant.to_owned();
        true
    })
}

fn descend<'n>(root: &'n mut Node, path: &[Segment]) -> Option<&'n mut Node> {
    path.iter()
        .try_fold(root, |node, segment| node.child_mut(*segment))
}

fn remove(root: &mut Node, path: &[Segment]) -> bool {
    let Some((last, way)) = path.split_last() else {
        return false;
    };
    match (descend(root, way).map(|node| &mut node.kind), last) {
        (Some(Kind::Table(fields)), Segment::Key(index)) if *index < fields.len() => {
            fields.remove(*index);
            true
        }
        (Some(Kind::Array(items)), Segment::Item(index)) if *index < items.len() => {
            items.remove(*index);
            true
        }
        _ => false,
    }
}

/// Replaces the table around the innermost hole on the way by a hole, or takes the hole out of the list around it.
fn mend_around(root: &mut Node, path: &[Segment]) -> bool {
    let depth = (0..=path.len())
        .find(|depth| matches!(root.follow(&path[..*depth]), Some((_, true))))
        .unwrap_or(path.len());
    match path[..depth].split_last() {
        Some((Segment::Item(_), _)) => remove(root, &path[..depth]),
        Some((Segment::Key(_), way)) => descend(root, way).is_some_and(|node| {
            node.kind = Kind::Hole;
            true
        }),
        None => false,
    }
}
