//! The text of tool calls' arguments in JSON that was cut anywhere, byte for byte. A parser would write them anew. Pure.

/// The raw values of every member named `arguments` that is not inside another, in order, as far as they go.
pub(super) fn raw(json: &[u8]) -> Vec<&[u8]> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < json.len() {
        if json[at] != b'"' {
            at += 1;
            continue;
        }
        let end = string_end(json, at);
        let is_key = json[at..end] == *b"\"arguments\"" && json.get(end) == Some(&b':');
        at = end;
        if is_key {
            let value = end + 1;
            at = value_end(json, value);
            found.push(&json[value..at]);
        }
    }
    found
}

/// Behind the string that begins here.
fn string_end(json: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while at < json.len() {
        match json[at] {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    json.len()
}

/// Behind the value that begins here.
fn value_end(json: &[u8], start: usize) -> usize {
    let mut depth = 0_usize;
    let mut at = start;
    while at < json.len() {
        match json[at] {
            b'"' => {
                at = string_end(json, at);
                if depth == 0 {
                    return at;
                }
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth == 0 => return at,
            b'}' | b']' => {
                depth -= 1;
                if depth == 0 {
                    return at + 1;
                }
            }
            b',' if depth == 0 => return at,
            _ => {}
        }
        at += 1;
    }
    json.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CALLS: &[u8] = br#"{"content":"\"arguments\":{","c":[{"arguments":{"arguments":"}\"","b":[1,{"c":{}}]}},{"arguments":"x\"y"},{"arguments":null}]}"#;

    #[test]
    fn values_are_found_as_they_stand() {
        let values: Vec<&str> = raw(CALLS)
            .into_iter()
            .map(|value| std::str::from_utf8(value).expect("is text"))
            .collect();
        let expected = [
            r#"{"arguments":"}\"","b":[1,{"c":{}}]}"#,
            r#""x\"y""#,
            "null",
        ];
        assert_eq!(values, expected);
    }

    #[test]
    fn a_cut_anywhere_leaves_the_beginning() {
        let whole = raw(CALLS);
        for cut in 0..CALLS.len() {
            for (found, whole) in raw(&CALLS[..cut]).iter().zip(&whole) {
                assert!(whole.starts_with(found), "{cut}");
            }
        }
    }
}
