//! A stop ends the connection to the provider. Knows what the client asked and what the provider saw.

use journal::{Ended, Fact, Journal, Record, Side};
use scenario::Plan;

use crate::case::{Case, elapsed, seconds};
use crate::example::{Example, says_partly};
use crate::exchange::Exchange;
use crate::findings::Findings;
use crate::run::Run;
use crate::verdict::{Rule, Verdict};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "abort-reaches-socket",
    group: "clients",
    sentence: "An abort reaches the socket: the provider sees the connection end within a bound.",
    why: "A run that is called cancelled while its request goes on costs tokens, holds a connection, and may still act.",
    how: "For each stop that the target took while a request of that run was in flight, the provider sees the target leave, or the answer end, within `bounds.abort`. Undecided if the runner itself was late. Not applicable without a stop in mid-request. A client that only leaves is no stop: what follows is the target's policy.",
    causes: "The abort closes an object that does not own the socket, or sets a flag that nobody reads before the next byte arrives. Drop the response itself, and count it as a failure when no socket was found to close.",
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
        let (Some(stop), Some(_)) = (run.stop_requested(), run.stop_taken_or_signalled()) else {
            continue;
        };
        let in_flight = |exchange: &&Exchange<'_>| {
            let over = exchange.ended.map(|ended| ended.record.seq);
            exchange.request.seq < stop.seq && over.is_none_or(|over| over > stop.seq)
        };
        for exchange in run.exchanges.iter().filter(in_flight) {
            one(&case, &run, (exchange, stop), &mut findings);
        }
    }
    findings.verdict("requests in flight when their run was stopped")
}

fn one(
    case: &Case<'_>,
    run: &Run<'_>,
    (exchange, stop): (&Exchange<'_>, &Record),
    findings: &mut Findings,
) {
    let bound = case.plan.bounds.abort.0;
    let gone = end_of(case, exchange, stop);
    if gone.is_some_and(|gone| elapsed(stop, gone) <= bound) {
        findings.kept();
        return;
    }
    let name = format!("{} of {}", exchange.name(), run.name());
    let limit = stop
        .t_ns
        .saturating_add(u64::try_from(bound.as_nanos()).unwrap_or(u64::MAX));
    let shown = [exchange.request, stop].into_iter().chain(gone);
    if case.lagged(stop.t_ns, limit).is_some() {
        findings.undecided(format!("{name} went on, but the runner was late"), shown);
        return;
    }
    match gone {
        Some(gone) => {
            let after = seconds(elapsed(stop, gone));
            findings.violated(format!("{name} went on for {after} after the stop"), shown);
        }
        None if case.records.last().is_some_and(|last| last.t_ns > limit) || case.ended => {
            findings.violated(format!("{name} was never ended after the stop"), shown);
        }
        None => findings.undecided(format!("{name} was still going on"), shown),
    }
}

/// The first sign after the stop that the exchange is over at the provider.
fn end_of<'a>(case: &Case<'a>, exchange: &Exchange<'a>, stop: &Record) -> Option<&'a Record> {
    let closed = case.records.iter().find(|record| {
        let Fact::ConnectionClosed { connection, by, .. } = record.fact else {
            return false;
        };
        record.seq > stop.seq && connection == exchange.asked.connection && by == Side::Target
    });
    let ended = exchange
        .ended
        .filter(|ended| ended.ended != Ended::ProviderShutdown)
        .map(|ended| ended.record);
    [closed, ended]
        .into_iter()
        .flatten()
        .min_by_key(|record| record.seq)
}

fn violation() -> (Plan, Journal) {
    Example::new()
        .turn(1)
        .asks((1, 1, 1))
        .head((1, 1, 1), 200, None)
        .stops(1)
        .cancels(1)
        .after_ms(23_000)
        .leaves((1, 1, 1), says_partly("I could go on"))
        .end()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example::{ruling, says};
    use crate::verdict::Ruling;

    fn stopped() -> Example {
        Example::new().turn(1).asks((1, 1, 1)).stops(1)
    }

    #[test]
    fn a_target_that_leaves_at_once_holds() {
        let good = stopped()
            .after_ms(300)
            .leaves((1, 1, 1), says_partly("I"))
            .cancels(1);
        assert_eq!(ruling(&RULE, &good.end()), Ruling::Holds);
    }

    #[test]
    fn a_target_that_leaves_late_or_never_convicts() {
        let (plan, journal) = violation();
        let verdict = judge(&plan, &journal);
        assert_eq!(verdict.ruling, Ruling::Violated);
        assert_eq!(
            verdict.because,
            "call 1 attempt 1 of run 1 went on for 23.003s after the stop"
        );
        assert_eq!(ruling(&RULE, &stopped().end()), Ruling::Violated);
    }

    #[test]
    fn an_answer_that_was_over_before_concerns_no_stop() {
        let over = Example::new()
            .turn(1)
            .exchange((1, 1, 1), says("Done."))
            .stops(1);
        assert_eq!(ruling(&RULE, &over.end()), Ruling::NotApplicable);
    }

    #[test]
    fn a_late_runner_makes_it_undecided() {
        let late = stopped()
            .after_ms(2_500)
            .runner(Fact::HeartbeatLagged { lag_ms: 2_400 })
            .leaves((1, 1, 1), says_partly("I"));
        assert_eq!(ruling(&RULE, &late.end()), Ruling::Undecided);
    }
}
