//! One case as a report sees it: what was planned, what was recorded, what was ruled. Knows no output format.

use std::time::Duration;

use invariants::{Ruling, Verdict};
use journal::{Fact, FaultOutcome, Journal};
use scenario::{Dialect, Plan};

/// One case of a campaign, as far as it got.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// The scenario's name.
    pub scenario: String,
    /// The scenario's file, as it was named.
    pub file: String,
    /// The scenario's sentence.
    pub title: String,
    /// The provider's protocol.
    pub dialect: Dialect,
    /// Whether replies are streamed.
    pub streamed: bool,
    /// The seed.
    pub seed: u64,
    /// What the case took on the machine's clock.
    pub wall: Duration,
    /// Where its plan, journal and verdicts lie, if they were written.
    pub folder: Option<String>,
    /// The command that does it again.
    pub again: String,
    /// How far it got.
    pub state: State,
}

/// How far a case got.
#[derive(Debug, Clone, PartialEq)]
pub enum State {
    /// To its end, and it was judged.
    Judged(Box<Judged>),
    /// Not begun, because the target lacks what the scenario needs, or the protocol does.
    Skipped {
        /// What the target lacks, as needs are written.
        needs: Vec<String>,
        /// Why the scenario cannot be played in this dialect and mode at all.
        reasons: Vec<String>,
    },
    /// It could not be brought to an end.
    Broken {
        /// Whose fault that is.
        kind: Breakage,
        /// What happened: a fragment that finishes "failed to run the case: …".
        message: String,
    },
}

/// A case that was recorded and judged.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// What was decided before it began.
    pub plan: Plan,
    /// What was observed.
    pub journal: Journal,
    /// What was ruled.
    pub verdicts: Vec<Verdict>,
    /// The scenario's text, for showing what failed where it was demanded.
    pub source: Option<String>,
}

/// Why a case could not be brought to an end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Breakage {
    /// The target did not start, or did not become ready.
    Target,
    /// The machine refused something: a busy port, a full disk.
    Environment,
    /// Somebody pressed ctrl-C.
    Interrupted,
    /// A mistake of ours.
    Bug,
}

/// What a case comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Conclusion {
    /// Everything that could be judged holds.
    Holds,
    /// Something was violated.
    Violated,
    /// Something could not be decided, or nothing could be judged. Never green.
    Undecided,
    /// The target or the protocol lacks what the scenario needs.
    Skipped,
    /// The case did not come to its end.
    Broken,
}

impl Conclusion {
    /// The name as machines read it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Holds => "holds",
            Self::Violated => "violated",
            Self::Undecided => "undecided",
            Self::Skipped => "skipped",
            Self::Broken => "broken",
        }
    }
}

impl Breakage {
    /// The name as machines read it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Target => "target",
            Self::Environment => "environment",
            Self::Interrupted => "interrupted",
            Self::Bug => "bug",
        }
    }
}

impl Case {
    /// What it comes to.
    #[must_use]
    pub fn conclusion(&self) -> Conclusion {
        match &self.state {
            State::Judged(judged) => judged.conclusion(),
            State::Skipped { .. } => Conclusion::Skipped,
            State::Broken { .. } => Conclusion::Broken,
        }
    }

    /// The name with the cell of the matrix: `auth/401-first-call [openai-chat, streamed]`.
    #[must_use]
    pub fn label(&self) -> String {
        format!(
            "{} [{}, {}]",
            self.scenario,
            self.dialect.as_str(),
            streaming(self.streamed)
        )
    }

    /// Why it was not begun, if that is so: `needs stop, tool:effect; …`.
    #[must_use]
    pub fn skipped_because(&self) -> Option<String> {
        let State::Skipped { needs, reasons } = &self.state else {
            return None;
        };
        let needs = (!needs.is_empty()).then(|| format!("needs {}", needs.join(", ")));
        let all: Vec<String> = needs.into_iter().chain(reasons.iter().cloned()).collect();
        Some(all.join("; "))
    }

    /// What was judged, if the case got so far.
    #[must_use]
    pub fn judged(&self) -> Option<&Judged> {
        match &self.state {
            State::Judged(judged) => Some(judged),
            State::Skipped { .. } | State::Broken { .. } => None,
        }
    }

    /// The time that passed on the case's own clock.
    #[must_use]
    pub fn simulated(&self) -> Duration {
        self.judged().map_or(Duration::ZERO, Judged::simulated)
    }

    /// The verdicts that a person has to look at: violated ones first, then undecided ones.
    #[must_use]
    pub fn complaints(&self) -> Vec<&Verdict> {
        let of = |ruling: Ruling| {
            let verdicts = self
                .judged()
                .into_iter()
                .flat_map(|judged| &judged.verdicts);
            verdicts.filter(move |verdict| verdict.ruling == ruling)
        };
        of(Ruling::Violated).chain(of(Ruling::Undecided)).collect()
    }
}

impl Judged {
    fn conclusion(&self) -> Conclusion {
        let any = |ruling| self.verdicts.iter().any(|verdict| verdict.ruling == ruling);
        if any(Ruling::Violated) {
            Conclusion::Violated
        } else if any(Ruling::Undecided) || !any(Ruling::Holds) {
            Conclusion::Undecided
        } else {
            Conclusion::Holds
        }
    }

    fn simulated(&self) -> Duration {
        let last = self.journal.records.last();
        last.map_or(Duration::ZERO, |record| Duration::from_nanos(record.t_ns))
    }

    /// Whether a fault of the script should have been carried out and was not: a mistake of ours, which ends a campaign.
    #[must_use]
    pub fn has_undelivered_fault(&self) -> bool {
        self.journal.records.iter().any(|record| {
            matches!(
                record.fact,
                Fact::Fault {
                    outcome: FaultOutcome::Undelivered,
                    ..
                }
            )
        })
    }
}

/// How the streaming half of the matrix is written.
#[must_use]
pub const fn streaming(streamed: bool) -> &'static str {
    if streamed { "streamed" } else { "whole" }
}
