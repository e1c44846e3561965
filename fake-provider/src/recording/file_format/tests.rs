//! What is written is read again, and what is damaged is refused with its line.

use super::reading::Damage;
use super::*;
use crate::recording::exchange::{Received, RecordedRequest};

fn exchange(ending: Ending) -> RecordedExchange {
    let piece = |at_us, bytes: &[u8]| Received {
        at: Duration::from_micros(at_us),
        bytes: bytes.to_vec(),
    };
    let mut pieces = vec![
        piece(
            1_500,
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n\xc3",
        ),
        piece(20_000, b"\xa9\r\n"),
    ];
    if ending == Ending::Open {
        pieces.push(piece(20_000, b"0\r\n\r\n"));
    }
    RecordedExchange {
        upstream: "https://api.example.com".into(),
        request: RecordedRequest {
            method: "POST".into(),
            path: "/v1/x".into(),
            query: "a=b".into(),
            headers: vec![("accept".into(), "*/*".into())],
            body: b"{\"a\":\"\xc3\xa9\"}".to_vec(),
        },
        pieces,
        ending,
        ended_at: Duration::from_micros(30_000),
    }
}

#[test]
fn what_is_written_is_read_again() {
    let endings = [
        Ending::Open,
        Ending::Fin,
        Ending::Reset,
        Ending::TlsTruncated,
        Ending::TlsAlert("internal_error".into()),
        Ending::ClientLeft,
        Ending::Stopped,
    ];
    for ending in endings {
        let exchange = exchange(ending);
        assert_eq!(read(&write(&exchange)), Ok(exchange));
    }
}

#[test]
fn what_is_text_can_be_read_by_a_person() {
    let written = String::from_utf8(write(&exchange(Ending::Open))).expect("is text");
    let lines: Vec<_> = written.lines().collect();
    assert!(lines[0].starts_with("{\"format\":1,\"upstream\":\"https://api.example.com\","));
    assert!(
        lines[0].ends_with("\"text\":\"{\\\"a\\\":\\\"é\\\"}\"}}"),
        "{}",
        lines[0]
    );
    assert!(lines[1].starts_with("{\"at_us\":1500,\"base64\":"));
    assert_eq!(lines[3], "{\"at_us\":20000,\"text\":\"0\\r\\n\\r\\n\"}");
    assert_eq!(
        lines[4],
        "{\"at_us\":30000,\"ended\":\"open\",\"whole\":true}"
    );
}

/// What is said about the file of a whole answer with something in it replaced.
fn damage(from: &str, to: &str) -> Damage {
    let written = String::from_utf8(write(&exchange(Ending::Open))).expect("is text");
    assert!(written.contains(from), "{written}");
    read(written.replacen(from, to, 1).as_bytes()).expect_err("is damaged")
}

#[test]
fn what_is_damaged_is_refused_with_its_line() {
    let end = "{\"at_us\":30000,\"ended\":\"open\",\"whole\":true}\n";
    for (from, to, line, said) in [
        ("\"format\":1", "\"format\":9", 1, "the format is 9"),
        ("\"format\":1,", "", 1, "missing field `format`"),
        ("\"query\"", "\"quary\"", 1, "unknown field `quary`"),
        ("\"base64\":\"", "\"base64\":\"!", 2, "`base64` is none"),
        (
            "\"at_us\":20000",
            "\"at_us\":20",
            3,
            "before the line before",
        ),
        (
            "{\"at_us\":20000,\"text\"",
            "{\"at_us\":20000,\"txt\"",
            4,
            "unknown field `txt`",
        ),
        (end, "", 4, "does not say how it ended"),
        ("\"open\"", "\"opn\"", 5, "unknown variant `opn`"),
        ("true}\n", "true}", 5, "cut short"),
        ("true", "false", 5, "said to be cut"),
        (
            "\"0\\r\\n\\r\\n\"",
            "\"1\\r\\n\\r\\n\"",
            5,
            "said to be whole",
        ),
        (
            "\"at_us\":30000",
            "\"at_us\":3000",
            5,
            "before its last bytes",
        ),
        ("true}", "true,\"alert\":\"x\"}", 5, "`alert` belongs to"),
    ] {
        let damage = damage(from, to);
        assert_eq!(damage.line, line, "{damage:?}");
        assert!(damage.message.contains(said), "{damage:?}");
    }
    let empty = read(b"").expect_err("is empty");
    assert_eq!(
        (empty.line, empty.message.as_str()),
        (1, "the file is empty")
    );
}
