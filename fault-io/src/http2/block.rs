//! How a block of fields is built (RFC 7541, section 6), so that its pieces can be told apart. Whoever decodes them takes it for granted
//! that they are whole, and would panic. Knows no field.

/// A piece of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Piece<'a> {
    pub(super) bytes: &'a [u8],
    /// Whether those that follow depend on it: what is remembered, and how much may be.
    pub(super) is_remembered: bool,
}

/// The first piece of a block, and what follows it; nothing where a number or a string is not whole.
pub(super) fn first(block: &[u8]) -> Option<(Piece<'_>, &[u8])> {
    let rest = match block.first()? {
        0x80.. => number(block, 7).and_then(|(index, rest)| (index > 0).then_some(rest)),
        0x40.. => literal(block, 6),
        0x20.. => number(block, 5).map(|(_, rest)| rest),
        _ => literal(block, 4),
    }?;
    let bytes = &block[..block.len() - rest.len()];
    let is_remembered = matches!(block.first(), Some(0x20..0x80));
    Some((
        Piece {
            bytes,
            is_remembered,
        },
        rest,
    ))
}

/// What follows a literal, whose name is a number or a string.
fn literal(block: &[u8], prefix: u32) -> Option<&[u8]> {
    match number(block, prefix)? {
        (0, rest) => string(string(rest)?),
        (_, rest) => string(rest),
    }
}

fn string(block: &[u8]) -> Option<&[u8]> {
    let (length, rest) = number(block, 7)?;
    rest.get(length..)
}

/// A number (RFC 7541, section 5.1) of no more than four further bytes, and what follows it.
fn number(block: &[u8], prefix: u32) -> Option<(usize, &[u8])> {
    let (first, mut rest) = block.split_first()?;
    let most = (1 << prefix) - 1;
    let mut number = usize::from(*first) & most;
    if number < most {
        return Some((number, rest));
    }
    for shift in [0, 7, 14, 21] {
        let (more, after) = rest.split_first()?;
        rest = after;
        number += usize::from(more & 0x7f) << shift;
        if more & 0x80 == 0 {
            return Some((number, rest));
        }
    }
    None
}
