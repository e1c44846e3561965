//! Reads JSON that was cut anywhere: whatever is open is closed, and what cannot be known becomes null. Pure.

use serde_json::Value;

/// The value that a prefix of JSON text would be if it ended here; nothing for an empty prefix.
pub(crate) fn read(prefix: &[u8]) -> Option<Value> {
    // A cut inside a character leaves bytes that are none.
    let text = match std::str::from_utf8(prefix) {
        Ok(text) => text,
        Err(error) => std::str::from_utf8(&prefix[..error.valid_up_to()]).ok()?,
    };
    let scan = Scan::of(text);
    serde_json::from_str(&scan.closed(text)).ok()
}

/// Where a prefix has ended.
#[derive(Debug, Default)]
struct Scan {
    /// What closes the open arrays and objects; for an object, whether a key comes next.
    open: Vec<(char, bool)>,
    /// Where the open string begins.
    string: Option<usize>,
    /// Where the open escape begins.
    escape: Option<usize>,
}

impl Scan {
    fn of(text: &str) -> Self {
        let mut scan = Self::default();
        for (at, char) in text.char_indices() {
            match scan.string {
                Some(_) => scan.inside_string(at, char),
                None => scan.outside(at, char),
            }
        }
        scan
    }

    fn inside_string(&mut self, at: usize, char: char) {
        match self.escape {
            // `\n` has two characters and `\u000a` six.
            Some(start) if at - start == 1 && char == 'u' => {}
            Some(start) if at - start == 1 || at - start == 5 => self.escape = None,
            Some(_) => {}
            None if char == '\\' => self.escape = Some(at),
            None if char == '"' => self.string = None,
            None => {}
        }
    }

    fn outside(&mut self, at: usize, char: char) {
        match char {
            '"' => self.string = Some(at),
            '{' => self.open.push(('}', true)),
            '[' => self.open.push((']', false)),
            '}' | ']' => {
                self.open.pop();
            }
            ':' | ',' => {
                if let Some((closer, key_next)) = self.open.last_mut() {
                    *key_next = char == ',' && *closer == '}';
                }
            }
            _ => {}
        }
    }

    fn closed(&self, text: &str) -> String {
        let key_next = self.open.last().is_some_and(|(_, key_next)| *key_next);
        let mut closed = match (self.string, self.escape) {
            (Some(start), _) if key_next => text[..start].to_owned(),
            (Some(_), Some(escape)) => format!("{}\"", &text[..escape]),
            (Some(_), None) => format!("{text}\""),
            (None, _) => text
                .trim_end_matches(|char: char| char.is_ascii_alphanumeric() || "+-.".contains(char))
                .to_owned(),
        };
        match closed.trim_end().chars().last() {
            Some(',') => {
                closed.truncate(closed.trim_end().len() - 1);
            }
            Some(':') => closed.push_str("null"),
            Some('"') if key_next => closed.push_str(":null"),
            _ => {}
        }
        closed.extend(self.open.iter().rev().map(|(closer, _)| closer));
        closed
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_prefix_of_a_document_is_read() {
        let text = json!({"a": "x\"\\\n\u{1}é🎉", "b": [1, {"c": true, "d": null}, "e"], "f": {}, "g": -1.5e3}).to_string();
        for cut in 1..=text.len() {
            let prefix = &text.as_bytes()[..cut];
            let read = read(prefix);
            assert!(read.is_some(), "{}", String::from_utf8_lossy(prefix));
        }
        assert_eq!(read(text.as_bytes()), serde_json::from_str(&text).ok());
    }

    #[test]
    fn a_string_is_read_as_far_as_it_goes() {
        assert_eq!(read(b"{\"a\":\"xy"), Some(json!({"a": "xy"})));
        assert_eq!(read(b"{\"a\":\"xy\\u00"), Some(json!({"a": "xy"})));
        assert_eq!(read(b"{\"a\":\"xy\xc3"), Some(json!({"a": "xy"})));
        assert_eq!(read(b"{\"a\":1,\"b"), Some(json!({"a": 1})));
        assert_eq!(read(b""), None);
    }
}
