//! The ending can still be learnt by a client that was away. Knows when clients left, listened again, and what they heard.

use journal::{Fact, Journal, Record, Terminal};
use scenario::{Plan, Step};

use crate::case::Case;
use crate::example::{Example, says};
use crate::findings::Findings;
use crate::run::Run;
use crate::verdict::{Rule, Verdict};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "terminal-after-reconnect",
    group: "ending",
    sentence: "A client that left and listens again still gets the terminal event.",
    why: "A connection lost for a second costs the whole run: the client waits for an ending that somebody else has eaten.",
    how: "After a client has left and come back, a terminal event reaches it. Undecided if the run never ended, which `every-run-ends` convicts. Not applicable where nobody comes back.",
    causes: "Events are kept in one queue that the first reader empties, and that is thrown away with the first connection. Keep a log for each run, and let each reader have its own place in it.",
    judge,
    violation,
};

fn judge(plan: &Plan, journal: &Journal) -> Verdict {
    let case = Case::new(plan, journal);
    if let Some(verdict) = case.cannot_see(&["terminal", "events"]) {
        return verdict;
    }
    let mut findings = Findings::default();
    for run in case.runs() {
        if let Some(back) = came_back(&case, &run) {
            one(&case, &run, back, &mut findings);
        }
    }
    findings.verdict("runs that were listened to again")
}

fn one(case: &Case<'_>, run: &Run<'_>, back: &Record, findings: &mut Findings) {
    let endings = run.endings();
    let heard = endings
        .iter()
        .any(|ending| !ending.polled && ending.record.seq > back.seq);
    let left = run.disconnected();
    let polled = endings.last().map(|ending| ending.record);
    let shown = left.into_iter().chain([back]).chain(polled);
    if heard {
        findings.kept();
    } else if !case.ended || (run.timed_out().is_some() && endings.is_empty()) {
        findings.undecided(format!("{} did not end", run.name()), shown);
    } else {
        let because = format!(
            "{} ended, and the client that came back was not told",
            run.name()
        );
        findings.violated(because, shown);
    }
}

/// The last moment at which a client came back to a run, or tried to.
fn came_back<'a>(case: &Case<'a>, run: &Run<'a>) -> Option<&'a Record> {
    let left = run.disconnected()?;
    let tried = case
        .records
        .iter()
        .filter(|record| is_reconnect(case, run, record));
    let listened = run
        .records
        .iter()
        .copied()
        .filter(|record| matches!(record.fact, Fact::Subscribed));
    tried
        .chain(listened)
        .filter(|record| record.seq > left.seq)
        .max_by_key(|record| record.seq)
}

/// Whether this step is the return to this run; a client that is turned away never listens.
fn is_reconnect(case: &Case<'_>, run: &Run<'_>, record: &Record) -> bool {
    let Fact::StepStarted { step, .. } = record.fact else {
        return false;
    };
    let Some(Step::Reconnect { run: meant }) = case.plan.steps.get(step) else {
        return false;
    };
    let latest = || {
        let submitted = case.all(|fact| matches!(fact, Fact::RunSubmitted { .. }));
        submitted
            .filter(|submitted| submitted.seq < record.seq)
            .last()
            .and_then(|submitted| submitted.run)
    };
    record.run.or(*meant).or_else(latest) == Some(run.number)
}

fn violation() -> (Plan, Journal) {
    Example::new()
        .turn(1)
        .asks((1, 1, 1))
        .client(1, Fact::Disconnected)
        .client(1, Fact::Subscribed)
        .answers((1, 1, 1), says("Here."))
        .client(1, Fact::EventsEnded { polite: true })
        .client(
            1,
            Fact::Terminal {
                terminal: Terminal::Completed,
                output: Some("Here.".to_owned()),
                error: None,
                usage: None,
                via: "status".to_owned(),
            },
        )
        .end()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example::ruling;
    use crate::verdict::Ruling;

    fn left() -> Example {
        Example::new()
            .turn(1)
            .exchange((1, 1, 1), says("Here."))
            .client(1, Fact::Disconnected)
    }

    #[test]
    fn an_ending_that_is_told_again_holds_and_one_that_is_lost_convicts() {
        let good = left().client(1, Fact::Subscribed).completes(1, "Here.");
        assert_eq!(ruling(&RULE, &good.end()), Ruling::Holds);
        assert_eq!(ruling(&RULE, &violation()), Ruling::Violated);
    }

    #[test]
    fn a_client_that_is_turned_away_convicts() {
        let back = Fact::StepStarted {
            step: 0,
            action: "reconnect".to_owned(),
        };
        let bad = left()
            .plan(|plan| plan.steps.push(Step::Reconnect { run: None }))
            .runner(back);
        assert_eq!(ruling(&RULE, &bad.end()), Ruling::Violated);
    }

    #[test]
    fn who_never_came_back_is_not_told_and_a_run_without_end_is_undecided() {
        assert_eq!(ruling(&RULE, &left().end()), Ruling::NotApplicable);
        let endless = left()
            .client(1, Fact::Subscribed)
            .client(1, Fact::RunTimedOut { within_ms: 1000 });
        assert_eq!(ruling(&RULE, &endless.end()), Ruling::Undecided);
    }
}
