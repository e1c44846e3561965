//! A turn that finds its session busy runs beside the turn that keeps it busy.
//!
//! As hermes-agent 0.19 does with two runs of one `session_id`.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use journal::Fact;
use reference_agent::halt::Halt;
use reference_agent::outcome::{Outcome, Usage};
use reference_agent::seams::{Interruption, Prompt, Seams, Sessions};
use tokio::task::Id;

use crate::defect::{Defect, Meant, Stage};

/// The defect.
pub(crate) const DEFECT: Defect = Defect {
    name: "overlapping-turns",
    sentence: "Two turns of one session run at the same time, and neither knows of the other.",
    replaces: &["sessions", "interruption"],
    stage: Stage::Gateway,
    meant: &[Meant {
        rule: "one-turn-per-session",
        mistake: |fact| matches!(fact, Fact::Request { .. }),
    }],
    also: &[],
    shown_by: &["isolation/one-turn-per-session"],
    seams,
};

fn seams() -> Seams {
    let beside = Arc::new(Beside::default());
    Seams {
        sessions: Arc::clone(&beside) as Arc<dyn Sessions>,
        interruption: beside,
        ..Seams::default()
    }
}

/// The key under which each turn that goes on keeps its session. A turn is a task of its own.
#[derive(Default)]
struct Beside(Mutex<Vec<(Option<Id>, String)>>);

impl Beside {
    fn busy(&self) -> MutexGuard<'_, Vec<(Option<Id>, String)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sessions for Beside {
    fn key(&self, session: &str) -> String {
        let turn = tokio::task::try_id();
        let mut busy = self.busy();
        let key = match busy.iter().any(|(_, key)| key == session) {
            true => format!("{session} beside {turn:?}"),
            false => session.to_owned(),
        };
        busy.push((turn, key.clone()));
        key
    }
}

impl Interruption for Beside {
    fn settle(&self, halt: &Halt, outcome: Outcome, usage: Usage) -> Outcome {
        let turn = tokio::task::try_id();
        self.busy().retain(|(of, _)| *of != turn);
        Prompt.settle(halt, outcome, usage)
    }
}
