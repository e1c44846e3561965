//! Heads of requests as they are read from blocks of fields, within bounds. Knows no frame.

use httlib_hpack::Decoder;

use super::block;
use super::connection::Bounds;
use super::frame::code;

/// What a peer may have us remember of heads: the usual amount (RFC 9113, section 6.5.2).
const TABLE: u32 = 4_096;
/// What a field counts beyond its bytes (RFC 9113, section 6.5.2).
const OF_A_FIELD: usize = 32;

/// A name and its value, as they came.
type Field = (Vec<u8>, Vec<u8>);

/// What was asked over a stream, but for the body and the way to answer it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked {
    /// `:method`.
    pub method: String,
    /// `:path`, with the query.
    pub path: String,
    /// `:authority`.
    pub authority: String,
    /// The other fields, in their order.
    pub fields: Vec<(String, String)>,
    /// Whether there was more of it than the bounds allow, which is left out.
    pub is_too_large: bool,
}

/// Reads heads, one after the other, since each may refer to those before.
pub(super) struct Heads {
    hpack: Decoder<'static>,
    bounds: Bounds,
}

impl Heads {
    pub(super) fn new(bounds: Bounds) -> Self {
        Self {
            hpack: Decoder::with_dynamic_size(TABLE),
            bounds,
        }
    }

    /// What a block asks; nothing if its fields are not as they should be (RFC 9113, section 8.3.1).
    ///
    /// # Errors
    ///
    /// The block cannot be read, and so can none that follows.
    pub(super) fn read(&mut self, mut block: &[u8]) -> Result<Option<Asked>, u32> {
        let mut fields = Vec::new();
        let mut size = 0;
        let mut is_too_large = false;
        while !block.is_empty() {
            let (piece, rest) = block::first(block).ok_or(code::COMPRESSION_ERROR)?;
            block = rest;
            if is_too_large && !piece.is_remembered {
                continue;
            }
            let Some((name, value)) = self.field(piece.bytes)? else {
                continue;
            };
            size += name.len() + value.len() + OF_A_FIELD;
            is_too_large |= size > self.bounds.head_bytes || fields.len() >= self.bounds.fields;
            if !is_too_large {
                fields.push((name, value));
            }
        }
        let asked = asked(fields.into_iter());
        Ok(match is_too_large {
            true => Some(Asked {
                is_too_large,
                ..asked.unwrap_or_default()
            }),
            false => asked,
        })
    }

    /// One field; nothing of a piece that only says how much may be remembered.
    fn field(&mut self, piece: &[u8]) -> Result<Option<Field>, u32> {
        let mut read = Vec::with_capacity(1);
        let decoded = self.hpack.decode_exact(&mut piece.to_vec(), &mut read);
        if decoded.is_err() || self.hpack.max_dynamic_size() > TABLE {
            return Err(code::COMPRESSION_ERROR);
        }
        Ok(read.pop().map(|(name, value, _)| (name, value)))
    }
}

fn asked(fields: impl Iterator<Item = Field>) -> Option<Asked> {
    let mut asked = Asked::default();
    for (name, value) in fields {
        let name = String::from_utf8(name).ok()?;
        let value = String::from_utf8_lossy(&value).into_owned();
        let is_pseudo = name.starts_with(':');
        let broken = name.bytes().any(|byte| byte.is_ascii_uppercase())
            || value.contains(['\r', '\n', '\0'])
            || (is_pseudo && !asked.fields.is_empty());
        if broken {
            return None;
        }
        match name.as_str() {
            ":method" => asked.method = value,
            ":path" => asked.path = value,
            ":authority" => asked.authority = value,
            ":scheme" => {}
            "connection" | "transfer-encoding" | "upgrade" => return None,
            _ if is_pseudo => return None,
            _ => asked.fields.push((name, value)),
        }
    }
    (!asked.method.is_empty() && asked.path.starts_with('/')).then_some(asked)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn heads() -> Heads {
        Heads::new(Bounds {
            head_bytes: 1_000,
            fields: 10,
            head_within: Duration::from_secs(1),
        })
    }

    /// `GET https:///`, then a literal `n: ` that is remembered, with so many bytes of value.
    fn remembering(length: u8) -> Vec<u8> {
        let value = vec![b'v'; usize::from(length)];
        [b"\x82\x87\x84\x40\x01n", &[length][..], &value].concat()
    }

    #[test]
    fn what_is_too_large_is_left_out_and_what_follows_can_be_read() {
        let mut heads = heads();
        let first = remembering(100);
        let read = heads.read(&first).expect("is readable").expect("is a head");
        assert_eq!((read.fields.len(), read.is_too_large), (1, false));
        // The same field, which is 62nd, nine times and then once more; a literal that is remembered comes last.
        let many = [&b"\x82\x87\x84"[..], &[0xbe; 9], b"\x40\x01m\x01w"].concat();
        let read = heads.read(&many).expect("is readable").expect("is a head");
        assert!(read.is_too_large);
        assert_eq!((read.path.as_str(), read.fields.len()), ("/", 6));
        let read = heads.read(b"\x82\x87\x84\xbe").expect("is readable");
        let field = read.expect("is a head").fields;
        assert_eq!(field, [("m".to_owned(), "w".to_owned())]);
    }

    #[test]
    fn what_refers_to_itself_many_times_does_not_grow() {
        let mut heads = heads();
        heads.read(&remembering(120)).expect("is readable");
        let bomb = [&b"\x82\x87\x84"[..], &[0xbe; 200_000]].concat();
        let read = heads.read(&bomb).expect("is readable").expect("is a head");
        assert!(read.is_too_large && read.fields.len() < 10);
    }

    #[test]
    fn what_cannot_be_read_is_an_error() {
        for block in [
            &b"\x80"[..],
            b"\xff\xff\xff\xff\xff\xff",
            b"\x00\x05ab",
            b"\xc0",
            b"\x3f\xff\xff\x7f",
        ] {
            assert_eq!(
                heads().read(block),
                Err(code::COMPRESSION_ERROR),
                "{block:?}"
            );
        }
        assert_eq!(heads().read(b"\x82"), Ok(None), "has no path");
    }
}
