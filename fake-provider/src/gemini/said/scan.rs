//! Finds in JSON that may be cut what a parser cannot tell of it: where an object ends, and which bytes a call's arguments are.

/// A function call, as far as it left.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Call {
    pub(super) id: Option<String>,
    pub(super) tool: Option<String>,
    /// As they stand there, without white space between them.
    pub(super) arguments: String,
    /// Whether the call's object is closed.
    pub(super) whole: bool,
}

impl Call {
    /// Takes what is in a call's object, or its end. `arguments` are those that end here.
    fn take<'a>(
        &mut self,
        step: Step,
        inside: &[Place],
        arguments: impl FnOnce() -> Option<&'a [u8]>,
    ) {
        match (step, inside) {
            (Step::Close, []) => self.whole = true,
            (Step::Close, [member]) if member.key == "args" => {
                self.arguments = arguments().map(dense).unwrap_or_default();
            }
            (Step::Word(word), [member]) if member.key == "name" => self.tool = Some(word),
            (Step::Word(word), [member]) if member.key == "id" => self.id = Some(word),
            _ => {}
        }
    }
}

/// The responses of a body: the elements of an array, or the one document. With each, whether it is closed.
pub(super) fn responses(body: &[u8]) -> Vec<(&[u8], bool)> {
    let mut responses = Vec::new();
    let mut start = None;
    walk(body, |at, step, path| match step {
        Step::Open if path.iter().all(|place| place.list) && start.is_none() => start = Some(at),
        Step::Close if path.iter().all(|place| place.list) => {
            responses.extend(start.take().map(|start| (&body[start..=at], true)));
        }
        _ => {}
    });
    responses.extend(start.map(|start| (&body[start..], false)));
    responses
}

/// How many parts of a response's content are closed.
pub(super) fn closed_parts(response: &[u8]) -> usize {
    let mut closed = 0;
    walk(response, |_, step, path| {
        let is_part = path.len() == 5 && path[3].key == "parts";
        closed += usize::from(step == Step::Close && is_part);
    });
    closed
}

/// The calls of a response, in order.
pub(super) fn calls(response: &[u8]) -> Vec<Call> {
    let mut calls: Vec<Call> = Vec::new();
    let mut arguments = None;
    walk(response, |at, step, path| {
        let depth = path.iter().position(|place| place.key == "functionCall");
        let Some(inside) = depth.map(|depth| &path[depth + 1..]) else {
            return;
        };
        match (step, inside) {
            (Step::Open, []) => calls.push(Call::default()),
            (Step::Open, [member]) if member.key == "args" => arguments = Some(at),
            // What left may be broken, so that something closes or stands here that was never opened.
            (step, inside) => {
                if let Some(call) = calls.last_mut() {
                    call.take(step, inside, || Some(&response[arguments.take()?..=at]));
                }
            }
        }
    });
    if let (Some(start), Some(call)) = (arguments, calls.last_mut()) {
        call.arguments = dense(&response[start..]);
    }
    calls
}

/// Something that happens on the way through a document.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    /// An object is opened.
    Open,
    /// An object is closed.
    Close,
    /// A string ends that is no key.
    Word(String),
}

/// Where one is: in a list, or at a key of an object.
#[derive(Debug, Clone, Default)]
struct Place {
    list: bool,
    key: String,
    /// Whether a key comes next.
    key_next: bool,
}

/// Goes through JSON as far as it goes. `visit` is told where each step happens, and the places around it: those around an object,
/// not the one in it.
fn walk(text: &[u8], mut visit: impl FnMut(usize, Step, &[Place])) {
    let mut path: Vec<Place> = Vec::new();
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        match byte {
            b'{' => {
                visit(at, Step::Open, &path);
                path.push(Place {
                    key_next: true,
                    ..Place::default()
                });
            }
            b'[' => path.push(Place {
                list: true,
                ..Place::default()
            }),
            b'}' => {
                path.pop();
                visit(at, Step::Close, &path);
            }
            b']' => drop(path.pop()),
            b',' => {
                if let Some(place) = path.last_mut() {
                    place.key_next = !place.list;
                }
            }
            b'"' => {
                let Some(end) = string_end(text, at) else {
                    return;
                };
                let word: String = serde_json::from_slice(&text[at..=end]).unwrap_or_default();
                match path.last_mut() {
                    Some(place) if place.key_next => {
                        place.key = word;
                        place.key_next = false;
                    }
                    _ => visit(end, Step::Word(word), &path),
                }
                at = end;
            }
            _ => {}
        }
        at += 1;
    }
}

/// Where the string that begins here ends; nothing if it is cut.
fn string_end(text: &[u8], start: usize) -> Option<usize> {
    let mut at = start + 1;
    loop {
        match text.get(at)? {
            b'\\' => at += 2,
            b'"' => return Some(at),
            _ => at += 1,
        }
    }
}

/// JSON, perhaps cut, without the white space between its tokens. A cut inside a character leaves bytes that are none.
fn dense(text: &[u8]) -> String {
    let mut dense = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        let end = match byte {
            b'"' => string_end(text, at).unwrap_or(text.len() - 1),
            _ => at,
        };
        if !byte.is_ascii_whitespace() {
            dense.extend_from_slice(&text[at..=end]);
        }
        at = end + 1;
    }
    match String::from_utf8(dense) {
        Ok(text) => text,
        Err(error) => {
            let valid = error.utf8_error().valid_up_to();
            String::from_utf8_lossy(&error.as_bytes()[..valid]).into_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = r#"{"candidates": [{"content": {"parts": [{"text": "{\"functionCall\": {}"}, {"functionCall":
        {"name": "f", "args": {"a": [1, "x y"], "functionCall": {"name": "g"}}, "id": "i"}}], "role": "model"}}]}"#;

    #[test]
    fn calls_are_found_with_their_arguments() {
        let calls = calls(ONE.as_bytes());
        let expected = Call {
            id: Some("i".into()),
            tool: Some("f".into()),
            arguments: r#"{"a":[1,"x y"],"functionCall":{"name":"g"}}"#.into(),
            whole: true,
        };
        assert_eq!(calls, [expected]);
        assert_eq!(closed_parts(ONE.as_bytes()), 2);
    }

    #[test]
    fn a_cut_anywhere_is_no_panic_and_never_more() {
        let whole = calls(ONE.as_bytes()).swap_remove(0).arguments;
        for cut in 0..ONE.len() {
            let calls = calls(&ONE.as_bytes()[..cut]);
            assert!(
                calls.iter().all(|call| whole.starts_with(&call.arguments)),
                "{cut}: {calls:?}"
            );
        }
    }

    #[test]
    fn what_is_broken_is_read_as_far_as_it_makes_sense() {
        for broken in [
            r#"{"functionCall":[}"#,
            r#"{"functionCall":["a"]}"#,
            r#"{"functionCall":{"args":[}}}}"#,
            r#"{"functionCall":"a","args":{"functionCall":]}}"#,
        ] {
            let calls = calls(broken.as_bytes());
            assert!(calls.iter().all(|call| call.tool.is_none()), "{calls:?}");
        }
    }

    #[test]
    fn responses_are_told_apart() {
        let array = format!("[{ONE}\n,\r\n{ONE}\n]");
        let found = responses(array.as_bytes());
        assert_eq!(found, [(ONE.as_bytes(), true), (ONE.as_bytes(), true)]);
        let cut = &array.as_bytes()[..ONE.len() + 20];
        assert_eq!(responses(cut).last().map(|(_, whole)| *whole), Some(false));
        assert_eq!(responses(ONE.as_bytes()), [(ONE.as_bytes(), true)]);
        assert!(responses(b"[").is_empty());
    }
}
