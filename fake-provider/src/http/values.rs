//! How many values there are in a JSON text, without reading it: members and elements take many times the memory that they take on
//! the wire. Knows nothing else of JSON, and takes what is none for what it would be.

use super::Why;

/// Refuses a text that has more values than so many.
pub(super) fn within(most: usize, text: &[u8]) -> Result<(), Why> {
    match more_than(most, text) {
        false => Ok(()),
        true => Err(Why::Malformed {
            status: 413,
            message: "the request body has too many values",
        }),
    }
}

/// Whether there are more values than so many in this text.
fn more_than(most: usize, text: &[u8]) -> bool {
    // Every value has at least one byte.
    if text.len() <= most {
        return false;
    }
    let mut count = 0;
    let mut rest = text.iter();
    while let Some(byte) = rest.next() {
        match byte {
            b'"' => skip_string(&mut rest),
            b',' | b':' | b'[' | b'{' => count += 1,
            _ => {}
        }
    }
    count > most
}

fn skip_string(rest: &mut std::slice::Iter<'_, u8>) {
    while let Some(byte) = rest.next() {
        match byte {
            b'"' => return,
            b'\\' => {
                rest.next();
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_counted_and_text_is_not() {
        assert!(more_than(3, b"[0,0,0,0]"));
        assert!(!more_than(4, b"[0,0,0,0]"));
        assert!(more_than(3, br#"{"a":{"b":{}}}"#));
        assert!(!more_than(3, br#"["a,b,c,[[[[\",,,,", 1]"#));
        assert!(!more_than(2, br#""no end,,,,,,"#));
    }
}
