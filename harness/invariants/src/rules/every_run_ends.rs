//! No run hangs. Knows which runs the runner gave up waiting for.

use journal::{Fact, Journal, Record};
use scenario::Plan;

use crate::case::{Case, elapsed, seconds};
use crate::example::{Example, says_partly};
use crate::findings::Findings;
use crate::run::Run;
use crate::verdict::{Rule, Verdict};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "every-run-ends",
    group: "time",
    sentence: "Every run ends within a bound, whatever the provider does.",
    why: "A turn that hangs holds its session, its connection and the person who waits; somebody finds it hours later.",
    how: "The runner waits `bounds.run` for the ending of each run that the target took. Undecided if the runner itself was late, or if the target was asked to shut down meanwhile.",
    causes: "There is a limit on connecting and none on silence; or keep-alive comments count as progress. Bound the time between two pieces of data, and the run as a whole.",
    judge,
    violation,
};

fn judge(plan: &Plan, journal: &Journal) -> Verdict {
    let case = Case::new(plan, journal);
    if let Some(verdict) = case.cannot_see(&["terminal"]) {
        return verdict;
    }
    let mut findings = Findings::default();
    for run in case.runs() {
        one(&case, &run, &mut findings);
    }
    findings.verdict("runs that were taken")
}

fn one(case: &Case<'_>, run: &Run<'_>, findings: &mut Findings) {
    let Some(timed_out) = run.timed_out() else {
        if run.ending().is_some() {
            findings.kept();
        } else if run.accepted().is_some() {
            findings.undecided(format!("{} had not ended yet", run.name()), [run.submitted]);
        }
        return;
    };
    let last = run.exchanges.last().map(|exchange| exchange.last());
    let died = case.find(|fact| {
        matches!(
            fact,
            Fact::ProcessExited {
                expected: false,
                ..
            }
        )
    });
    let died = died.filter(|died| died.seq < timed_out.seq);
    let shown: Vec<&Record> = [run.submitted, timed_out]
        .into_iter()
        .chain(last)
        .chain(died)
        .collect();
    let waited = elapsed(run.submitted, timed_out);
    let because = match died {
        Some(_) => format!("{} had not ended when the target died", run.name()),
        None => format!("{} did not end within {}", run.name(), seconds(waited)),
    };
    let asked = case.find(|fact| matches!(fact, Fact::ShutdownRequested));
    let asked = asked.filter(|asked| asked.seq < timed_out.seq && died.is_none());
    let late = case.lagged(run.submitted.t_ns, timed_out.t_ns);
    match (late, asked) {
        (Some(late), _) => {
            let because = format!("{because}, but the runner was late");
            findings.undecided(because, shown.into_iter().chain([late]));
        }
        (None, Some(asked)) => {
            let because = format!("{} was cut short by the shutdown", run.name());
            findings.undecided(because, shown.into_iter().chain([asked]));
        }
        (None, None) => findings.violated(because, shown),
    }
}

fn timed_out(within_ms: u64) -> Fact {
    Fact::RunTimedOut { within_ms }
}

fn violation() -> (Plan, Journal) {
    Example::new()
        .turn(1)
        .asks((1, 1, 1))
        .head((1, 1, 1), 200, None)
        .after_ms(600_000)
        .client(1, timed_out(600_000))
        .leaves((1, 1, 1), says_partly("Let me"))
        .end()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example::{ruling, says};
    use crate::verdict::Ruling;

    #[test]
    fn a_run_that_ends_holds_and_one_that_hangs_convicts() {
        let good = Example::new()
            .turn(1)
            .exchange((1, 1, 1), says("Hi."))
            .completes(1, "Hi.");
        assert_eq!(ruling(&RULE, &good.end()), Ruling::Holds);
        let (plan, journal) = violation();
        let verdict = judge(&plan, &journal);
        assert_eq!(
            (verdict.ruling, verdict.because.as_str()),
            (Ruling::Violated, "run 1 did not end within 600.006s")
        );
    }

    #[test]
    fn a_late_runner_or_a_missing_ending_is_undecided() {
        let late = Example::new()
            .turn(1)
            .runner(Fact::HeartbeatLagged { lag_ms: 900 })
            .client(1, timed_out(1_000));
        assert_eq!(ruling(&RULE, &late.end()), Ruling::Undecided);
        assert_eq!(
            ruling(&RULE, &Example::new().turn(1).end()),
            Ruling::Undecided
        );
    }
}
