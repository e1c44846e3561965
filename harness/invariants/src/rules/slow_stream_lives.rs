//! A slow answer is still an answer. Knows which answers the target left although nothing was wrong with them.

use journal::{Ended, Journal};
use scenario::Plan;

use crate::case::{Case, elapsed, seconds};
use crate::example::{Example, says_partly};
use crate::exchange::Exchange;
use crate::findings::Findings;
use crate::run::Run;
use crate::verdict::{Rule, Verdict};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "slow-stream-lives",
    group: "time",
    sentence: "A stream that is slow but alive is heard to its end.",
    why: "A long thought is thrown away at the last moment, paid for, and begun again, for ever.",
    how: "No answer that no fault touched is left by the target before its finish reason, unless its run was stopped, left by the client, or over because the target was shut down.",
    causes: "A limit on the whole response, where a limit on the silence between two pieces of data was meant.",
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
        let calm = |exchange: &&Exchange<'_>| !exchange.is_disturbed();
        for exchange in run.exchanges.iter().filter(calm) {
            one(&case, &run, exchange, &mut findings);
        }
    }
    findings.verdict("answers without a fault")
}

fn one(case: &Case<'_>, run: &Run<'_>, exchange: &Exchange<'_>, findings: &mut Findings) {
    let Some(ended) = exchange.ended else {
        return;
    };
    let end = ended.record.seq;
    let asked = run.stop_requested().or_else(|| run.disconnected());
    let excused = asked.is_some_and(|asked| asked.seq < end)
        || run.timed_out().is_some_and(|record| record.seq < end)
        || case.was_ending(end);
    let left = ended.ended == Ended::TargetLeft && ended.said.finish.is_none();
    if !left || excused {
        findings.kept();
        return;
    }
    // The fault may be recorded after the end that it caused.
    if !case.ended {
        findings.undecided("the journal ends too early to tell why", [ended.record]);
        return;
    }
    let because = format!(
        "{} of {} was left after {}, and nothing was wrong with it",
        exchange.name(),
        run.name(),
        seconds(elapsed(exchange.request, ended.record))
    );
    findings.violated(because, exchange.shown());
}

fn violation() -> (Plan, Journal) {
    Example::new()
        .turn(1)
        .asks((1, 1, 1))
        .head((1, 1, 1), 200, None)
        .after_ms(5_000)
        .leaves((1, 1, 1), says_partly("S l o w l y"))
        .fails(1, "timed out")
        .end()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example::{ruling, says};
    use crate::verdict::Ruling;

    fn asked() -> Example {
        Example::new()
            .turn(1)
            .asks((1, 1, 1))
            .head((1, 1, 1), 200, None)
    }

    #[test]
    fn a_slow_answer_heard_to_its_end_holds_and_one_left_convicts() {
        let good = asked().after_ms(60_000).answers((1, 1, 1), says("S l o w"));
        assert_eq!(ruling(&RULE, &good.end()), Ruling::Holds);
        assert_eq!(ruling(&RULE, &violation()), Ruling::Violated);
    }

    #[test]
    fn leaving_after_a_stop_or_in_a_silence_of_a_fault_is_right() {
        let stopped = asked().stops(1).leaves((1, 1, 1), says_partly("S"));
        assert_eq!(ruling(&RULE, &stopped.end()), Ruling::Holds);
        let stalled = asked()
            .fault((1, 1, 1), "stall")
            .leaves((1, 1, 1), says_partly("S"));
        assert_eq!(ruling(&RULE, &stalled.end()), Ruling::NotApplicable);
    }

    #[test]
    fn who_leaves_after_the_finish_reason_has_heard_everything() {
        let good = asked().leaves((1, 1, 1), says("Done."));
        assert_eq!(ruling(&RULE, &good.end()), Ruling::Holds);
    }
}
