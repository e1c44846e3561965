//! The same over HTTP/2, against a client that reads frames by itself: the same head and data before the same cut, one event a frame,
//! and the end in the words of the protocol.

use wire_faults::Transport;

use super::*;
use crate::contract::Inapplicable;
use crate::http2::{Asked, Bounds, Http2, PREFACE};

/// How a client of HTTP/2 sees the end of its stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Seen {
    Open,
    Ended,
    StreamReset(u32),
    WentAway(u32, u32),
    Fin,
    Reset,
}

/// What a client has got.
#[derive(Debug, Default)]
struct Got {
    status: String,
    /// The data of each frame.
    data: Vec<Vec<u8>>,
    ended: bool,
    reset: Option<u32>,
    went_away: Option<(u32, u32)>,
}

pub(super) fn frame(kind: u8, flags: u8, stream: u8, payload: &[u8]) -> Vec<u8> {
    let length = u8::try_from(payload.len()).expect("is short");
    let header = [0, 0, length, kind, flags, 0, 0, 0, stream];
    [&header[..], payload].concat()
}

const BOUNDS: Bounds = Bounds {
    head_bytes: 1_000,
    fields: 10,
    head_within: Duration::from_secs(10),
};

/// `GET https://x/` (RFC 7541, appendix A: 2, 7, 4; and a literal `:authority`).
pub(super) const ASKING: &[u8] = b"\x82\x87\x84\x41\x01x";

fn number(bytes: &[u8]) -> u32 {
    u32::from_be_bytes(bytes[..4].try_into().expect("are four"))
}

/// What the frames say of the first stream.
fn got(mut bytes: &[u8]) -> Got {
    let mut got = Got::default();
    while bytes.len() >= 9 {
        let length = number(&[0, bytes[0], bytes[1], bytes[2]]) as usize;
        let (kind, flags, stream) = (bytes[3], bytes[4], number(&bytes[5..]));
        if bytes.len() < 9 + length {
            break;
        }
        let payload = &bytes[9..9 + length];
        bytes = &bytes[9 + length..];
        match (kind, stream) {
            (0, 1) => {
                got.ended = flags & 1 != 0;
                if !payload.is_empty() {
                    got.data.push(payload.to_vec());
                }
            }
            (1, 1) => {
                assert_eq!(&payload[..9], b"\x00\x07:status");
                got.status = String::from_utf8(payload[10..13].to_vec()).expect("is text");
            }
            (3, 1) => got.reset = Some(number(payload)),
            (7, 0) => got.went_away = Some((number(payload), number(&payload[4..]))),
            (4, 0) => {}
            other => panic!("a frame that nobody expects: {other:?}"),
        }
    }
    got
}

/// Carries out `done` over the first stream of a connection, and judges it by `promised`.
pub(super) async fn answered(
    tap: &mut Tap,
    promised: &Contract,
    done: &Contract,
) -> Vec<Verification> {
    let (tell, mut told) = tokio::sync::mpsc::unbounded_channel::<(Asked, Tap)>();
    let mut http2 = Http2::new(tap, BOUNDS);
    let run = http2.run(|asked, tap| drop(tell.send((asked, tap))));
    let answer = async {
        let (asked, mut tap) = told.recv().await.expect("is asked");
        assert_eq!((&*asked.method, &*asked.path), ("GET", "/"));
        tap.begin(Watch {
            head: promised.head(),
            ..Watch::default()
        });
        let _ = perform(&mut tap, done).await;
        verify(promised, &tap.observe(), Until::Done)
    };
    let mut answer = Box::pin(answer);
    let mut run = Box::pin(run);
    tokio::select! {
        biased;
        verifications = &mut answer => {
            // A client may wait, and nothing more comes.
            if promised.how().is_none() {
                let _ = run.await;
            }
            verifications
        }
        _ = &mut run => answer.await,
    }
}

async fn carry(promised: &Contract, done: &Contract) -> (Got, Seen, Vec<Verification>) {
    let (mut tap, mut client) = tcp().await;
    // Else what the client says waits for an acknowledgement that no simulated clock can wait for.
    client.set_nodelay(true).expect("is open");
    let window = frame(4, 0, 0, b"\x00\x04\x00\x10\x00\x00");
    let more = frame(8, 0, 0, b"\x00\x10\x00\x00");
    let asking = frame(1, 5, 1, ASKING);
    let said = [PREFACE, &window, &more, &asking].concat();
    client.write_all(&said).await.expect("is open");
    let enough = match &promised.ending {
        Ending::KeepAlives { .. } => promised.wire.len() + 1_000,
        _ => usize::MAX,
    };
    let (arrived, verifications) = tokio::join!(
        async {
            let arrived = arrives(&mut client, PATIENCE, enough).await;
            drop(client);
            arrived
        },
        answered(&mut tap, promised, done)
    );
    let got = got(&arrived.bytes);
    let seen = match (got.reset, got.went_away, arrived.end) {
        (Some(code), _, None) => Seen::StreamReset(code),
        (_, Some((last, code)), Some(How::Fin)) => Seen::WentAway(last, code),
        (.., Some(How::Fin)) => Seen::Fin,
        (.., Some(How::Reset)) => Seen::Reset,
        (.., None) if got.ended => Seen::Ended,
        (.., None) => Seen::Open,
    };
    (got, seen, verifications)
}

pub(super) fn over_http2(response: Response) -> Response {
    Response {
        http2: true,
        ..response
    }
}

fn expected(contract: &Contract) -> Seen {
    match (&contract.ending, end_of(contract)) {
        (Ending::GoesOn, _) if contract.head() > 0 => Seen::Ended,
        (Ending::StreamReset { code }, _) => Seen::StreamReset(*code),
        (Ending::GoAway { code }, _) => Seen::WentAway(1, *code),
        (_, Some(How::Fin)) => Seen::Fin,
        (_, Some(How::Reset)) => Seen::Reset,
        (_, None) => Seen::Open,
    }
}

#[tokio::test(start_paused = true)]
async fn every_fault_cuts_at_the_same_byte_of_data() {
    let mut ends = Vec::new();
    for response in [over_http2(streamed()), over_http2(whole())] {
        let mut contracts = contracts(&response);
        // Before the request nobody speaks of streams yet.
        contracts.retain(|(fault, _)| !fault.point.name().precedes_the_request());
        for (fault, contract) in contracts {
            let (got, seen, verifications) = carry(&contract, &contract).await;
            assert!(
                all(&verifications, FaultOutcome::Delivered),
                "{fault}: {verifications:?}"
            );
            let data = got.data.concat();
            let promised = contract.wire.get(contract.head()..).unwrap_or_default();
            match contract.ending {
                Ending::KeepAlives { .. } => assert!(data.starts_with(promised), "{fault}"),
                _ => assert_eq!(data, promised, "{fault}"),
            }
            let status = contract.wire.get(9..12).unwrap_or_default();
            assert_eq!(got.status.as_bytes(), status, "{fault}");
            assert_eq!(seen, expected(&contract), "{fault}");
            ends.push(seen);
        }
    }
    for end in [
        Seen::Open,
        Seen::Ended,
        Seen::StreamReset(2),
        Seen::WentAway(1, 0),
        Seen::Fin,
        Seen::Reset,
    ] {
        assert!(ends.contains(&end), "{end:?}");
    }
}

#[test]
fn what_means_nothing_is_inapplicable_with_its_reason() {
    let response = over_http2(streamed());
    let transport = Transport {
        http2: true,
        tls: false,
    };
    let mut told = 0;
    for action in actions() {
        for point in points(&response) {
            let (place, what) = (point.name(), action.name());
            let Err(reason) = transport.allows(place, what) else {
                continue;
            };
            let action = action.clone();
            let drafted = Contract::drafted(&response, &[Fault { point, action }]);
            assert_eq!(drafted.missed, [(0, Inapplicable::Transport(reason))]);
            assert_eq!(drafted.contract.faults().count(), 0, "{what} at {place}");
            told += 1;
        }
    }
    assert!(told > 50, "{told}");
}

#[tokio::test(start_paused = true)]
async fn one_event_is_one_frame() {
    let response = over_http2(streamed());
    let plain = Contract::plain(&response);
    let (got, seen, _) = carry(&plain, &plain).await;
    let events = response.frames.iter();
    let events: Vec<_> = { events }
        .map(|frame| response.body[frame.bytes.clone()].to_vec())
        .collect();
    assert_eq!(got.data, events);
    assert_eq!(seen, Seen::Ended);
}

#[tokio::test(start_paused = true)]
async fn another_end_of_the_stream_is_not_what_was_promised() {
    let response = over_http2(streamed());
    let point = Point::Text { after_bytes: 2 };
    let action = Action::ResetStream {
        code: StreamCode::InternalError,
    };
    let promised = Contract::of(&response, &Fault { point, action }).expect("is possible");
    let endings = [
        Ending::GoesOn,
        Ending::StreamReset { code: 8 },
        Ending::GoAway { code: 2 },
        Ending::Fin,
    ];
    for ending in endings {
        let done = Contract {
            ending,
            ..promised.clone()
        };
        let (_, _, verifications) = carry(&promised, &done).await;
        assert!(
            all(&verifications, FaultOutcome::Undelivered),
            "{:?}: {verifications:?}",
            done.ending
        );
    }
}
