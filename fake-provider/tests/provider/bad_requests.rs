//! Requests that are none, or none that a provider takes, and what is expected of each.

use crate::raw::Spoken;

/// What becomes of the connection after the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    Ends,
    GoesOn,
}
pub(crate) use Fate::{Ends, GoesOn};

/// What a bad request is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// With this status; what is wrong is the HTTP.
    Http(u16),
    /// With this status; what is wrong is what the body says.
    Said(u16),
    /// As this provider does with a body that is too large.
    TooLarge,
    /// Not at all.
    None,
}
pub(crate) use Refusal::{Http, Said, TooLarge};

/// A bad request: its name, its bytes, and what is expected.
pub(crate) type Case = (&'static str, Vec<u8>, Refusal, Fate);

/// Bytes that are no HTTP.
pub(crate) fn malformed(spoken: &Spoken) -> Vec<Case> {
    let path = spoken.path;
    let raw = |bytes: &str| bytes.as_bytes().to_vec();
    let line = |line: &str| raw(&format!("{line}\r\nhost: h\r\n\r\n"));
    let long = line(&format!("GET {path}?{} HTTP/1.1", "x".repeat(70_000)));
    let hello = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".to_vec();
    let cases = [
        ("no request line", line("rubbish"), 400),
        ("no target", line("POST  HTTP/1.1"), 400),
        ("HTTP/0.9", raw("GET /\r\n"), 400),
        (
            "half of HTTP/2",
            raw("PRI * HTTP/2.0\r\n\r\nHM\r\n\r\n"),
            400,
        ),
        ("HTTP/7.3", line("GET / HTTP/7.3"), 400),
        ("TLS", hello, 400),
        ("a NUL in the method", line("PO\0ST / HTTP/1.1"), 400),
        ("a tunnel", line("CONNECT h:443 HTTP/1.1"), 400),
        ("no host", raw("GET / HTTP/1.1\r\n\r\n"), 400),
        ("a long target", long, 431),
    ];
    let cases = cases.into_iter();
    cases
        .map(|(name, bytes, status)| (name, bytes, Http(status), Ends))
        .collect()
}

/// Heads that are HTTP, and not clear.
pub(crate) fn unclear(spoken: &Spoken) -> Vec<Case> {
    let many: String = (0..10_000).map(|n| format!("x-{n}: y\r\n")).collect();
    let both = "content-length: 2\r\ntransfer-encoding: chunked\r\n";
    let cases = [
        ("two hosts", "host: i\r\n", 400),
        ("a space in a name", "a b: c\r\n", 400),
        ("a space after a name", "a : c\r\n", 400),
        ("no name", ": c\r\n", 400),
        ("a folded line", "a: b\r\n c\r\n", 400),
        ("a NUL in a value", "a: b\0c\r\n", 400),
        ("a bare CR", "a: b\rc\r\n", 400),
        (
            "one length twice",
            "content-length: 2\r\ncontent-length: 2\r\n",
            400,
        ),
        (
            "two lengths",
            "content-length: 2\r\ncontent-length: 3\r\n",
            400,
        ),
        ("a negative length", "content-length: -1\r\n", 400),
        ("a length of words", "content-length: two\r\n", 400),
        ("length and chunks", both, 400),
        (
            "an unknown coding",
            "transfer-encoding: gzip, chunked\r\n",
            501,
        ),
        ("10,000 headers", &many, 431),
    ];
    let cases = cases.into_iter();
    cases
        .map(|(name, lines, status)| (name, spoken.head(lines), Http(status), Ends))
        .collect()
}

/// Bodies in chunks.
pub(crate) fn chunked(spoken: &Spoken) -> Vec<Case> {
    let chunks = |text: &str| {
        let head = spoken.head("transfer-encoding: chunked\r\n");
        [head, text.as_bytes().to_vec()].concat()
    };
    let body = spoken.body;
    let size = body.len();
    let talk = format!("1;{}\r\nx\r\n", "e".repeat(4000)).repeat(6);
    vec![
        ("a chunk without a size", chunks("\r\nab"), Http(400), Ends),
        ("a chunk of words", chunks("two\r\nab"), Http(400), Ends),
        ("a negative chunk", chunks("-2\r\nab"), Http(400), Ends),
        ("a huge chunk", chunks("ffffffffff\r\n"), TooLarge, Ends),
        (
            "a chunk beyond numbers",
            chunks(&format!("{}\r\n", "f".repeat(40))),
            TooLarge,
            Ends,
        ),
        (
            "a chunk that is too long",
            chunks("2\r\nabc\r\n"),
            Http(400),
            Ends,
        ),
        ("nothing but extensions", chunks(&talk), Http(400), Ends),
        (
            "extensions and trailers",
            chunks(&format!(
                "{size:x};a=b;c\r\n{body}\r\n0;d\r\ntrailer: t\r\n\r\n"
            )),
            Refusal::None,
            GoesOn,
        ),
    ]
}

/// Bodies that come well and say nothing sensible.
pub(crate) fn senseless(spoken: &Spoken) -> Vec<Case> {
    let post = |body: &str| spoken.post(body.as_bytes());
    let members = &spoken.body[1..];
    let with = |member: &str| post(&format!("{{\"user\":{member},{members}"));
    let bytes = [b"{\"a\":\"\xff\xfe\"}".to_vec(), Vec::new()].concat();
    let path = spoken.path;
    let absolute =
        String::from_utf8_lossy(&post(spoken.body)).replace(path, &format!("http://h{path}"));
    let values = format!("[{}0]", "0,".repeat(1_000_000));
    vec![
        ("no body", post(""), Said(400), GoesOn),
        (
            "half a document",
            post(&spoken.body[..spoken.body.len() - 1]),
            Said(400),
            GoesOn,
        ),
        ("no object", post("[]"), Said(400), GoesOn),
        ("no UTF-8", spoken.post(&bytes), Said(400), GoesOn),
        ("half a character", with(r#""\ud800""#), Said(400), GoesOn),
        (
            "a byte order mark",
            post(&format!("\u{feff}{}", spoken.body)),
            Said(400),
            GoesOn,
        ),
        (
            "a number of 10,000 digits",
            with(&"9".repeat(10_000)),
            Said(400),
            GoesOn,
        ),
        (
            "a depth of 100,000",
            with(&"[".repeat(100_000)),
            Said(400),
            GoesOn,
        ),
        ("a million values", post(&values), Http(413), Ends),
        (
            "twice the same",
            post(&format!("{{\"model\":\"n\",{members}")),
            Refusal::None,
            GoesOn,
        ),
        (
            "a whole address",
            absolute.into_bytes(),
            Refusal::None,
            GoesOn,
        ),
    ]
}
