//! The text of members of JSON that was cut anywhere, as it stands there: for arguments that a dialect sends as the JSON that
//! they are. Pure; knows no dialect.

/// The values of all members with this name, in their order, each as far as it goes. `depth` counts the objects and arrays that are
/// open around the member: 1 for a member of the document itself.
pub(crate) fn values<'a>(text: &'a str, name: &str, depth: usize) -> Vec<&'a str> {
    let mut scan = Scan::default();
    let mut found = Vec::new();
    let mut begun: Option<usize> = None;
    for (at, byte) in text.bytes().enumerate() {
        let was = scan.depth;
        let structural = scan.step(at, byte);
        match begun {
            // The value ends with the comma after it, or with the object that it is in.
            Some(start) if structural && was == depth && matches!(byte, b',' | b'}') => {
                found.push(text[start..at].trim());
                begun = None;
            }
            Some(_) => {}
            None if structural && byte == b':' && was == depth => {
                let (start, end) = scan.newest_string;
                begun = (&text[start..end] == name).then_some(at + 1);
            }
            None => {}
        }
    }
    // Of a cut text; a number that goes on cannot be told from one that is over.
    found.extend(begun.map(|start| text[start..].trim_start()));
    found
}

/// Where in a JSON text a scan is.
#[derive(Debug, Default)]
struct Scan {
    depth: usize,
    in_string: bool,
    escaped: bool,
    /// Where the newest string's content stands, without its quotes.
    newest_string: (usize, usize),
}

impl Scan {
    /// Takes the next byte; whether it is one of JSON's own and not part of a string.
    const fn step(&mut self, at: usize, byte: u8) -> bool {
        if self.in_string {
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' => self.escaped = true,
                b'"' => {
                    self.in_string = false;
                    self.newest_string.1 = at;
                }
                _ => {}
            }
            return false;
        }
        match byte {
            b'"' => {
                self.in_string = true;
                self.newest_string = (at + 1, at + 1);
            }
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
        byte != b'"'
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"{"content":[{"text":"\"input\":1","input":{"a":[1,{"input":2}],"b":"},"}},{"input":"x\"y"},{"input" : 3}],"input":0}"#;

    #[test]
    fn values_stand_as_they_are() {
        let found = values(TEXT, "input", 3);
        assert_eq!(
            found,
            [r#"{"a":[1,{"input":2}],"b":"},"}"#, r#""x\"y""#, "3"]
        );
        assert_eq!(values(TEXT, "input", 1), ["0"]);
        assert!(values("", "input", 1).is_empty());
    }

    #[test]
    fn a_cut_value_is_a_prefix_of_the_whole() {
        let whole = values(TEXT, "input", 3);
        for cut in 0..TEXT.len() {
            let found = values(&TEXT[..cut], "input", 3);
            let pairs = found.iter().zip(&whole);
            for (found, whole) in pairs {
                assert!(whole.starts_with(found), "{cut}: {found} of {whole}");
            }
        }
    }
}
