//! Whatever is not as it was promised is noticed: nothing at all, a byte less, more or changed, a silence that is too short,
//! missing or elsewhere, pieces that were sent as one, another end.

use super::*;
use crate::contract::{Drip, Silence};

/// Contracts that differ from this one in one way, each with the way it differs.
fn deviations(contract: &Contract) -> Vec<(&'static str, Contract)> {
    let mut deviations = Vec::new();
    let mut with = |name, change: &dyn Fn(&mut Contract)| {
        let mut other = contract.clone();
        change(&mut other);
        if other != *contract {
            deviations.push((name, other));
        }
    };
    let length = contract.wire.len();
    with("a byte less", &|other| {
        let length = length.saturating_sub(1);
        other.wire.truncate(length);
        for silence in &mut other.silences {
            silence.at = silence.at.min(length);
        }
    });
    with("a byte more", &|other| {
        other.wire = [&other.wire[..], b"!"].concat().into()
    });
    for at in [0, length / 2, length.saturating_sub(1)] {
        with("another byte", &|other| {
            let mut bytes = other.wire.to_vec();
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= 1;
            }
            other.wire = bytes.into();
        });
    }
    with("no silence", &|other| other.silences.clear());
    with("short silences", &|other| {
        for silence in &mut other.silences {
            silence.lasting /= 2;
        }
    });
    for late in [false, true] {
        with("a silence elsewhere", &|other| {
            shift(&mut other.silences, late, length)
        });
    }
    deviations.extend(other_times(contract));
    deviations.extend(other_endings(contract));
    deviations
}

/// The same bytes at other times.
fn other_times(contract: &Contract) -> Vec<(&'static str, Contract)> {
    let mut deviations = Vec::new();
    let mut with = |name, change: &dyn Fn(&mut Contract)| {
        let mut other = contract.clone();
        change(&mut other);
        if other != *contract {
            deviations.push((name, other));
        }
    };
    with("no drip", &|other| other.drip = None);
    with("short drip", &|other| {
        let faster = |drip: Drip| Drip {
            every: drip.every / 2,
            ..drip
        };
        other.drip = other.drip.map(faster);
    });
    with("late drip", &|other| {
        let later = |drip: Drip| Drip {
            from: drip.from + 1,
            ..drip
        };
        other.drip = other.drip.map(later);
    });
    with("one piece", &|other| other.pieces.clear());
    with("another piece", &|other| {
        if let Some(piece) = other.pieces.first_mut() {
            *piece -= 1;
        }
    });
    with("short keep-alives", &|other| {
        if let Ending::KeepAlives { every, .. } = &mut other.ending {
            *every /= 2;
        }
    });
    with("a shorter stall", &|other| {
        if let Ending::Stall {
            lasting: Some(lasting),
        } = &mut other.ending
        {
            *lasting /= 2;
        }
    });
    deviations
}

fn shift(silences: &mut [Silence], late: bool, length: usize) {
    for silence in silences {
        silence.at = match late {
            true => (silence.at + 1).min(length),
            false => silence.at.saturating_sub(1),
        };
    }
}

fn other_endings(contract: &Contract) -> Vec<(&'static str, Contract)> {
    let endings = [
        Ending::GoesOn,
        Ending::Fin,
        Ending::Reset,
        Ending::HalfClose,
        Ending::Stall { lasting: None },
    ];
    let other = endings.into_iter().filter(|ending| {
        let seen_alike = matches!(
            (&contract.ending, ending),
            // Whether anybody reads on is not seen from the wire, nor whether somebody who is silent means to speak again.
            (Ending::Fin, Ending::HalfClose)
                | (Ending::GoesOn, Ending::Stall { .. })
                | (Ending::KeepAlives { .. }, Ending::GoesOn)
        );
        *ending != contract.ending && !seen_alike
    });
    other
        .map(|ending| {
            let deviation = Contract {
                ending,
                ..contract.clone()
            };
            ("another end", deviation)
        })
        .collect()
}

#[tokio::test(start_paused = true)]
async fn nothing_else_is_taken_for_what_was_promised() {
    let mut count = 0;
    let responses = [streamed(), whole()];
    for (fault, contract) in responses.iter().flat_map(contracts) {
        let deviations = deviations(&contract);
        let deviations = deviations.iter().map(|(name, other)| (*name, Some(other)));
        for (name, deviation) in deviations.chain([("nothing", None)]) {
            let (_, verifications) = carry(tcp().await, (&contract, deviation), PATIENCE).await;
            assert!(
                all(&verifications, FaultOutcome::Undelivered),
                "{fault}: {name}: {verifications:?}"
            );
            count += 1;
        }
    }
    assert!(count > 1000, "{count}");
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_leaves_first_supersedes() {
    let fault = Fault {
        point: Point::BeforeBody,
        action: Action::Delay { lasting: LASTING },
    };
    let contract = Contract::drafted(&streamed(), &[fault]).contract;
    let impatient = Duration::from_secs(1);
    let (arrived, verifications) =
        carry(tcp().await, (&contract, Some(&contract)), impatient).await;
    assert_eq!(arrived.bytes, contract.wire[..contract.head]);
    assert!(all(&verifications, FaultOutcome::Superseded));
    assert!(
        verifications[0].observed.contains("the peer's FIN"),
        "{verifications:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_leaves_during_a_drip_has_felt_it() {
    let every = HumanDuration(Duration::from_secs(5));
    let fault = Fault {
        point: Point::BeforeBody,
        action: Action::Drip { bytes: 1, every },
    };
    let contract = Contract::drafted(&streamed(), &[fault]).contract;
    for (enough, expected) in [
        (contract.head + 3, FaultOutcome::Delivered),
        (contract.head, FaultOutcome::Superseded),
    ] {
        let (mut tap, mut client) = tcp().await;
        let provider = async {
            tap.begin(Watch::default());
            let _ = perform(&mut tap, &contract).await;
            verify(&contract, &tap.observe(), Until::Done)
        };
        let peer = async {
            let arrived = arrives(&mut client, PATIENCE, enough).await;
            drop(client);
            arrived
        };
        let (_, verifications) = tokio::join!(peer, provider);
        assert!(all(&verifications, expected), "{verifications:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_interrupted_stall_was_a_stall_and_an_interrupted_delay_was_not() {
    for (action, expected) in [
        (Action::Stall { lasting: None }, FaultOutcome::Delivered),
        (Action::HalfClose, FaultOutcome::Delivered),
        (Action::Delay { lasting: LASTING }, FaultOutcome::Superseded),
    ] {
        let point = Point::BeforeHeaders;
        let contract = Contract::drafted(&whole(), &[Fault { point, action }]).contract;
        let (mut tap, _client) = tcp().await;
        tap.begin(Watch::default());
        let bound = Duration::from_secs(5);
        let performing = perform(&mut tap, &contract);
        assert!(tokio::time::timeout(bound, performing).await.is_err());
        let verifications = verify(&contract, &tap.observe(), Until::Interrupted);
        assert!(all(&verifications, expected), "{verifications:?}");
    }
}
