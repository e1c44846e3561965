//! The mark that a session is busy is set and not taken away.
//!
//! As in hermes-agent#64934 and #1391.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::future::BoxFuture;
use journal::{Fact, Terminal};
use reference_agent::failure::{Failure, FailureCode};
use reference_agent::seams::{OpenSession, Seams, Sessions};

use crate::defect::{Defect, Meant, Stage};

/// The defect.
pub(crate) const DEFECT: Defect = Defect {
    name: "stuck-session",
    sentence: "A session answers one turn and is busy from then on.",
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
    shown_by: &[
        "clients/second-turn-on-the-same-agent",
        "clients/idle-connection-closed-between-turns",
        "isolation/one-turn-per-session",
    ],
    seams,
};

fn seams() -> Seams {
    Seams {
        sessions: Arc::new(Stuck::default()),
        ..Seams::default()
    }
}

#[derive(Default)]
struct Stuck(Mutex<BTreeSet<String>>);

impl Sessions for Stuck {
    fn enter<'a>(
        &'a self,
        session: &'a str,
        line: BoxFuture<'a, Result<OpenSession, Failure>>,
    ) -> BoxFuture<'a, Result<OpenSession, Failure>> {
        let mut busy = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if busy.insert(session.to_owned()) {
            return line;
        }
        let busy = "a turn of this session is running; wait for it or stop it";
        Box::pin(async move { Err(Failure::new(FailureCode::Internal, busy)) })
    }
}
