//! From the bytes of a file to its text, or to the mistake that keeps it from being one. Opens no file itself.

use std::io::{self, Read};

use wire_faults::Mistake;

/// More than anybody writes by hand. What has no end, such as a device, is not read until memory is full.
const BYTES_MAX: usize = 16 * 1024 * 1024;

/// The text of a file could not be had.
#[derive(Debug)]
pub enum SourceError {
    /// The machine refused.
    Io(io::Error),
    /// What was read is no text, or too much.
    NotText {
        /// What was read, as far as it can be shown.
        shown: String,
        /// Why it is no text; its place is in `shown`.
        mistake: Mistake,
    },
}

/// The text of a file that a person wrote.
///
/// # Errors
///
/// The machine refuses, the file is longer than anybody writes, or it is not UTF-8.
pub fn source(input: impl Read) -> Result<String, SourceError> {
    bounded(input, BYTES_MAX)
}

fn bounded(input: impl Read, most: usize) -> Result<String, SourceError> {
    let mut bytes = Vec::new();
    input
        .take(most as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(SourceError::Io)?;
    if bytes.len() > most {
        let message = format!("the file is longer than {most} bytes");
        return Err(SourceError::NotText {
            shown: String::new(),
            mistake: Mistake::new(0..0, message).with_help("is it the right one?"),
        });
    }
    String::from_utf8(bytes).map_err(|error| {
        // What comes before is text, so it is as long in what is shown.
        let start = error.utf8_error().valid_up_to();
        let shown = String::from_utf8_lossy(error.as_bytes()).into_owned();
        let span = start..start + char::REPLACEMENT_CHARACTER.len_utf8();
        let message = format!("the byte {:#04x} is not UTF-8", error.as_bytes()[start]);
        SourceError::NotText {
            shown,
            mistake: Mistake::new(span, message).with_help("save the file as UTF-8"),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mistake(bytes: &[u8], most: usize) -> (String, Mistake) {
        match bounded(bytes, most) {
            Err(SourceError::NotText { shown, mistake }) => (shown, mistake),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_is_no_text_is_told_with_its_place() {
        let (shown, told) = mistake(
            "é = \"\u{e9}".as_bytes().split_last().expect("is long").1,
            99,
        );
        assert_eq!(&shown[told.span.clone()], "\u{fffd}");
        assert_eq!(told.span.start, "é = \"".len());
        assert_eq!(told.message, "the byte 0xc3 is not UTF-8");
    }

    #[test]
    fn what_has_no_end_is_left() {
        assert_eq!(bounded(&b"four"[..], 4).expect("fits"), "four");
        assert_eq!(
            mistake(b"fives", 4).1.message,
            "the file is longer than 4 bytes"
        );
        assert!(matches!(
            source(io::repeat(b'#')),
            Err(SourceError::NotText { .. })
        ));
    }

    #[test]
    fn what_the_machine_refuses_is_no_mistake_of_the_file() {
        struct Refused;
        impl Read for Refused {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::ErrorKind::PermissionDenied.into())
            }
        }
        assert!(matches!(source(Refused), Err(SourceError::Io(_))));
    }
}
