//! HTTP/2 over TLS: what an ordinary client of TLS decrypts is spelled out frame by frame, to the last byte.

use rustls::AlertDescription;

use super::multiplexed::{ASKING, answered, frame, over_http2};
use super::secure::{Seen, identity, read, secure, shaken};
use super::*;
use crate::http2::PREFACE;
use crate::tls::TlsVersion;

/// `SETTINGS`: at most 256 streams at once, and heads of at most 1,000 bytes.
const SETTINGS: &[u8] = b"\0\0\x0c\x04\0\0\0\0\0\0\x03\0\0\x01\0\0\x06\0\0\x03\xe8";

/// The head as literals that nobody has to remember.
fn head(text: &[u8]) -> Vec<u8> {
    let text = std::str::from_utf8(text).expect("is text");
    let mut block = b"\0\x07:status\x03200".to_vec();
    for line in text.trim_end().lines().skip(1) {
        let (name, value) = line.split_once(": ").expect("is a field");
        block.push(0);
        for text in [name, value] {
            block.push(u8::try_from(text.len()).expect("is short"));
            block.extend_from_slice(text.as_bytes());
        }
    }
    frame(1, 4, 1, &block)
}

/// The data, one event a frame.
fn data(response: &Response, contract: &Contract) -> Vec<u8> {
    let mut rest = &contract.wire[contract.head()..];
    let mut frames = Vec::new();
    for event in &response.frames {
        let (data, after) = rest.split_at(rest.len().min(event.bytes.len()));
        rest = after;
        if !data.is_empty() {
            frames.extend(frame(0, 0, 1, data));
        }
    }
    frames
}

#[tokio::test(start_paused = true)]
async fn every_end_is_spelled_out() {
    let identity = identity();
    let code = StreamCode::InternalError;
    let alert = Alert::AccessDenied;
    let denied = Seen::Alert(AlertDescription::AccessDenied);
    let reset = frame(3, 0, 1, &[0, 0, 0, 2]);
    let goaway = frame(7, 0, 0, &[0, 0, 0, 1, 0, 0, 0, 2]);
    let ended = frame(0, 1, 1, b"");
    for (action, last, end) in [
        (Action::ResetStream { code }, &reset, Seen::Open),
        (Action::Goaway { code }, &goaway, Seen::CloseNotify),
        (Action::Truncate, &ended, Seen::Open),
        (Action::Close, &Vec::new(), Seen::CloseNotify),
        (Action::TlsTruncate, &Vec::new(), Seen::BareFin),
        (Action::TlsAlert { alert }, &Vec::new(), denied),
        (Action::Reset, &Vec::new(), Seen::Reset),
    ] {
        for point in [Point::BeforeBody, Point::Text { after_bytes: 2 }] {
            let response = secure(over_http2(streamed()));
            let action = action.clone();
            let fault = Fault { point, action };
            let contract = Contract::of(&response, &fault).expect("is possible");
            let (mut tap, mut client) = shaken((&identity, TlsVersion::Tls13)).await;
            let settings = frame(4, 0, 0, b"");
            let asking = [PREFACE, &settings, &frame(1, 5, 1, ASKING)].concat();
            client.write_all(&asking).await.expect("is open");
            client.flush().await.expect("is open");
            let ((arrived, seen), verifications) = tokio::join!(
                async {
                    let arrived = read(&mut client, usize::MAX).await;
                    drop(client);
                    arrived
                },
                answered(&mut tap, &contract, &contract)
            );
            let head = head(&contract.wire[..contract.head()]);
            let data = data(&response, &contract);
            let acknowledged = frame(4, 1, 0, b"");
            let spelled = [SETTINGS, &acknowledged, &head, &data, last].concat();
            assert_eq!(arrived, spelled, "{fault}");
            assert_eq!(seen, end, "{fault}");
            assert!(all(&verifications, FaultOutcome::Delivered), "{fault}");
        }
    }
}
