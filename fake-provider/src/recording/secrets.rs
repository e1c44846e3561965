//! Keeps keys out of recordings: those that a request carries, wherever they occur in it or in its answer, and cookies. Knows
//! neither files nor sockets.
//!
//! In a request a key becomes [`SCRUBBED`]; in an answer as many asterisks as it has bytes, so that lengths and chunk sizes stay
//! true. What is shorter than [`SHORTEST`] is no key, and only taken out of the place where keys are.

use std::collections::BTreeSet;
use std::ops::Range;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use memchr::memmem;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde_json::Value;

use crate::http::Request;
use crate::recording::answer_reader::AnswerReader;
use crate::recording::exchange::RecordedRequest;

/// What stands in the place of a key.
pub(crate) const SCRUBBED: &str = "{scrubbed}";

/// Anything shorter would be found everywhere.
const SHORTEST: usize = 6;

/// RFC 3986, section 2.3: everything but the unreserved characters.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// What the name of a header or of a parameter has in it that carries a key.
const TELLING: [&str; 9] = [
    "auth",
    "api-key",
    "api_key",
    "apikey",
    "token",
    "secret",
    "cookie",
    "credential",
    "subscription-key",
];

/// Names that have one of [`TELLING`] in them and no key: they limit or count tokens.
const HARMLESS: [&str; 2] = ["-tokens", "max_tokens"];

/// What the name of a member of a body has in it that is a key: for a service that the provider calls, say. Fewer than in headers,
/// since much in a body is about tokens.
const TELLING_MEMBERS: [&str; 8] = [
    "authorization",
    "api-key",
    "api_key",
    "apikey",
    "secret",
    "password",
    "access_token",
    "auth_token",
];

/// The keys that are known.
#[derive(Debug, Clone, Default)]
pub(crate) struct Secrets {
    values: BTreeSet<String>,
}

impl Secrets {
    /// Those that a request carries.
    pub(crate) fn of(request: &Request) -> Self {
        let mut secrets = Self::default();
        for (name, value) in request.headers.iter() {
            match name {
                "cookie" => secrets.cookies(value),
                name if is_telling(name) => secrets.credential(value),
                _ => {}
            }
        }
        for (name, value) in parameters(&request.query) {
            if is_telling(name) {
                secrets.add(value);
            }
        }
        if let Ok(body) = serde_json::from_slice(&request.body) {
            secrets.members(&body);
        }
        secrets
    }

    /// The keys that are members of a body, however deep.
    fn members(&mut self, value: &Value) {
        match value {
            Value::Object(members) => {
                for (name, value) in members {
                    self.member(name, value);
                }
            }
            Value::Array(items) => items.iter().for_each(|item| self.members(item)),
            _ => {}
        }
    }

    fn member(&mut self, name: &str, value: &Value) {
        let name = name.to_ascii_lowercase();
        let tells = TELLING_MEMBERS.iter().any(|part| name.contains(part));
        match value.as_str().filter(|_| tells) {
            Some(key) => self.credential(key),
            None => self.members(value),
        }
    }

    /// Adds those of another.
    pub(crate) fn extend(&mut self, other: &Self) {
        self.values.extend(other.values.iter().cloned());
    }

    /// A request without keys.
    pub(crate) fn scrubbed(&self, request: &RecordedRequest) -> RecordedRequest {
        let headers = request.headers.iter().map(|(name, value)| {
            let value = match is_telling(name) {
                true => SCRUBBED.to_owned(),
                false => self.text(value),
            };
            (name.clone(), value)
        });
        let query = parameters(&request.query).map(|(name, value)| match is_telling(name) {
            true => format!("{name}={SCRUBBED}"),
            false if value.is_empty() => self.text(name),
            false => format!("{name}={}", self.text(value)),
        });
        RecordedRequest {
            method: request.method.clone(),
            path: self.text(&request.path),
            query: query.collect::<Vec<_>>().join("&"),
            headers: headers.collect(),
            body: self.bytes(&request.body),
        }
    }

    /// Overwrites every key in an answer.
    pub(crate) fn blank(&self, wire: &mut [u8], answer: &AnswerReader) {
        self.blank_bytes(wire);
        self.blank_body(wire, answer.body());
        let cookies = answer.head().map(|head| set_cookies(wire, head));
        for cookie in cookies.unwrap_or_default() {
            wire[cookie].fill(b'*');
        }
    }

    /// A key may lie across chunks, so the body is also searched without them.
    fn blank_body(&self, wire: &mut [u8], body: &[Range<usize>]) {
        let pieces: Vec<&[u8]> = body.iter().map(|piece| &wire[piece.clone()]).collect();
        let mut joined = pieces.concat();
        self.blank_bytes(&mut joined);
        let mut rest = joined.as_slice();
        for piece in body {
            let (blanked, after) = rest.split_at(piece.len());
            wire[piece.clone()].copy_from_slice(blanked);
            rest = after;
        }
    }

    /// Two keys may share bytes, so all are found before any is overwritten.
    fn blank_bytes(&self, bytes: &mut [u8]) {
        let values = self.values.iter();
        let found: Vec<_> = values.flat_map(|value| occurrences(bytes, value)).collect();
        for place in found {
            bytes[place].fill(b'*');
        }
    }

    /// A text without keys.
    pub(crate) fn text(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for value in self.longest_first() {
            if text.contains(value) {
                text = text.replace(value, SCRUBBED);
            }
        }
        text
    }

    /// Nothing but text can be searched for text; bytes that are none stay as they are.
    fn bytes(&self, bytes: &[u8]) -> Vec<u8> {
        match std::str::from_utf8(bytes) {
            Ok(text) => self.text(text).into_bytes(),
            Err(_) => bytes.to_vec(),
        }
    }

    fn longest_first(&self) -> Vec<&str> {
        let mut values: Vec<&str> = self.values.iter().map(String::as_str).collect();
        values.sort_by_key(|value| std::cmp::Reverse(value.len()));
        values
    }

    /// `Bearer KEY`, `Basic BASE64`, or the key alone.
    fn credential(&mut self, value: &str) {
        let key = value.split_once(' ').map_or(value, |(_, key)| key.trim());
        self.add(key);
        let decoded = STANDARD
            .decode(key)
            .ok()
            .and_then(|it| String::from_utf8(it).ok());
        if let Some((_, password)) = decoded.as_deref().and_then(|pair| pair.split_once(':')) {
            self.add(password);
        }
    }

    fn cookies(&mut self, value: &str) {
        for cookie in value.split(';') {
            let (_, value) = cookie.split_once('=').unwrap_or(("", cookie));
            self.add(value.trim());
        }
    }

    /// In every form in which it may turn up.
    fn add(&mut self, value: &str) {
        if value.len() < SHORTEST {
            return;
        }
        let plain = percent_decode_str(value).decode_utf8_lossy().into_owned();
        let quoted = Value::from(plain.as_str()).to_string();
        let forms = [
            value.to_owned(),
            utf8_percent_encode(&plain, RESERVED).to_string(),
            quoted.trim_matches('"').to_owned(),
            STANDARD.encode(&plain),
            plain,
        ];
        self.values
            .extend(forms.into_iter().filter(|form| form.len() >= SHORTEST));
    }
}

/// Whether a header or a parameter of this name carries a key.
pub(crate) fn is_telling(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let tells = TELLING.iter().any(|part| name.contains(part));
    (tells && !HARMLESS.iter().any(|part| name.contains(part))) || matches!(&*name, "key" | "sig")
}

/// Names and values of a query, as they stand there.
pub(crate) fn parameters(query: &str) -> impl Iterator<Item = (&str, &str)> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")))
}

fn occurrences(bytes: &[u8], value: &str) -> Vec<Range<usize>> {
    let found = memmem::find_iter(bytes, value.as_bytes());
    found.map(|at| at..at + value.len()).collect()
}

/// The values of `Set-Cookie` in a head.
fn set_cookies(wire: &[u8], head: Range<usize>) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = head.start;
    for line in wire[head].split(|byte| *byte == b'\n') {
        let named = line
            .get(..11)
            .is_some_and(|name| name.eq_ignore_ascii_case(b"set-cookie:"));
        let value = line.iter().position(|byte| *byte == b'=').filter(|_| named);
        if let Some(value) = value {
            let ends = |byte: &u8| matches!(byte, b';' | b'\r');
            let end = line[value..].iter().position(ends);
            found.push(at + value + 1..at + end.map_or(line.len(), |end| value + end));
        }
        at += line.len() + 1;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "sk-live/0123456789+abc";

    fn request(query: &str, headers: &[(&str, &str)], body: &str) -> Request {
        Request {
            method: "POST".into(),
            path: "/v1/x".into(),
            query: query.into(),
            headers: headers.iter().copied().collect(),
            body: body.as_bytes().to_vec(),
            ..Request::default()
        }
    }

    fn scrubbed(request: &Request) -> RecordedRequest {
        Secrets::of(request).scrubbed(&RecordedRequest::of(request))
    }

    #[test]
    fn every_place_that_carries_a_key_is_emptied_and_the_key_is_found_elsewhere() {
        let basic = format!("Basic {}", STANDARD.encode(format!("me:{KEY}")));
        let places = [
            ("authorization", format!("Bearer {KEY}")),
            ("authorization", basic),
            ("x-api-key", KEY.into()),
            ("x-goog-api-key", KEY.into()),
            ("api-key", KEY.into()),
            ("cookie", format!("a=1; session={KEY}")),
        ];
        let body = format!("{{\"text\":\"my key is {KEY}\",\"n\":1}}");
        for (name, value) in &places {
            let asked = request(
                "",
                &[(name, value), ("accept", "*/*"), ("x-said", KEY)],
                &body,
            );
            let stored = scrubbed(&asked);
            assert!(!format!("{stored:?}").contains(KEY), "{name}: {stored:?}");
            assert!(
                !String::from_utf8_lossy(&stored.body).contains(KEY),
                "{name}"
            );
            let accept = &stored.headers[1];
            assert_eq!((accept.0.as_str(), accept.1.as_str()), ("accept", "*/*"));
        }
        let encoded = utf8_percent_encode(KEY, RESERVED).to_string();
        let asked = request(&format!("alt=sse&key={encoded}"), &[], &body);
        let stored = scrubbed(&asked);
        assert_eq!(stored.query, "alt=sse&key={scrubbed}");
        assert!(!String::from_utf8_lossy(&stored.body).contains(KEY));
    }

    #[test]
    fn a_key_for_somebody_else_is_taken_out_of_the_body() {
        let body = format!(
            "{{\"tools\":[{{\"type\":\"mcp\",\"headers\":{{\"Authorization\":\"Bearer {KEY}\"}}}}],\"input\":\"hi\"}}"
        );
        let stored = scrubbed(&request("", &[], &body));
        assert_eq!(stored.body, body.replace(KEY, SCRUBBED).into_bytes());
    }

    #[test]
    fn what_only_sounds_like_a_key_stays() {
        let headers = [
            ("anthropic-ratelimit-input-tokens-remaining", "5"),
            ("user-agent", "x/1"),
        ];
        let asked = request("max_tokens=5", &headers, "text");
        assert_eq!(scrubbed(&asked), RecordedRequest::of(&asked));
    }

    #[test]
    fn a_short_value_is_taken_out_of_its_place_and_of_nowhere_else() {
        let asked = request("", &[("authorization", "Bearer a")], "a banana");
        let stored = scrubbed(&asked);
        assert_eq!(stored.headers[0].1, SCRUBBED);
        assert_eq!(stored.body, b"a banana");
    }

    fn blanked(wire: &str) -> String {
        let asked = request("", &[("x-api-key", "secret-1")], "");
        let mut wire = wire.as_bytes().to_vec();
        let mut answer = AnswerReader::new("POST");
        answer.read(&wire);
        Secrets::of(&asked).blank(&mut wire, &answer);
        String::from_utf8(wire).expect("is text")
    }

    #[test]
    fn in_an_answer_a_key_is_overwritten_even_across_chunks() {
        let head = "HTTP/1.1 401 No\r\nx-was: secret-1\r\nset-cookie: id=abc; Path=/\r\n\
                    transfer-encoding: chunked\r\n\r\n";
        let wire = format!("{head}5\r\n: sec\r\n6\r\nret-1!\r\n0\r\n\r\n");
        let expected = "HTTP/1.1 401 No\r\nx-was: ********\r\nset-cookie: id=***; Path=/\r\n\
                        transfer-encoding: chunked\r\n\r\n5\r\n: ***\r\n6\r\n*****!\r\n0\r\n\r\n";
        assert_eq!(blanked(&wire), expected);
    }

    #[test]
    fn keys_that_share_bytes_are_both_overwritten() {
        let head = "HTTP/1.1 200 OK\r\ncontent-length: 18\r\n\r\n";
        let asked = request(
            "",
            &[("x-api-key", "secret-1"), ("x-auth", "1-secret-2")],
            "",
        );
        let mut wire = format!("{head}secret-1-secret-2!").into_bytes();
        let mut answer = AnswerReader::new("POST");
        answer.read(&wire);
        Secrets::of(&asked).blank(&mut wire, &answer);
        let expected = format!("{head}*****************!");
        assert_eq!(String::from_utf8(wire).expect("is text"), expected);
    }
}
