//! One line of a journal, and the journal as a whole.

use serde::{Deserialize, Serialize};

use crate::fact::Fact;

/// The version of the record format; raised when an old reader would misread a new record.
pub const FORMAT: u32 = 1;

/// Who observed a fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Actor {
    /// The runner: it starts, waits, counts and ends.
    Runner,
    /// The runner's client: it gives the target its turns and reads what it answers.
    Client,
    /// The fake provider.
    Provider,
    /// The target, through its lifecycle log. Its word names a cause and never acquits.
    Target,
}

impl Actor {
    /// The name as it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Runner => "runner",
            Self::Client => "client",
            Self::Provider => "provider",
            Self::Target => "target",
        }
    }
}

/// What a fact is about. Runs are counted from 1 over the case, calls within a run, attempts within a call.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Subject {
    /// The user turn.
    pub run: Option<u32>,
    /// The call of the run.
    pub call: Option<u32>,
    /// The attempt of the call.
    pub attempt: Option<u32>,
}

impl Subject {
    /// The whole case.
    pub const CASE: Self = Self {
        run: None,
        call: None,
        attempt: None,
    };

    /// A run.
    #[must_use]
    pub const fn run(run: u32) -> Self {
        Self {
            run: Some(run),
            call: None,
            attempt: None,
        }
    }

    /// One attempt of a call.
    #[must_use]
    pub const fn attempt(run: u32, call: u32, attempt: u32) -> Self {
        Self {
            run: Some(run),
            call: Some(call),
            attempt: Some(attempt),
        }
    }
}

/// One line of the journal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// [`FORMAT`] when it was written.
    pub format: u32,
    /// The order of receipt, from 1, over all actors.
    pub seq: u64,
    /// Nanoseconds since the case began, on the case's clock.
    pub t_ns: u64,
    /// Who observed it.
    pub actor: Actor,
    /// The order within the actor, from 1.
    pub actor_seq: u64,
    /// The run it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<u32>,
    /// The call it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call: Option<u32>,
    /// The attempt it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempt: Option<u32>,
    /// What was observed.
    #[serde(flatten)]
    pub fact: Fact,
}

impl Record {
    /// What it is about.
    #[must_use]
    pub const fn subject(&self) -> Subject {
        Subject {
            run: self.run,
            call: self.call,
            attempt: self.attempt,
        }
    }
}

/// All records of a case, in order of receipt.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Journal {
    /// The records.
    pub records: Vec<Record>,
}

impl Journal {
    /// Every record about `run`.
    pub fn of_run(&self, run: u32) -> impl Iterator<Item = &Record> {
        self.records
            .iter()
            .filter(move |record| record.run == Some(run))
    }

    /// The runs that were given to the target, in order.
    #[must_use]
    pub fn runs(&self) -> Vec<u32> {
        let submitted = |record: &Record| match record.fact {
            Fact::RunSubmitted { .. } => record.run,
            _ => None,
        };
        self.records.iter().filter_map(submitted).collect()
    }
}
