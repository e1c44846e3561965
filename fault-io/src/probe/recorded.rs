//! A response as it once came leaves again with the same bytes, pieces, silences and end, and anything else is noticed.

use super::*;
use crate::contract::{Recorded, RecordedEnding, RecordedPiece};

const ENDINGS: [(RecordedEnding, Option<How>); 4] = [
    (RecordedEnding::GoesOn, None),
    (RecordedEnding::Fin, Some(How::Fin)),
    (RecordedEnding::Reset, Some(How::Reset)),
    (RecordedEnding::Silence, None),
];

fn piece(millis: u64, bytes: &[u8]) -> RecordedPiece {
    RecordedPiece {
        before: Duration::from_millis(millis),
        bytes: bytes.to_vec(),
    }
}

fn came(ending: RecordedEnding) -> Recorded {
    Recorded {
        pieces: vec![
            piece(300, b"HTTP/1.1 200 OK\r\ntransfer-enc"),
            piece(0, b"oding: chunked\r\n\r\n5\r\nhel"),
            piece(2_000, b"lo\r\n"),
        ],
        head: 47,
        before_ending: Duration::from_millis(700),
        ending,
    }
}

async fn judged(promised: &Recorded, done: &Recorded) -> (Arrived, FaultOutcome) {
    let (promised, done) = (Contract::recorded(promised), Contract::recorded(done));
    let by = (&promised, Some(&done));
    let (arrived, verifications) = carry(tcp().await, by, PATIENCE).await;
    assert_eq!(verifications.len(), 1);
    (arrived, verifications[0].outcome)
}

#[tokio::test(start_paused = true)]
async fn it_leaves_as_it_came() {
    for (ending, end) in ENDINGS {
        let came = came(ending);
        let (arrived, outcome) = judged(&came, &came).await;
        assert_eq!(outcome, FaultOutcome::Delivered, "{ending:?}");
        assert_eq!(arrived.bytes, Contract::recorded(&came).wire());
        assert_eq!(arrived.end, end, "{ending:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_but_an_end_is_a_response_too() {
    for (ending, end) in &ENDINGS[1..] {
        let came = Recorded {
            pieces: Vec::new(),
            head: 1,
            ..came(*ending)
        };
        let (arrived, outcome) = judged(&came, &came).await;
        assert_eq!(outcome, FaultOutcome::Delivered, "{ending:?}");
        assert_eq!((arrived.bytes.len(), arrived.end), (0, *end));
    }
}

#[tokio::test(start_paused = true)]
async fn what_leaves_otherwise_is_undelivered() {
    let promised = came(RecordedEnding::Fin);
    let mut shorter = promised.clone();
    shorter.pieces[2].bytes.pop();
    let mut longer = promised.clone();
    longer.pieces[2].bytes.push(b'!');
    let mut hasty = promised.clone();
    hasty.pieces[2].before = Duration::from_millis(1_990);
    let mut in_one = promised.clone();
    let second = in_one.pieces.remove(1);
    in_one.pieces[0].bytes.extend(second.bytes);
    let mut ends_early = promised.clone();
    ends_early.before_ending = Duration::ZERO;
    let others = [shorter, longer, hasty, in_one, ends_early];
    let ends = [came(RecordedEnding::Reset), came(RecordedEnding::GoesOn)];
    for done in others.iter().chain(&ends) {
        let (_, outcome) = judged(&promised, done).await;
        assert_eq!(outcome, FaultOutcome::Undelivered, "{done:?}");
    }
}
