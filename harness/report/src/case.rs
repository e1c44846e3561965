//! One case as a report sees it: what was planned, what was recorded, what was ruled. Knows no output format.

use std::collections::BTreeMap;
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
    /// The target or the protocol lacks what the scenario needs, or one of its faults had no place in what happened.
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

    /// Why it proves nothing, if that is so: `needs stop, tool:effect; …`.
    #[must_use]
    pub fn skipped_because(&self) -> Option<String> {
        if self.conclusion() != Conclusion::Skipped {
            return None;
        }
        let needs = match &self.state {
            State::Skipped { needs, .. } => needs.as_slice(),
            State::Judged(_) | State::Broken { .. } => &[],
        };
        let needs = (!needs.is_empty()).then(|| format!("needs {}", needs.join(", ")));
        let all: Vec<String> = needs.into_iter().chain(self.reasons()).collect();
        Some(all.join("; "))
    }

    /// What the protocol, or chance, did not give the scenario that it asks for.
    #[must_use]
    pub fn reasons(&self) -> Vec<String> {
        match &self.state {
            State::Skipped { reasons, .. } => reasons.clone(),
            State::Judged(judged) => judged.inapplicable(),
            State::Broken { .. } => Vec::new(),
        }
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
        } else if any(Ruling::Undecided) {
            Conclusion::Undecided
        } else if !self.inapplicable().is_empty() {
            Conclusion::Skipped
        } else if !any(Ruling::Holds) {
            Conclusion::Undecided
        } else {
            Conclusion::Holds
        }
    }

    /// Faults that had no place in what happened, or that chance never chose: whatever else holds, the scenario was not
    /// played as it is written. Each with what was in the way.
    fn inapplicable(&self) -> Vec<String> {
        let mut faults: BTreeMap<(usize, &str, &str), (bool, &str)> = BTreeMap::new();
        for record in &self.journal.records {
            if let Fact::Fault {
                entry,
                point,
                action,
                outcome,
                observed,
                ..
            } = &record.fact
            {
                let known = faults.entry((*entry, point, action));
                let (never, _) = known.or_insert((true, observed));
                *never &= *outcome == FaultOutcome::Inapplicable;
            }
        }
        let never = faults.into_iter().filter(|(_, (never, _))| *never);
        never
            .map(|((_, point, action), (_, why))| format!("no {action} {point}: {why}"))
            .collect()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example;

    /// The first case of the example, of whose faults only those with this outcome are left.
    fn left_with(outcome: FaultOutcome) -> Case {
        let mut case = example::campaign().cases.remove(0);
        let judged =
            example::campaign()
                .cases
                .into_iter()
                .find_map(|case| match case.conclusion() {
                    Conclusion::Holds => Some(case.state),
                    _ => None,
                });
        case.state = judged.expect("one of the cases holds");
        if let State::Judged(judged) = &mut case.state {
            judged.journal.records.retain(|record| match &record.fact {
                Fact::Fault { outcome: known, .. } => *known == outcome,
                _ => true,
            });
        }
        case
    }

    #[test]
    fn a_fault_without_a_place_is_never_a_pass() {
        let case = left_with(FaultOutcome::Inapplicable);
        assert_eq!(case.conclusion(), Conclusion::Skipped);
        assert_eq!(
            case.skipped_because().as_deref(),
            Some("no reset after 9 bytes of tool arguments: 301 bytes, then RST")
        );
        let case = left_with(FaultOutcome::Delivered);
        assert_eq!(case.conclusion(), Conclusion::Holds);
        assert_eq!(case.skipped_because(), None);
    }
}
