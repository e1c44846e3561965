//! Whether a block of fields is built as it should be (RFC 7541, section 6). Whoever decodes it takes that for granted, and would panic.

/// Whether every number and every string in it is whole.
pub(super) fn is_sound(mut block: &[u8]) -> bool {
    while let Some(first) = block.first() {
        let rest = match first {
            0x80.. => number(block, 7).and_then(|(index, rest)| (index > 0).then_some(rest)),
            0x40.. => literal(block, 6),
            0x20.. => number(block, 5).map(|(_, rest)| rest),
            _ => literal(block, 4),
        };
        let Some(rest) = rest else { return false };
        block = rest;
    }
    true
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
