//! Every legal action at every point in every framing: what a client receives is what was promised, byte for byte, and is
//! judged delivered.

use std::collections::BTreeSet;

use wire_faults::{ActionName, PointName};

use super::*;
use crate::action::PAGE;

/// What a client makes of the body, by the head's framing: what it holds, and whether it was whole.
fn body(bytes: &[u8]) -> Option<(Vec<u8>, bool)> {
    let head = bytes.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let (head, mut rest) = bytes.split_at(head);
    let head = std::str::from_utf8(head).ok()?;
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "));
    if let Some(length) = length {
        let length: usize = length.parse().ok()?;
        return Some((rest.to_vec(), rest.len() == length));
    }
    if !head.contains("transfer-encoding: chunked") {
        return Some((rest.to_vec(), true));
    }
    let mut body = Vec::new();
    loop {
        let line = rest.windows(2).position(|two| two == b"\r\n");
        let size = line.and_then(|line| std::str::from_utf8(&rest[..line]).ok());
        let size = size.and_then(|size| usize::from_str_radix(size, 16).ok());
        let (Some(line), Some(size)) = (line, size) else {
            return Some((body, false));
        };
        rest = &rest[line + 2..];
        if size == 0 {
            return Some((body, rest == b"\r\n"));
        }
        let Some(chunk) = rest.get(..size) else {
            body.extend_from_slice(rest);
            return Some((body, false));
        };
        body.extend_from_slice(chunk);
        let Some(after) = rest[size..].strip_prefix(b"\r\n") else {
            return Some((body, false));
        };
        rest = after;
    }
}

/// What has to be true of what arrived, whatever the contract says.
fn is_as_meant(response: &Response, fault: &Fault, arrived: &[u8]) {
    let plain = Contract::plain(response);
    match &fault.action {
        Action::Close | Action::Reset | Action::HalfClose | Action::Stall { .. } => {
            assert!(plain.wire.starts_with(arrived), "{fault}");
        }
        Action::Raw { .. } => assert!(arrived.ends_with(b"\xff!"), "{fault}"),
        Action::Garbage { .. } => {
            let before = &arrived[..arrived.len() - 16];
            assert!(plain.wire.starts_with(before), "{fault}");
        }
        Action::StaleKeepalive { .. } => assert_eq!(arrived, b"", "{fault}"),
        Action::Delay { .. } if fault.point.name().precedes_the_request() => {
            assert_eq!(arrived, b"", "{fault}");
        }
        Action::Delay { .. } | Action::Drip { .. } | Action::Status(_) => {
            assert_eq!(arrived, &*plain.wire, "{fault}");
        }
        _ => {
            let (meant, _) = body(&plain.wire).expect("is HTTP");
            let decoded = body(arrived).unwrap_or_else(|| panic!("{fault}: is no HTTP"));
            is_body_as_meant((response, &meant), fault, &decoded);
        }
    }
}

fn is_body_as_meant(
    (response, meant): (&Response, &[u8]),
    fault: &Fault,
    (text, whole): &(Vec<u8>, bool),
) {
    let unfinished = [
        ActionName::ShortContentLength,
        ActionName::BadChunk,
        ActionName::KeepaliveForever,
    ];
    let is_finished = !unfinished.contains(&fault.action.name());
    let delimited = response.framing == Framing::CloseDelimited;
    assert!(*whole == is_finished || delimited, "{fault}");
    match &fault.action {
        Action::Split { .. } | Action::WrongContentType { .. } => {
            assert_eq!(text, meant, "{fault}")
        }
        Action::Html => assert_eq!(text, PAGE),
        Action::Empty => assert_eq!(text, b""),
        Action::ErrorEvent(_) => {
            let before = text.strip_suffix(&response.error_event.concat()[..]);
            let before = before.expect("ends with it");
            assert!(meant.starts_with(before), "{fault}");
        }
        Action::CorruptGzip => {
            let ends = (&text[..2], text.last());
            assert_eq!(ends, (&b"\x1f\x8b"[..], Some(&7)), "{fault}");
        }
        Action::KeepaliveForever { .. } => {
            let before = text.strip_suffix(&crate::example::KEEP_ALIVE.repeat(3)[..]);
            let before = before.expect("is kept alive");
            assert!(meant.starts_with(before), "{fault}");
        }
        Action::Duplicate | Action::Drop | Action::Reorder => {
            are_events_as_meant(response, fault, (text, meant));
        }
        Action::MalformJson => {
            assert_eq!(text.len(), meant.len() - 1, "{fault}");
            let lines = text.split_inclusive(|byte| *byte == b'\n');
            let unclosed = lines.filter(|line| !line.trim_ascii_end().ends_with(b"}"));
            assert!(unclosed.count() <= 1, "{fault}");
        }
        Action::MalformUtf8 => {
            assert!(std::str::from_utf8(text).is_err(), "{fault}");
            assert_eq!(without(text, 0xff), meant, "{fault}");
        }
        Action::Huge { .. } => assert_eq!(without(text, b' '), meant, "{fault}"),
        Action::Bom => assert_eq!(text.strip_prefix("\u{feff}".as_bytes()), Some(meant)),
        Action::Crlf => {
            assert_eq!(without(text, b'\r'), meant);
            let lines = text.split_inclusive(|byte| *byte == b'\n');
            assert!({ lines }.all(|line| line.ends_with(b"\r\n")));
        }
        // Truncated, promised too long, or cut into chunks that are none.
        _ => assert!(meant.starts_with(text), "{fault}"),
    }
}

fn are_events_as_meant(response: &Response, fault: &Fault, (text, meant): (&[u8], &[u8])) {
    let events = response.frames.iter();
    let known: BTreeSet<_> = { events }
        .map(|frame| &response.body[frame.bytes.clone()])
        .collect();
    let longer = |more: &[u8], than: &[u8]| {
        let difference = more.len().checked_sub(than.len());
        known.iter().any(|event| Some(event.len()) == difference)
    };
    match fault.action {
        Action::Duplicate => assert!(longer(text, meant), "{fault}"),
        Action::Drop => assert!(longer(meant, text), "{fault}"),
        _ => assert!(text.len() == meant.len() && text != meant, "{fault}"),
    }
    let mut lines = text.split_inclusive(|byte| *byte == b'\n');
    assert!(lines.all(|line| known.contains(line)), "{fault}");
}

fn without(text: &[u8], byte: u8) -> Vec<u8> {
    text.iter()
        .copied()
        .filter(|other| *other != byte)
        .collect()
}

#[tokio::test(start_paused = true)]
async fn every_legal_fault_arrives_exactly_in_every_framing() {
    let mut carried = BTreeSet::new();
    let responses = responses();
    let faults = responses.iter().flat_map(|(framing, response)| {
        let contracts = contracts(response).into_iter();
        contracts.map(move |(fault, contract)| (framing, response, fault, contract))
    });
    for (framing, response, fault, contract) in faults {
        let by = (&contract, Some(&contract));
        let (arrived, verifications) = carry(tcp().await, by, PATIENCE).await;
        assert!(
            all(&verifications, FaultOutcome::Delivered),
            "{framing}: {fault}: {verifications:?}"
        );
        let repeated = match &contract.ending {
            Ending::KeepAlives { said, .. } => said.some(3),
            _ => Vec::new(),
        };
        let promised = [&contract.wire[..], &repeated].concat();
        assert_eq!(arrived.bytes, promised, "{framing}: {fault}");
        assert_eq!(arrived.end, end_of(&contract), "{framing}: {fault}");
        is_as_meant(response, &fault, &arrived.bytes);
        carried.insert((fault.point.name(), fault.action.name()));
    }
    let missing: Vec<_> = possible().difference(&carried).copied().collect();
    assert_eq!(missing, []);
}

/// Everything that is legal and neither TLS, HTTP/2 nor a listener that refuses.
fn possible() -> BTreeSet<(PointName, ActionName)> {
    let pairs = PointName::ALL
        .into_iter()
        .flat_map(|point| ActionName::ALL.map(|action| (point, action)));
    pairs
        .filter(|(point, _)| *point != PointName::Connect)
        .filter(|(point, action)| wire_faults::Shape::STREAMED.allows(*point, *action).is_ok())
        .collect()
}

#[tokio::test(start_paused = true)]
async fn on_a_unix_socket_everything_but_a_reset_is_delivered() {
    for (fault, contract) in contracts(&streamed()) {
        let (arrived, verifications) = carry(unix(), (&contract, Some(&contract)), PATIENCE).await;
        assert!(arrived.bytes.starts_with(&contract.wire), "{fault}");
        let expected = match contract.ending {
            Ending::Reset => FaultOutcome::Undelivered,
            _ => FaultOutcome::Delivered,
        };
        assert!(all(&verifications, expected), "{fault}: {verifications:?}");
    }
}
