//! What really arrives at a raw client, for every legal action at every point in every framing; and proof that anything else is
//! noticed.
//!
//! - `exact`: every fault, byte for byte; `meant`: what some of them look like, spelled out; `deviant`: what is not as it was
//!   promised; `together`: several faults on one answer; `recorded`: a response that came from somebody else;
//!   `secure`: the same over TLS; `multiplexed`: over HTTP/2; `sealed_frames`: over both; `numbered`: keep-alives with numbers

mod deviant;
mod exact;
mod meant;
mod multiplexed;
mod numbered;
mod recorded;
mod sealed_frames;
mod secure;
mod together;

use std::time::Duration;

use journal::{FaultOutcome, How};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use wire_faults::{
    Action, Alert, End, ErrorEvent, EventPoint, Fault, HumanDuration, Point, RawBytes,
    StatusAnswer, StreamCode, legality,
};

use crate::contract::{Contract, Ending};
use crate::example::{streamed, whole};
use crate::perform;
use crate::response::{Framing, Response};
use crate::socket::Socket;
use crate::tap::{Tap, Watch};
use crate::verify::{Until, Verification, verify};

/// Longer than every silence that is asked for.
const PATIENCE: Duration = Duration::from_secs(600);
const LASTING: HumanDuration = HumanDuration(Duration::from_secs(60));

/// What a client saw.
#[derive(Debug, PartialEq, Eq)]
struct Arrived {
    bytes: Vec<u8>,
    /// Nothing if the connection was still open.
    end: Option<How>,
}

async fn tcp() -> (Tap, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("listens");
    let address = listener.local_addr().expect("has an address");
    let (client, accepted) = tokio::join!(TcpStream::connect(address), listener.accept());
    let (server, _) = accepted.expect("accepts");
    let socket = Socket::tcp(server).expect("is open");
    (Tap::new(socket), client.expect("connects"))
}

fn unix() -> (Tap, UnixStream) {
    let (server, client) = UnixStream::pair().expect("a pair");
    (Tap::new(Socket::from(server)), client)
}

/// Reads until the end, until so much has come, or until nothing has come for `patience`; then leaves.
async fn arrives(
    client: &mut (impl AsyncReadExt + Unpin),
    patience: Duration,
    enough: usize,
) -> Arrived {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    let end = loop {
        if bytes.len() >= enough {
            break None;
        }
        match tokio::time::timeout(patience, client.read(&mut buffer)).await {
            Ok(Ok(0)) => break Some(How::Fin),
            Ok(Ok(read)) => bytes.extend_from_slice(&buffer[..read]),
            Ok(Err(error)) => {
                assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
                break Some(How::Reset);
            }
            Err(_) => break None,
        }
    };
    Arrived { bytes, end }
}

/// Carries out `done` against a client of this patience, and judges it by `promised`.
async fn carry(
    (mut tap, mut client): (Tap, impl AsyncReadExt + AsyncWriteExt + Unpin),
    (promised, done): (&Contract, Option<&Contract>),
    patience: Duration,
) -> (Arrived, Vec<Verification>) {
    let enough = match &promised.ending {
        Ending::KeepAlives { said, .. } => promised.wire.len() + said.some(3).len(),
        _ => usize::MAX,
    };
    if let Some(heard) = promised.heard {
        let request = vec![b'?'; heard];
        client.write_all(&request).await.expect("is open");
    }
    let provider = async move {
        let (tell, told) = std::sync::mpsc::channel();
        let by = promised.clone();
        tap.begin(Watch {
            silent: Some(Box::new(move |seen| {
                let so_far = verify(&by, seen, Until::Silent);
                tell.send(so_far).expect("somebody listens");
            })),
            ..Watch::default()
        });
        if let Some(done) = done {
            if promised.heard.is_some() {
                tap.read().await.expect("has been sent");
            }
            let _ = perform(&mut tap, done).await;
        }
        let verification = verify(promised, &tap.observe(), Until::Done);
        // A stall is judged as it begins: once the peer has lost patience, it cannot be told from one that came too soon.
        let so_far = told.try_iter().next();
        let wrong = so_far.filter(|so_far| !all(so_far, FaultOutcome::Delivered));
        (tap, wrong.unwrap_or(verification))
    };
    let (arrived, (tap, verification)) = tokio::join!(
        async {
            let arrived = arrives(&mut client, patience, enough).await;
            drop(client);
            arrived
        },
        provider
    );
    drop(tap);
    (arrived, verification)
}

fn all(verifications: &[Verification], outcome: FaultOutcome) -> bool {
    !verifications.is_empty() && verifications.iter().all(|one| one.outcome == outcome)
}

/// Every kind of place, those in the answer at every byte that can make a difference.
fn points(response: &Response) -> Vec<Point> {
    let head = response.parts().encode().1 as u64;
    let mut points = vec![
        Point::Accept,
        Point::Request { after_bytes: 5 },
        Point::BeforeHeaders,
        Point::BeforeBody,
        Point::BeforeFinish,
        Point::BeforeEnd,
        Point::AfterEnd,
        Point::Idle,
    ];
    let headers = [0, 9, head - 1, head];
    points.extend(headers.map(|after_bytes| Point::Headers { after_bytes }));
    points.extend((0..=3).map(|after_bytes| Point::Text { after_bytes }));
    points.extend((0..=2).map(|after_bytes| Point::Reasoning { after_bytes }));
    points.extend((0..=2).map(|after_bytes| Point::ToolArguments { after_bytes }));
    for event in 1..=6 {
        points.push(Point::Event(EventPoint::Before(event)));
        points.push(Point::Event(EventPoint::After(event)));
        let length = [0, 1, 4, 10].map(|after_bytes| EventPoint::Inside { event, after_bytes });
        points.extend(length.map(Point::Event));
    }
    points
}

/// Every action that HTTP/1.1 can carry out; those of TLS only over it.
fn actions() -> Vec<Action> {
    let every = HumanDuration(Duration::from_secs(1));
    let error = StatusAnswer {
        status: 500,
        ..StatusAnswer::default()
    };
    vec![
        Action::Status(error),
        Action::Close,
        Action::Reset,
        Action::Stall { lasting: None },
        Action::Stall {
            lasting: Some(LASTING),
        },
        Action::Delay { lasting: LASTING },
        Action::Drip { bytes: 7, every },
        Action::Truncate,
        Action::HalfClose,
        Action::ErrorEvent(ErrorEvent::default()),
        Action::MalformJson,
        Action::MalformUtf8,
        Action::Split { bytes: 3 },
        Action::Duplicate,
        Action::Drop,
        Action::Reorder,
        Action::WrongContentType {
            content_type: "text/plain".into(),
        },
        Action::ShortContentLength { by: 2 },
        Action::CorruptGzip,
        Action::BadChunk,
        Action::Html,
        Action::Empty,
        Action::Garbage { bytes: 16 },
        Action::Huge { bytes: 100 },
        Action::Bom,
        Action::Crlf,
        Action::KeepaliveForever { every },
        Action::StaleKeepalive { end: End::Close },
        Action::StaleKeepalive { end: End::Reset },
        Action::Raw {
            data: RawBytes(b"\xff!".to_vec()),
        },
        Action::Goaway {
            code: StreamCode::NoError,
        },
        Action::ResetStream {
            code: StreamCode::InternalError,
        },
        Action::TlsTruncate,
        Action::TlsAlert {
            alert: Alert::AccessDenied,
        },
    ]
}

/// Every legal fault of a response that this response has a place for, with its contract.
fn contracts(response: &Response) -> Vec<(Fault, Contract)> {
    let mut contracts = Vec::new();
    for action in actions() {
        for point in points(response) {
            if legality(point.name(), action.name()).is_err() {
                continue;
            }
            let action = action.clone();
            let fault = Fault { point, action };
            let drafted = Contract::drafted(response, std::slice::from_ref(&fault));
            if drafted.missed.is_empty() {
                contracts.push((fault, drafted.contract));
            }
        }
    }
    contracts
}

/// The stream and the document in every framing that they can have.
fn responses() -> Vec<(&'static str, Response)> {
    let framings = [
        ("chunked", Framing::Chunked),
        ("content-length", Framing::ContentLength),
        ("close-delimited", Framing::CloseDelimited),
    ];
    let mut responses = Vec::new();
    for (name, framing) in framings {
        for response in [streamed(), whole()] {
            responses.push((
                name,
                Response {
                    framing,
                    ..response
                },
            ));
        }
    }
    responses
}

/// How a client sees the end.
fn end_of(contract: &Contract) -> Option<How> {
    match contract.ending {
        Ending::Fin
        | Ending::Unnotified
        | Ending::Alert { .. }
        | Ending::HalfClose
        | Ending::Stall { lasting: Some(_) } => Some(How::Fin),
        Ending::Reset => Some(How::Reset),
        Ending::GoAway { .. } => Some(How::Fin),
        Ending::GoesOn
        | Ending::StreamReset { .. }
        | Ending::Stall { lasting: None }
        | Ending::KeepAlives { .. } => None,
    }
}
