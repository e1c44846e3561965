//! Keep-alives that are numbered go on where the events have stopped, and another number is noticed.

use super::*;
use crate::keep_alive::{KeepAlive, Repeated};

fn numbered() -> Response {
    Response {
        keep_alive: KeepAlive {
            frame: b"{\"n\":}\n"[..].into(),
            number_at: Some(5),
        },
        ..streamed()
    }
}

fn fault(point: Point) -> Fault {
    let every = LASTING;
    let action = Action::KeepaliveForever { every };
    Fault { point, action }
}

/// The same with another number to begin with.
fn beginning(contract: &Contract, change: impl Fn(u64) -> u64) -> Contract {
    let Ending::KeepAlives { said, every } = contract.ending.clone() else {
        panic!("are keep-alives");
    };
    let first = change(said.first);
    Contract {
        ending: Ending::KeepAlives {
            said: Repeated { first, ..said },
            every,
        },
        ..contract.clone()
    }
}

#[tokio::test(start_paused = true)]
async fn the_number_is_that_of_the_next_event() {
    for (point, first) in [
        (Point::BeforeBody, 0),
        (Point::Event(EventPoint::Before(3)), 2),
        (Point::Event(EventPoint::After(3)), 3),
    ] {
        let contract = Contract::of(&numbered(), &fault(point)).expect("is possible");
        let by = (&contract, Some(&contract));
        let (arrived, verifications) = carry(tcp().await, by, PATIENCE).await;
        assert!(
            all(&verifications, FaultOutcome::Delivered),
            "{verifications:?}"
        );
        let text = String::from_utf8(arrived.bytes).expect("is text");
        for number in first..first + 3 {
            assert!(text.contains(&format!("{{\"n\":{number}}}\n")), "{text}");
        }
        assert!(!text.contains(&format!("{{\"n\":{}}}\n", first + 3)));
    }
}

#[tokio::test(start_paused = true)]
async fn a_longer_number_makes_a_longer_frame() {
    let contract = Contract::of(&numbered(), &fault(Point::BeforeBody)).expect("is possible");
    let contract = beginning(&contract, |_| 8);
    let by = (&contract, Some(&contract));
    let (arrived, verifications) = carry(tcp().await, by, PATIENCE).await;
    assert!(all(&verifications, FaultOutcome::Delivered));
    let last = b"9\r\n{\"n\":10}\n\r\n";
    assert!(arrived.bytes.ends_with(last), "{arrived:?}");
}

#[tokio::test(start_paused = true)]
async fn another_number_is_not_what_was_promised() {
    let promised = Contract::of(&numbered(), &fault(Point::BeforeBody)).expect("is possible");
    let done = beginning(&promised, |first| first + 1);
    let (_, verifications) = carry(tcp().await, (&promised, Some(&done)), PATIENCE).await;
    assert!(
        all(&verifications, FaultOutcome::Undelivered),
        "{verifications:?}"
    );
}
