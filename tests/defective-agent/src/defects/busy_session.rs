//! A second turn of a session is turned away while the first goes on.
//!
//! As in hermes-agent#45456.

use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use journal::{Fact, Terminal};
use reference_agent::failure::{Failure, FailureCode};
use reference_agent::seams::{OpenSession, Seams, Sessions};

use crate::defect::{Defect, Meant, Stage};

/// The defect.
pub(crate) const DEFECT: Defect = Defect {
    name: "busy-session",
    sentence: "Whoever speaks before the answer is there gets an error in place of a turn.",
    replaces: &["sessions"],
    stage: Stage::Gateway,
    meant: &[Meant {
        rule: "next-run-succeeds",
        mistake: |fact| {
            matches!(
                fact,
                Fact::Terminal {
                    terminal: Terminal::Failed,
                    ..
                }
            )
        },
    }],
    also: &[],
    shown_by: &["isolation/one-turn-per-session"],
    seams,
};

fn seams() -> Seams {
    Seams {
        sessions: Arc::new(Busy),
        ..Seams::default()
    }
}

struct Busy;

impl Sessions for Busy {
    fn enter<'a>(
        &'a self,
        _: &'a str,
        line: BoxFuture<'a, Result<OpenSession, Failure>>,
    ) -> BoxFuture<'a, Result<OpenSession, Failure>> {
        let busy = "a turn of this session is running; wait for it or stop it";
        let free = line.now_or_never();
        let session = free.unwrap_or_else(|| Err(Failure::new(FailureCode::Internal, busy)));
        Box::pin(async { session })
    }
}
