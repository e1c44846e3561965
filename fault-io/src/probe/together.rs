//! Several faults on one answer: each is carried out where it would be alone, and each is judged by itself.

use super::*;
use crate::contract::Inapplicable;

fn at(point: Point, action: Action) -> Fault {
    Fault { point, action }
}

const DELAY: Action = Action::Delay { lasting: LASTING };

/// Two changes, a silence and an end; given in no order.
fn four() -> Vec<Fault> {
    vec![
        at(Point::ToolArguments { after_bytes: 1 }, Action::Close),
        at(Point::Text { after_bytes: 2 }, DELAY),
        at(Point::Event(EventPoint::Before(1)), Action::Duplicate),
        at(Point::BeforeBody, Action::Bom),
    ]
}

#[tokio::test(start_paused = true)]
async fn each_happens_where_it_would_alone() {
    let contract = Contract::drafted(&streamed(), &four()).contract;
    let by = (&contract, Some(&contract));
    let (arrived, verifications) = carry(tcp().await, by, PATIENCE).await;
    assert!(
        all(&verifications, FaultOutcome::Delivered),
        "{verifications:?}"
    );
    let faults: Vec<_> = verifications.iter().map(|one| one.fault).collect();
    assert_eq!(faults, [0, 1, 2, 3]);
    let body = String::from_utf8(arrived.bytes[contract.head..].to_vec()).expect("is text");
    assert_eq!(
        body,
        "10\r\n\u{feff}{\"why\":\"so\"}\n\r\nd\r\n{\"why\":\"so\"}\n\r\n\
         e\r\n{\"text\":\"ab\"}\n\r\nd\r\n{\"text\":\"c\"}\n\r\nc\r\n{\"args\":{"
    );
    assert_eq!(arrived.end, Some(How::Fin));
    let silence = contract.silences[0].at;
    assert!(contract.wire[..silence].ends_with(b"{\"text\":\"ab"));
}

#[tokio::test(start_paused = true)]
async fn what_a_peer_had_before_it_left_was_delivered() {
    let contract = Contract::drafted(&streamed(), &four()).contract;
    let impatient = Duration::from_secs(1);
    let by = (&contract, Some(&contract));
    let (_, verifications) = carry(tcp().await, by, impatient).await;
    let outcomes: Vec<_> = verifications.iter().map(|one| one.outcome).collect();
    assert_eq!(
        outcomes,
        [
            FaultOutcome::Superseded,
            FaultOutcome::Superseded,
            FaultOutcome::Delivered,
            FaultOutcome::Delivered,
        ]
    );
}

#[test]
fn what_lies_behind_the_end_is_told() {
    let faults = [
        at(Point::Event(EventPoint::Before(2)), Action::Close),
        at(Point::Text { after_bytes: 1 }, DELAY),
        at(Point::BeforeFinish, Action::Drop),
        at(Point::Event(EventPoint::Before(9)), Action::Duplicate),
    ];
    let drafted = Contract::drafted(&streamed(), &faults);
    assert_eq!(
        drafted.missed,
        [
            (1, Inapplicable::NotSent),
            (2, Inapplicable::NotSent),
            (3, Inapplicable::NoSuchPlace),
        ]
    );
    assert_eq!(drafted.contract.faults().collect::<Vec<_>>(), [0]);
}

#[test]
fn an_end_past_the_head_is_none() {
    let point = Point::Headers { after_bytes: 9999 };
    let drafted = Contract::drafted(&streamed(), &[at(point, Action::Close)]);
    assert_eq!(drafted.missed, [(0, Inapplicable::NoSuchPlace)]);
    assert_eq!(drafted.contract.wire, Contract::plain(&streamed()).wire);
    assert!(drafted.contract.goes_on());
}

#[test]
fn what_http_1_cannot_do_is_inapplicable() {
    let goaway = Action::Goaway {
        code: wire_faults::StreamCode::NoError,
    };
    for (action, reason) in [
        (
            goaway,
            "HTTP/1.1 has no message that asks a peer to go away",
        ),
        (Action::TlsTruncate, "the connection is not over TLS"),
    ] {
        let drafted = Contract::drafted(&streamed(), &[at(Point::BeforeBody, action)]);
        assert_eq!(drafted.missed, [(0, Inapplicable::Transport(reason))]);
    }
}

#[test]
fn a_place_inside_an_event_goes_with_it() {
    let faults = [
        at(Point::Text { after_bytes: 1 }, DELAY),
        at(Point::Event(EventPoint::Before(2)), Action::Reorder),
        at(Point::Event(EventPoint::Before(3)), DELAY),
    ];
    let contract = Contract::drafted(&streamed(), &faults).contract;
    let before = |index: usize| {
        let silence: crate::contract::Silence = contract.silences[index];
        String::from_utf8_lossy(&contract.wire[contract.head..silence.at]).into_owned()
    };
    assert!(
        before(0).ends_with("{\"text\":\"c\"}\n\r\n"),
        "{}",
        before(0)
    );
    assert!(before(1).ends_with("{\"text\":\"a"), "{}", before(1));
}
