//! What one scenario demands, judged like a rule. One file for each kind of demand; knows no rule.

use journal::Record;
use scenario::{Expectation, Expected, Plan};

use crate::case::Case;
use crate::findings::order;
use crate::run::Run;
use crate::verdict::{Ruling, Subject, Verdict};

mod ending;
mod requests;
mod tools;

/// What was seen of one demand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    ruling: Ruling,
    because: String,
    evidence: Vec<u64>,
}

impl Seen {
    /// What was seen, and whether it is what was demanded.
    fn of<'a>(
        kept: bool,
        because: impl Into<String>,
        evidence: impl IntoIterator<Item = &'a Record>,
    ) -> Self {
        let ruling = if kept {
            Ruling::Holds
        } else {
            Ruling::Violated
        };
        Self {
            ruling,
            because: because.into(),
            evidence: order(evidence),
        }
    }

    /// What was recorded does not decide it.
    fn undecided<'a>(
        because: impl Into<String>,
        evidence: impl IntoIterator<Item = &'a Record>,
    ) -> Self {
        Self {
            ruling: Ruling::Undecided,
            ..Self::of(true, because, evidence)
        }
    }

    /// So many were counted, and so many demanded; in a journal without an end, more may come.
    fn counted<'a>(
        case: &Case<'_>,
        because: impl Into<String>,
        (count, wanted): (usize, u32),
        evidence: impl IntoIterator<Item = &'a Record>,
    ) -> Self {
        let wanted = usize::try_from(wanted).unwrap_or(usize::MAX);
        if count < wanted && !case.ended {
            return Self::undecided(because, evidence);
        }
        Self::of(count == wanted, because, evidence)
    }

    /// The target does not show it.
    fn not_applicable(because: impl Into<String>) -> Self {
        Self {
            ruling: Ruling::NotApplicable,
            ..Self::of(true, because, [])
        }
    }

    /// How much it matters: the most is shown.
    const fn weight(&self) -> u8 {
        match self.ruling {
            Ruling::Violated => 3,
            Ruling::Undecided => 2,
            Ruling::Holds => 1,
            Ruling::NotApplicable | Ruling::Waived => 0,
        }
    }
}

/// The verdict on one demand.
pub(crate) fn judge(case: &Case<'_>, expectation: &Expectation) -> Verdict {
    let seen = match &expectation.expected {
        Expected::ToolRuns { tool, times } => tools::runs(case, expectation, (tool, *times)),
        Expected::Effects(lines) => tools::effects(case, lines),
        Expected::ProviderRequests(count) => requests::count(case, expectation, *count),
        of_a_run => each_run(case, expectation, |run| one_run(case, run, of_a_run)),
    };
    Verdict {
        id: expectation.key.clone(),
        subject: Subject::Expectation,
        ruling: seen.ruling,
        because: seen.because,
        evidence: seen.evidence,
        place: Some(expectation.place),
    }
}

/// A demand that says how the reference agent does it is only observed of others.
pub(crate) fn as_policy(plan: &Plan, expectation: &Expectation, verdict: Verdict) -> Verdict {
    if !expectation.policy || plan.judge_policy {
        return verdict;
    }
    Verdict {
        ruling: Ruling::NotApplicable,
        because: format!("observed: {}", verdict.because),
        ..verdict
    }
}

fn one_run(case: &Case<'_>, run: &Run<'_>, expected: &Expected) -> Seen {
    match expected {
        Expected::Terminal(name) => ending::terminal(case, run, *name),
        Expected::Output(text) => ending::output(case, run, |output| output.trim() == text.trim()),
        Expected::OutputContains(text) => ending::output(case, run, |output| output.contains(text)),
        Expected::ErrorContains(text) => ending::error_contains(case, run, text),
        Expected::Usage { input, output } => ending::usage(case, run, (*input, *output)),
        Expected::TakesAtLeast(bound) => requests::takes_at_least(case, run, bound.0),
        Expected::TakesAtMost(bound) => requests::takes_at_most(case, run, bound.0),
        Expected::ToolRuns { .. } | Expected::Effects(_) | Expected::ProviderRequests(_) => {
            Seen::not_applicable("this is no demand on one run")
        }
    }
}

/// The runs that a demand is about; never the probe.
fn meant<'a>(case: &Case<'a>, expectation: &Expectation) -> Vec<Run<'a>> {
    let mut runs = case.runs();
    runs.retain(|run| !run.probe && expectation.run.is_none_or(|meant| meant == run.number));
    runs
}

/// Judges every run that a demand is about; the worst is shown.
fn each_run(case: &Case<'_>, expectation: &Expectation, one: impl Fn(&Run<'_>) -> Seen) -> Seen {
    if let Some(unseen) = case.cannot_see(&["terminal"]) {
        return Seen::not_applicable(unseen.because);
    }
    let runs = meant(case, expectation);
    let planned = case.plan.runs.iter().filter(|run| {
        let submitted = runs.iter().any(|seen| seen.number == run.run);
        let meant = expectation.run.is_none_or(|meant| meant == run.run);
        !run.probe && meant && !submitted
    });
    let missing = planned.map(|run| {
        let because = format!("run {} was never given to the target", run.run);
        Seen::undecided(because, [])
    });
    let several = runs.len() > 1;
    let seen = runs.iter().map(|run| {
        let mut seen = one(run);
        if several {
            seen.because = format!("{} {}", run.name(), seen.because);
        }
        seen
    });
    let worst = seen.chain(missing).reduce(|worst, next| {
        if next.weight() > worst.weight() {
            next
        } else {
            worst
        }
    });
    worst.unwrap_or_else(|| Seen::undecided("no run was given to the target", []))
}

#[cfg(test)]
mod tests {
    use scenario::{Place, PlannedRun, TerminalName};

    use super::*;
    use crate::example::{Example, says};

    /// A demand on every run.
    fn demand(expected: Expected) -> Expectation {
        Expectation {
            key: "demand".to_owned(),
            run: None,
            expected,
            policy: false,
            place: Place::default(),
        }
    }

    /// The verdict on one demand at the end of a story.
    pub(super) fn judged(story: Example, expected: Expected) -> Verdict {
        let (plan, journal) = story.end();
        judge(&Case::new(&plan, &journal), &demand(expected))
    }

    pub(super) fn ruled(story: Example, expected: Expected) -> Ruling {
        judged(story, expected).ruling
    }

    fn two_runs() -> Example {
        Example::new()
            .turn(1)
            .exchange((1, 1, 1), says("One."))
            .completes(1, "One.")
            .turn(2)
            .fails(2, "no luck")
    }

    #[test]
    fn of_several_runs_the_one_that_breaks_the_demand_is_named() {
        let wanted = Expected::Terminal(TerminalName::Completed);
        let verdict = judged(two_runs(), wanted.clone());
        assert_eq!(verdict.because, "run 2 was `failed`: `no luck`");
        assert_eq!(verdict.place, Some(Place::default()));
        let (plan, journal) = two_runs().end();
        let first = Expectation {
            run: Some(1),
            ..demand(wanted)
        };
        let verdict = judge(&Case::new(&plan, &journal), &first);
        assert_eq!(
            (verdict.ruling, verdict.because.as_str()),
            (Ruling::Holds, "was `completed`")
        );
    }

    #[test]
    fn a_run_that_was_never_given_is_undecided() {
        let never = two_runs().plan(|plan| {
            plan.runs.push(PlannedRun {
                run: 3,
                marker: "[run-3]".to_owned(),
                text: "hello".to_owned(),
                client: "user".to_owned(),
                session: "main".to_owned(),
                probe: false,
            });
        });
        let (plan, journal) = never.end();
        let third = Expectation {
            run: Some(3),
            ..demand(Expected::Terminal(TerminalName::Completed))
        };
        let verdict = judge(&Case::new(&plan, &journal), &third);
        assert_eq!(verdict.ruling, Ruling::Undecided);
    }

    #[test]
    fn policy_is_only_observed_of_others() {
        let (mut plan, journal) = two_runs()
            .plan(|plan| {
                plan.expectations.push(Expectation {
                    policy: true,
                    ..demand(Expected::ProviderRequests(7))
                });
            })
            .end();
        let last = |plan: &Plan| {
            crate::judge(plan, &journal)
                .pop()
                .map(|one| (one.ruling, one.because))
        };
        assert_eq!(
            last(&plan),
            Some((Ruling::Violated, "1 request".to_owned()))
        );
        plan.judge_policy = false;
        let observed = "observed: 1 request".to_owned();
        assert_eq!(last(&plan), Some((Ruling::NotApplicable, observed)));
    }
}
