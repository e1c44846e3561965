//! Ids of tool calls. They look like the providers' own and say which call they belong to, so that a request can be addressed by what it
//! carries. Knows nothing of requests.

use std::fmt;

use sha2::{Digest, Sha256};

/// The place of a tool call: written as a prefix (`call_` unless a dialect has its own) and 24 hex digits, of which the last
/// nine prove that it is ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ToolId {
    /// The run; 0 for answers to auxiliary requests.
    pub(crate) run: u32,
    pub(crate) call: u32,
    pub(crate) attempt: u32,
    /// Its place among the calls of one answer, from 0.
    pub(crate) index: u32,
}

const PREFIX: &str = "call_";
/// Digits of run, call, attempt and index. What does not fit is cut off, which no case comes near whose runs are counted.
const WIDTHS: [usize; 4] = [6, 4, 3, 2];

impl fmt::Display for ToolId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.after(PREFIX))
    }
}

impl ToolId {
    /// The id with a dialect's own prefix, which ends in an underscore.
    pub(crate) fn after(self, prefix: &str) -> String {
        let place = self.place();
        format!("{prefix}{place}{}", check(&place))
    }

    /// Reads an id, whatever its prefix; nothing if it is not one of ours.
    pub(crate) fn parse(id: &str) -> Option<Self> {
        let (_, digits) = id.rsplit_once('_')?;
        let (place, tail) = digits.split_at_checked(WIDTHS.iter().sum())?;
        if tail != check(place) {
            return None;
        }
        let mut rest = place;
        let mut next = |width: usize| {
            let (field, after) = rest.split_at_checked(width)?;
            rest = after;
            u32::from_str_radix(field, 16).ok()
        };
        Some(Self {
            run: next(WIDTHS[0])?,
            call: next(WIDTHS[1])?,
            attempt: next(WIDTHS[2])?,
            index: next(WIDTHS[3])?,
        })
    }

    /// Whether it may be of this run: as far as a run fits.
    pub(crate) const fn is_of(self, run: u32) -> bool {
        self.run == run % (1 << (4 * WIDTHS[0]))
    }

    fn place(self) -> String {
        let fields = [self.run, self.call, self.attempt, self.index];
        let digits = fields.into_iter().zip(WIDTHS).map(|(field, width)| {
            let digits = format!("{field:0width$x}");
            digits[digits.len() - width..].to_owned()
        });
        digits.collect()
    }
}

/// Depends on nothing but the place, so that an id can be read by whoever sees it later.
fn check(place: &str) -> String {
    let digest = Sha256::digest(format!("tool call {place}"));
    let digits: String = digest[..5]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    digits[..9].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_read_as_it_was_written_and_looks_like_the_real_thing() {
        let id = ToolId {
            run: 12,
            call: 3,
            attempt: 2,
            index: 1,
        };
        let text = id.to_string();
        assert_eq!(ToolId::parse(&text), Some(id));
        assert_eq!(ToolId::parse(&id.after("toolu_")), Some(id));
        assert_eq!(text.len(), "call_".len() + 24);
        assert!(text[5..].bytes().all(|byte| byte.is_ascii_alphanumeric()));
        let cut = ToolId {
            run: 0xab00_000c,
            ..id
        };
        assert_eq!(ToolId::parse(&cut.to_string()), Some(id));
        assert!(id.is_of(12) && id.is_of(cut.run) && !id.is_of(13));
    }

    #[test]
    fn foreign_ids_are_nobodys() {
        for id in [
            "",
            "call_",
            "call_abc",
            "call_00000c0003002010123456789",
            "call_00000c00030020101234567",
            "toolu_01A09q90qw90lq917835lq9",
            "call_é0000c000300201012345678",
        ] {
            assert_eq!(ToolId::parse(id), None, "{id}");
        }
    }
}
