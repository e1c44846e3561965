//! Ends that only TLS has, after other faults of the same answer: each happens where it would alone, and each is judged by itself.

use super::*;

const DELAY: Action = Action::Delay { lasting: LASTING };

/// How an answer may end that is changed, slowed down and cut into pieces before.
fn ends() -> [(Action, Seen); 4] {
    let alert = Alert::InternalError;
    [
        (Action::TlsTruncate, Seen::BareFin),
        (
            Action::TlsAlert { alert },
            Seen::Alert(AlertDescription::InternalError),
        ),
        (Action::Close, Seen::CloseNotify),
        (Action::Reset, Seen::Reset),
    ]
}

/// A change, a silence, pieces of this size, and this end behind them.
fn four(end: Action) -> Vec<Fault> {
    let at = |point, action| Fault { point, action };
    vec![
        at(Point::ToolArguments { after_bytes: 1 }, end),
        at(Point::Text { after_bytes: 2 }, DELAY),
        at(Point::Event(EventPoint::Before(1)), Action::Duplicate),
        at(Point::BeforeBody, Action::Split { bytes: 5 }),
    ]
}

#[tokio::test(start_paused = true)]
async fn an_end_of_tls_comes_after_all_that_precedes_it() {
    let identity = identity();
    for version in TlsVersion::ALL {
        for (end, expected) in ends() {
            let drafted = Contract::drafted(&secure(streamed()), &four(end.clone()));
            assert_eq!(drafted.missed, [], "{end:?}");
            let contract = drafted.contract;
            let plain = Contract::drafted(&streamed(), &four(Action::Close)).contract;
            assert_eq!(contract.wire, plain.wire, "{end:?}");
            let carried = carry_sealed((&identity, version), &contract, &contract).await;
            let ((arrived, seen), verifications) = carried;
            assert_eq!(arrived, contract.wire, "{version:?}: {end:?}");
            assert_eq!(seen, expected, "{version:?}");
            let faults: Vec<_> = verifications.iter().map(|one| one.fault).collect();
            assert_eq!(faults, [0, 1, 2, 3]);
            assert!(
                all(&verifications, FaultOutcome::Delivered),
                "{version:?}: {end:?}: {verifications:?}"
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_deviation_from_any_of_them_is_noticed() {
    let identity = identity();
    for version in TlsVersion::ALL {
        for (end, _) in ends() {
            let promised = Contract::drafted(&secure(streamed()), &four(end)).contract;
            is_noticed((&identity, version), &promised).await;
        }
    }
}

async fn is_noticed(over: (&Identity, TlsVersion), promised: &Contract) {
    for done in deviations(promised) {
        let (_, verifications) = carry_sealed(over, promised, &done).await;
        assert!(
            all(&verifications, FaultOutcome::Undelivered),
            "{:?}: {done}: {verifications:?}",
            over.1
        );
    }
}

/// The same in one piece, without its silence, a byte short, and with every other end.
fn deviations(promised: &Contract) -> Vec<Contract> {
    let mut in_one = promised.clone();
    in_one.pieces.clear();
    let mut hasty = promised.clone();
    hasty.silences.clear();
    let mut shorter = promised.clone();
    shorter.wire = shorter.wire.slice(..shorter.wire.len() - 1);
    let others = [
        Ending::Fin,
        Ending::Unnotified,
        Ending::Alert { description: 80 },
        Ending::Reset,
    ];
    let others = others.into_iter().filter(|end| *end != promised.ending);
    let others = others.map(|ending| Contract {
        ending,
        ..promised.clone()
    });
    [in_one, hasty, shorter].into_iter().chain(others).collect()
}
