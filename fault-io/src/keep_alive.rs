//! What is said over and over to keep a connection alive: the same each time, or with a number that goes on. Pure; knows no dialect.

use std::borrow::Cow;

use bytes::Bytes;

use crate::response::Framing;
use crate::wire::coded;

/// A frame that says nothing but that the connection lives; without bytes, where there is nothing of the kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeepAlive {
    /// The frame, without its number.
    pub frame: Cow<'static, [u8]>,
    /// After how many of its bytes the number stands: that of the events of the stream, counted from 0, which goes on.
    pub number_at: Option<usize>,
}

impl KeepAlive {
    /// One that is always the same.
    #[must_use]
    pub const fn unnumbered(frame: &'static [u8]) -> Self {
        Self {
            frame: Cow::Borrowed(frame),
            number_at: None,
        }
    }
}

/// Keep-alives as they leave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Repeated {
    pub(crate) frame: KeepAlive,
    /// The number of the first.
    pub(crate) first: u64,
    /// In which framing each leaves; as it is, where the frames of HTTP/2 are its framing.
    pub(crate) framing: Option<Framing>,
}

impl Repeated {
    /// The bytes of one, counted from 0.
    pub(crate) fn nth(&self, index: u64) -> Bytes {
        let KeepAlive { frame, number_at } = &self.frame;
        let said = match number_at.and_then(|at| frame.split_at_checked(at)) {
            Some((before, after)) => {
                let number = (self.first + index).to_string();
                Cow::Owned([before, number.as_bytes(), after].concat())
            }
            None => Cow::Borrowed(&**frame),
        };
        match self.framing {
            Some(framing) => coded(&said, framing).into(),
            None => Bytes::copy_from_slice(&said),
        }
    }

    /// One after the other, without end.
    pub(crate) fn each(&self) -> impl Iterator<Item = Bytes> {
        (0..).map(|index| self.nth(index))
    }

    /// So many of them.
    #[cfg(test)]
    pub(crate) fn some(&self, many: usize) -> Vec<u8> {
        self.each().take(many).flatten().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_goes_on_and_the_rest_stays() {
        let frame = KeepAlive {
            frame: b"n:\n"[..].into(),
            number_at: Some(2),
        };
        let numbered = Repeated {
            frame,
            first: 9,
            framing: None,
        };
        assert_eq!(numbered.some(3), b"n:9\nn:10\nn:11\n");
        let coded = Repeated {
            framing: Some(Framing::Chunked),
            ..numbered
        };
        assert_eq!(coded.some(2), b"4\r\nn:9\n\r\n5\r\nn:10\n\r\n");
        let same = Repeated {
            frame: KeepAlive::unnumbered(b": x\n"),
            first: 9,
            framing: Some(Framing::CloseDelimited),
        };
        assert_eq!(same.some(2), b": x\n: x\n");
    }
}
