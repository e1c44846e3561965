//! What the process answers with. One enum and one table: the codes are public, and `brownout explain exit-codes` prints them.

use report::{Breakage, Campaign, Conclusion};

/// How an invocation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExitCode {
    /// Everything that was judged holds.
    AllHold,
    /// A mistake of ours.
    Bug,
    /// The command line makes no sense.
    Usage,
    /// Nothing was selected, or nothing that was selected could be judged.
    NothingSelected,
    /// Something was violated.
    Violated,
    /// Something could not be decided.
    Undecided,
    /// A scenario, target or configuration file is wrong.
    Invalid,
    /// The target could not be started or did not become ready.
    TargetNotReady,
    /// A threshold of a soak run was broken.
    ThresholdBroken,
    /// The machine refused something.
    Environment,
    /// Somebody pressed ctrl-C.
    Interrupted,
}

impl ExitCode {
    /// Every code, in the order of their numbers.
    pub const ALL: [Self; 11] = [
        Self::AllHold,
        Self::Bug,
        Self::Usage,
        Self::NothingSelected,
        Self::Violated,
        Self::Undecided,
        Self::Invalid,
        Self::TargetNotReady,
        Self::ThresholdBroken,
        Self::Environment,
        Self::Interrupted,
    ];

    /// Where several are true of one campaign, the first of these is answered. Files that are wrong are told before it begins.
    pub const PRECEDENCE: [Self; 7] = [
        Self::Bug,
        Self::Interrupted,
        Self::Environment,
        Self::TargetNotReady,
        Self::Violated,
        Self::Undecided,
        Self::AllHold,
    ];

    /// The number that the process answers with.
    #[must_use]
    pub const fn number(self) -> u8 {
        self.row().0
    }

    /// What it means, as one line.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        self.row().1
    }

    const fn row(self) -> (u8, &'static str) {
        match self {
            Self::AllHold => (0, "everything that was judged holds"),
            Self::Bug => (
                1,
                "a mistake of ours: a panic, or a fault that should have been carried out and was not",
            ),
            Self::Usage => (2, "the command line makes no sense"),
            Self::NothingSelected => (
                4,
                "nothing was selected, or nothing that was selected could be judged",
            ),
            Self::Violated => (100, "at least one invariant or expectation is violated"),
            Self::Undecided => (101, "something could not be decided; never green"),
            Self::Invalid => (
                102,
                "a scenario, target or configuration file is wrong; nothing was run",
            ),
            Self::TargetNotReady => (
                103,
                "the target could not be started or did not become ready",
            ),
            Self::ThresholdBroken => (
                104,
                "reserved for thresholds of soak runs; no command answers it yet",
            ),
            Self::Environment => (
                105,
                "the machine refused something: a busy port, an unreadable file, a full disk, isolation",
            ),
            Self::Interrupted => (130, "interrupted; what had been started was taken down"),
        }
    }

    /// What a campaign answers with.
    #[must_use]
    pub fn of(campaign: &Campaign, interrupted: bool) -> Self {
        let mut codes: Vec<Self> = campaign.cases.iter().filter_map(of_case).collect();
        if interrupted {
            codes.push(Self::Interrupted);
        }
        let worst = Self::PRECEDENCE
            .into_iter()
            .find(|code| codes.contains(code));
        worst.unwrap_or(Self::NothingSelected)
    }
}

/// What one case asks for; a skipped one asks for nothing.
fn of_case(case: &report::Case) -> Option<ExitCode> {
    let undelivered = case
        .judged()
        .is_some_and(report::Judged::has_undelivered_fault);
    if undelivered {
        return Some(ExitCode::Bug);
    }
    match (case.conclusion(), &case.state) {
        (Conclusion::Skipped, _) => None,
        (Conclusion::Holds, _) => Some(ExitCode::AllHold),
        (Conclusion::Violated, _) => Some(ExitCode::Violated),
        (_, report::State::Broken { kind, .. }) => Some(of_breakage(*kind)),
        _ => Some(ExitCode::Undecided),
    }
}

const fn of_breakage(kind: Breakage) -> ExitCode {
    match kind {
        Breakage::Target => ExitCode::TargetNotReady,
        Breakage::Environment => ExitCode::Environment,
        Breakage::Interrupted => ExitCode::Interrupted,
        Breakage::Bug => ExitCode::Bug,
    }
}

impl From<ExitCode> for std::process::ExitCode {
    fn from(code: ExitCode) -> Self {
        Self::from(code.number())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use report::{Case, State};
    use std::time::Duration;

    fn campaign(states: impl IntoIterator<Item = State>) -> Campaign {
        let cases: Vec<Case> = states.into_iter().map(case).collect();
        Campaign {
            id: "now".to_owned(),
            target: "t".to_owned(),
            seed: 1,
            virtual_time: true,
            wall: Duration::ZERO,
            selected: cases.len(),
            cases,
        }
    }

    fn case(state: State) -> Case {
        Case {
            scenario: "a/b".to_owned(),
            file: "scenarios/a/b.toml".to_owned(),
            title: "x".to_owned(),
            dialect: scenario::Dialect::OpenaiChat,
            streamed: true,
            seed: 1,
            wall: Duration::ZERO,
            folder: None,
            again: String::new(),
            state,
        }
    }

    fn broken(kind: Breakage) -> State {
        State::Broken {
            kind,
            message: String::new(),
        }
    }

    fn skipped() -> State {
        State::Skipped {
            needs: vec!["stop".to_owned()],
            reasons: Vec::new(),
        }
    }

    #[test]
    fn numbers_are_distinct_and_sorted() {
        let numbers = ExitCode::ALL.map(ExitCode::number);
        assert!(
            numbers.is_sorted_by(|one, other| one < other),
            "{numbers:?}"
        );
    }

    #[test]
    fn nothing_judged_is_no_success() {
        assert_eq!(
            ExitCode::of(&campaign([]), false),
            ExitCode::NothingSelected
        );
        assert_eq!(
            ExitCode::of(&campaign([skipped()]), false),
            ExitCode::NothingSelected
        );
    }

    #[test]
    fn the_worst_wins() {
        let kinds = [
            (Breakage::Bug, ExitCode::Bug),
            (Breakage::Interrupted, ExitCode::Interrupted),
            (Breakage::Environment, ExitCode::Environment),
            (Breakage::Target, ExitCode::TargetNotReady),
        ];
        for (index, (_, expected)) in kinds.iter().enumerate() {
            let rest = kinds[index..].iter().rev().map(|(kind, _)| broken(*kind));
            assert_eq!(ExitCode::of(&campaign(rest), false), *expected);
        }
        let slow = campaign([broken(Breakage::Target)]);
        assert_eq!(ExitCode::of(&slow, true), ExitCode::Interrupted);
    }
}
