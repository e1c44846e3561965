//! Nobody repeats what they broke off themselves. Knows stops and the requests after them.

use journal::Journal;
use scenario::Plan;

use crate::case::{Case, elapsed, seconds};
use crate::example::{Example, says_partly};
use crate::findings::Findings;
use crate::verdict::{Rule, Verdict};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "own-abort-not-retried",
    group: "cancel",
    sentence: "The target's own abort is never taken for a broken connection and tried again.",
    why: "The stopped run begins anew behind the user's back: stopping is what makes it go on.",
    how: "Once the target has taken a stop, the provider sees no further request of that run. A request that crossed the stop decides nothing.",
    causes: "The abort surfaces as a connection error in the layer that retries connection errors. Flag the request as aborted before its socket is closed, and ask for the flag before each attempt.",
    judge,
    violation,
};

fn judge(plan: &Plan, journal: &Journal) -> Verdict {
    let case = Case::new(plan, journal);
    if let Some(verdict) = case.cannot_see(&["provider"]) {
        return verdict;
    }
    let mut findings = Findings::default();
    for run in case.runs() {
        let Some(taken) = run.stop_taken() else {
            continue;
        };
        let mut after = run
            .exchanges
            .iter()
            .chain(&run.late)
            .filter(|one| one.request.seq > taken.seq);
        let Some(again) = after.next() else {
            findings.kept();
            continue;
        };
        let because = format!(
            "{} came {} after {} was stopped",
            again.name(),
            seconds(elapsed(taken, again.request)),
            run.name()
        );
        let before = run
            .exchanges
            .iter()
            .rfind(|one| one.request.seq < taken.seq);
        let before = before.map(|before| before.request);
        let shown = before.into_iter().chain(run.stop_requested());
        findings.violated(because, shown.chain([taken, again.request]));
    }
    findings.verdict("stops that were taken")
}

fn violation() -> (Plan, Journal) {
    Example::new()
        .turn(1)
        .asks((1, 1, 1))
        .stops(1)
        .leaves((1, 1, 1), says_partly("I could"))
        .after_ms(200)
        .asks((1, 1, 2))
        .end()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example::{ruling, says};
    use crate::verdict::Ruling;
    use journal::Fact;

    #[test]
    fn silence_after_a_stop_holds_and_a_new_request_convicts() {
        let good = Example::new()
            .turn(1)
            .asks((1, 1, 1))
            .stops(1)
            .leaves((1, 1, 1), says_partly("I"))
            .cancels(1)
            .turn(2)
            .exchange((2, 1, 1), says("Of course."));
        assert_eq!(ruling(&RULE, &good.end()), Ruling::Holds);
        let (plan, journal) = violation();
        assert_eq!(judge(&plan, &journal).evidence, [6, 7, 8, 12]);
    }

    #[test]
    fn a_summary_for_the_next_turn_is_no_retry_although_it_repeats_the_marker() {
        let stopped = Example::new()
            .turn(1)
            .asks((1, 1, 1))
            .stops(1)
            .leaves((1, 1, 1), says_partly("I"))
            .cancels(1);
        let retried = stopped.clone().asks((1, 1, 2)).end();
        assert_eq!(ruling(&RULE, &retried), Ruling::Violated);
        let summary = stopped.turn(2).exchange((1, 1, 2), says("They talked."));
        assert_eq!(ruling(&RULE, &summary.end()), Ruling::Holds);
    }

    #[test]
    fn a_request_that_crossed_the_stop_is_no_retry() {
        let crossed = Example::new()
            .turn(1)
            .client(1, Fact::StopRequested)
            .asks((1, 1, 1))
            .client(1, Fact::StopAnswered { status: 200 });
        assert_eq!(ruling(&RULE, &crossed.end()), Ruling::Holds);
    }
}
