//! What really arrives at a raw client, for every legal action at every point; and proof that a wrong byte is noticed.

use std::time::Duration;

use journal::{FaultOutcome, How};
use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpStream, UnixStream};
use wire_faults::{
    Action as Asked, EventPoint, Fault, HumanDuration, Point, StatusAnswer, legality,
};

use crate::action::{Action, Performing, action};
use crate::contract::{Contract, Ending};
use crate::example::{streamed, whole};
use crate::response::{Framing, Response};
use crate::socket::Socket;
use crate::tap::{Tap, Watch};
use crate::verify::{Until, Verification, verify};
use crate::wire::{Place, Wire};

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

/// Reads until the end, or until nothing has come for `patience`; then leaves.
async fn arrives(mut client: impl AsyncReadExt + Unpin, patience: Duration) -> Arrived {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    let end = loop {
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

/// Carries a contract out by `action`, against a client of this patience.
async fn carry(
    tap: Tap,
    contract: &Contract,
    action: &dyn Action,
    client: impl AsyncReadExt + Unpin,
    patience: Duration,
) -> (Arrived, Verification) {
    let provider = async {
        let mut tap = tap;
        let (tell, told) = std::sync::mpsc::channel();
        let promised = contract.clone();
        tap.begin(Watch {
            silent: Some(Box::new(move |seen| {
                let so_far = verify(&promised, seen, Until::Silent);
                tell.send(so_far).expect("somebody listens");
            })),
            ..Watch::default()
        });
        let _ = action.perform(&mut tap, contract).await;
        let verification = verify(contract, &tap.observe(), Until::Done);
        if contract.goes_on() {
            tap.peer_leaves().await;
        }
        // A stall is judged as it begins: once the peer has lost patience, it cannot be told from one that came too soon.
        let so_far = told.try_iter().next();
        let wrong = so_far.filter(|so_far| so_far.outcome != FaultOutcome::Delivered);
        wrong.unwrap_or(verification)
    };
    tokio::join!(arrives(client, patience), provider)
}

fn points(response: &Response) -> Vec<Point> {
    let head = Wire::of(response).head as u64;
    let mut points = vec![
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
    points.extend((0..=2).map(|after_bytes| Point::ToolArguments { after_bytes }));
    for event in 1..=5 {
        points.push(Point::Event(EventPoint::Before(event)));
        points.push(Point::Event(EventPoint::After(event)));
        let inside = [0, 1, 4].map(|after_bytes| EventPoint::Inside { event, after_bytes });
        points.extend(inside.map(Point::Event));
    }
    points
}

fn actions() -> Vec<Asked> {
    vec![
        Asked::Status(StatusAnswer {
            status: 500,
            ..StatusAnswer::default()
        }),
        Asked::Close,
        Asked::Reset,
        Asked::Stall { lasting: None },
        Asked::Stall {
            lasting: Some(LASTING),
        },
        Asked::Delay { lasting: LASTING },
        Asked::Truncate,
    ]
}

/// Every legal fault of a response, with its contract.
fn contracts(response: &Response) -> Vec<(Fault, Contract)> {
    let mut contracts = Vec::new();
    for action in actions() {
        for point in points(response) {
            if legality(point.name(), action.name()).is_err() {
                continue;
            }
            let action = action.clone();
            let fault = Fault { point, action };
            if let Ok(contract) = Contract::of(response, &fault) {
                contracts.push((fault, contract));
            }
        }
    }
    contracts
}

fn end_of(contract: &Contract) -> Option<How> {
    match contract.ending {
        Ending::Fin => Some(How::Fin),
        Ending::Reset => Some(How::Reset),
        Ending::GoesOn | Ending::PeerLeaves => None,
    }
}

async fn delivers_every_legal_fault(response: &Response) {
    let plain = Contract::plain(response);
    for (fault, contract) in contracts(response) {
        let (tap, client) = tcp().await;
        let (arrived, verification) = carry(
            tap,
            &contract,
            &*action(&fault.action).expect("is known"),
            client,
            PATIENCE,
        )
        .await;
        assert_eq!(
            verification.outcome,
            FaultOutcome::Delivered,
            "{fault}: {verification:?}"
        );
        assert_eq!(arrived.bytes, contract.wire, "{fault}");
        assert_eq!(arrived.end, end_of(&contract), "{fault}");
        match fault.action {
            Asked::Truncate => assert!(is_clean_http(&arrived.bytes), "{fault}"),
            Asked::Status(_) | Asked::Delay { .. } => {
                assert_eq!(arrived.bytes, plain.wire, "{fault}")
            }
            _ => assert!(plain.wire.starts_with(&arrived.bytes), "{fault}"),
        }
    }
}

/// Whether the head's framing fits the body exactly.
fn is_clean_http(bytes: &[u8]) -> bool {
    let text = std::str::from_utf8(bytes).expect("is ASCII");
    let (head, mut body) = text.split_once("\r\n\r\n").expect("has a head");
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "));
    if let Some(length) = length {
        return length.parse() == Ok(body.len());
    }
    loop {
        let (size, rest) = body.split_once("\r\n").expect("has a chunk");
        let size = usize::from_str_radix(size, 16).expect("is a size");
        if size == 0 {
            return rest == "\r\n";
        }
        body = rest[size..].strip_prefix("\r\n").expect("ends the chunk");
    }
}

#[tokio::test(start_paused = true)]
async fn every_legal_fault_arrives_exactly_in_a_stream() {
    delivers_every_legal_fault(&streamed()).await;
}

#[tokio::test(start_paused = true)]
async fn every_legal_fault_arrives_exactly_in_a_document() {
    delivers_every_legal_fault(&whole()).await;
}

#[tokio::test(start_paused = true)]
async fn every_legal_fault_arrives_exactly_where_the_connection_delimits() {
    let response = Response {
        framing: Framing::CloseDelimited,
        ..streamed()
    };
    let plain = Contract::plain(&response);
    for (fault, contract) in contracts(&response) {
        let (tap, client) = tcp().await;
        let (arrived, verification) = carry(
            tap,
            &contract,
            &*action(&fault.action).expect("is known"),
            client,
            PATIENCE,
        )
        .await;
        assert_eq!(
            verification.outcome,
            FaultOutcome::Delivered,
            "{fault}: {verification:?}"
        );
        assert_eq!(
            (arrived.bytes, arrived.end),
            (contract.wire.clone(), end_of(&contract))
        );
        assert!(plain.wire.starts_with(&contract.wire), "{fault}");
    }
}

#[tokio::test(start_paused = true)]
async fn on_a_unix_socket_everything_but_a_reset_is_delivered() {
    for (fault, contract) in contracts(&streamed()) {
        let (tap, client) = unix();
        let (arrived, verification) = carry(
            tap,
            &contract,
            &*action(&fault.action).expect("is known"),
            client,
            PATIENCE,
        )
        .await;
        assert_eq!(arrived.bytes, contract.wire, "{fault}");
        let expected = match fault.action {
            Asked::Reset => FaultOutcome::Undelivered,
            _ => FaultOutcome::Delivered,
        };
        assert_eq!(verification.outcome, expected, "{fault}: {verification:?}");
    }
}

/// Does nothing at all.
#[derive(Debug)]
struct Nothing;

impl Action for Nothing {
    fn contract(&self, response: &Response, _: &Wire, _: Place) -> Contract {
        Contract::plain(response)
    }

    fn perform<'a>(&'a self, _: &'a mut Tap, _: &'a Contract) -> Performing<'a> {
        Box::pin(async { Ok(()) })
    }
}

/// Does what it should, by another contract than it should.
#[derive(Debug)]
struct Misled {
    by: Contract,
    action: Box<dyn Action>,
}

impl Action for Misled {
    fn contract(&self, _: &Response, _: &Wire, _: Place) -> Contract {
        self.by.clone()
    }

    fn perform<'a>(&'a self, tap: &'a mut Tap, _: &'a Contract) -> Performing<'a> {
        self.action.perform(tap, &self.by)
    }
}

/// The same contract one byte too early or too late; nothing where there is no such byte.
fn shifted(contract: &Contract, full: &[u8], late: bool) -> Option<Contract> {
    let mut shifted = contract.clone();
    let only_the_silence_moves =
        contract.silence.is_some() && contract.wire.len() == full.len() && contract.goes_on();
    if only_the_silence_moves {
        shifted.cut = match late {
            true => contract.cut + 1,
            false => contract.cut.checked_sub(1)?,
        };
        return (shifted.cut <= contract.wire.len()).then_some(shifted);
    }
    if late {
        let next = full.get(contract.wire.len()).unwrap_or(&b'!');
        shifted.wire.push(*next);
    } else {
        shifted.wire.pop()?;
    }
    shifted.cut = shifted.wire.len();
    Some(shifted)
}

async fn outcome(contract: &Contract, action: &dyn Action) -> FaultOutcome {
    let (tap, client) = tcp().await;
    let (_, verification) = carry(tap, contract, action, client, PATIENCE).await;
    verification.outcome
}

async fn convicts_every_deviation(response: &Response) {
    let full = Contract::plain(response).wire;
    let mut deviations = 0;
    for (fault, contract) in contracts(response) {
        let undelivered = outcome(&contract, &Nothing).await;
        assert_eq!(undelivered, FaultOutcome::Undelivered, "{fault}: nothing");
        for late in [false, true] {
            let Some(by) = shifted(&contract, &full, late) else {
                continue;
            };
            let action = action(&fault.action).expect("is known");
            let outcome = outcome(&contract, &Misled { by, action }).await;
            assert_eq!(outcome, FaultOutcome::Undelivered, "{fault}: late: {late}");
            deviations += 1;
        }
    }
    assert!(deviations > 100, "{deviations}");
}

#[tokio::test(start_paused = true)]
async fn a_missing_and_a_surplus_byte_are_undelivered_in_a_stream() {
    convicts_every_deviation(&streamed()).await;
}

#[tokio::test(start_paused = true)]
async fn a_missing_and_a_surplus_byte_are_undelivered_in_a_document() {
    convicts_every_deviation(&whole()).await;
}

#[tokio::test(start_paused = true)]
async fn the_wrong_end_is_undelivered() {
    let response = streamed();
    let point = Point::Text { after_bytes: 2 };
    let ends = [Asked::Close, Asked::Reset, Asked::Stall { lasting: None }];
    for asked in &ends {
        for done in ends.iter().filter(|done| *done != asked) {
            let of = |action: &Asked| Fault {
                point,
                action: action.clone(),
            };
            let contract = Contract::of(&response, &of(asked)).expect("applies");
            let by = Contract::of(&response, &of(done)).expect("applies");
            let action = action(done).expect("is known");
            let outcome = outcome(&contract, &Misled { by, action }).await;
            assert_eq!(outcome, FaultOutcome::Undelivered, "{asked}, but {done}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_leaves_first_supersedes() {
    let fault = Fault {
        point: Point::BeforeBody,
        action: Asked::Delay { lasting: LASTING },
    };
    let contract = Contract::of(&streamed(), &fault).expect("applies");
    let (tap, client) = tcp().await;
    let impatient = Duration::from_secs(1);
    let (arrived, verification) = carry(
        tap,
        &contract,
        &*action(&fault.action).expect("is known"),
        client,
        impatient,
    )
    .await;
    assert_eq!(arrived.bytes, contract.wire[..contract.cut]);
    assert_eq!(verification.outcome, FaultOutcome::Superseded);
    assert!(
        verification.observed.contains("the peer's FIN"),
        "{verification:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn an_interrupted_stall_was_a_stall_and_an_interrupted_delay_was_not() {
    for (action, expected) in [
        (Asked::Stall { lasting: None }, FaultOutcome::Delivered),
        (Asked::Delay { lasting: LASTING }, FaultOutcome::Superseded),
    ] {
        let point = Point::BeforeHeaders;
        let contract = Contract::of(
            &whole(),
            &Fault {
                point,
                action: action.clone(),
            },
        );
        let contract = contract.expect("applies");
        let (mut tap, _client) = tcp().await;
        tap.begin(Watch::default());
        let performing = crate::perform(&mut tap, &contract, Some(&action));
        let bound = Duration::from_secs(5);
        assert!(tokio::time::timeout(bound, performing).await.is_err());
        let verification = verify(&contract, &tap.observe(), Until::Interrupted);
        assert_eq!(verification.outcome, expected, "{verification:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_slow_stream_is_silent_before_each_event_and_whole() {
    let pace = Duration::from_secs(3);
    let response = Response {
        pace: Some(pace),
        ..streamed()
    };
    let contract = Contract::plain(&response);
    let (mut tap, client) = tcp().await;
    let provider = async move {
        tap.begin(Watch::default());
        crate::perform(&mut tap, &contract, None)
            .await
            .expect("stays");
        tap.observe()
    };
    let (arrived, seen) = tokio::join!(arrives(client, PATIENCE), provider);
    assert_eq!(arrived.bytes, Contract::plain(&streamed()).wire);
    let silences = seen.gaps.iter().filter(|gap| gap.lasted >= pace).count();
    assert_eq!(silences, 5);
}

#[tokio::test(start_paused = true)]
async fn the_head_is_told_once_it_has_left_whole() {
    let contract = Contract::plain(&whole());
    let (mut tap, _client) = tcp().await;
    let (tell, told) = std::sync::mpsc::channel();
    tap.begin(Watch {
        head: contract.head(),
        head_left: Some(Box::new(move || tell.send(()).expect("somebody listens"))),
        silent: None,
    });
    tap.send(&contract.wire()[..contract.head() - 1])
        .await
        .expect("stays");
    assert!(told.try_recv().is_err());
    tap.send(&contract.wire()[contract.head() - 1..])
        .await
        .expect("stays");
    assert!(told.try_recv().is_ok());
}
