//! A failed run says why. Knows the provider's errors and the target's words.

use journal::{Fact, Journal, Terminal};
use scenario::Plan;

use crate::case::Case;
use crate::cause::Cause;
use crate::example::Example;
use crate::exchange::{Answer, Exchange};
use crate::findings::{Findings, quoted};
use crate::run::{Ending, Run};
use crate::verdict::{Rule, Verdict};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "error-names-cause",
    group: "ending",
    sentence: "The error of a failed run names the real cause.",
    why: "`Something went wrong` cannot be acted upon: an expired key, an empty account and an outage look alike.",
    how: "The error contains the status, the code or the nonce of an error that the provider told for the last call; where a connection broke, fell silent or was refused, it is named by its class (reset, closed, timed out, ended, …). Any words will do where the provider gave no cause, and where the target was being shut down.",
    causes: "The exception is caught in a layer that knows a better sentence, and its own words are dropped. Carry the provider's status, code and message along.",
    judge,
    violation,
};

fn judge(plan: &Plan, journal: &Journal) -> Verdict {
    let case = Case::new(plan, journal);
    if let Some(verdict) = case.cannot_see(&["provider", "terminal"]) {
        return verdict;
    }
    let mut findings = Findings::default();
    for run in case.runs() {
        if let Some(ending) = run.ended_as(Terminal::Failed) {
            one(&case, &run, ending, &mut findings);
        }
    }
    findings.verdict("failed runs")
}

fn one(case: &Case<'_>, run: &Run<'_>, ending: Ending<'_>, findings: &mut Findings) {
    let error = ending.error.unwrap_or_default();
    let last = run.last_call();
    let failed: Vec<_> = last.iter().filter(|one| is_failure(one)).collect();
    let mut causes: Vec<_> = failed.iter().map(|one| Cause::of(one)).collect();
    let shut = case.was_unreachable(run.submitted.seq, ending.record.seq);
    if shut {
        causes.push(Cause::Transport);
    }
    // Who is shut down in the middle fails for that reason, whatever the provider said before.
    if causes.is_empty() || case.was_ending(ending.record.seq) {
        causes.push(Cause::Open);
    }
    if causes.iter().any(|cause| cause.is_named_in(error)) {
        findings.kept();
        return;
    }
    let wanted = causes.last().map(Cause::wanted).unwrap_or_default();
    let because = match ending.error {
        Some(error) => format!(
            "{} failed with {}, which names not {wanted}",
            run.name(),
            quoted(error)
        ),
        None => format!("{} failed without an error", run.name()),
    };
    let closed = case
        .all(|fact| matches!(fact, Fact::ListenerClosed))
        .filter(|_| shut)
        .take(1);
    let shown = failed.last().into_iter().flat_map(|one| one.shown());
    findings.violated(because, shown.chain(closed).chain([ending.record]));
}

/// Whether an exchange gives a run a reason to fail.
fn is_failure(exchange: &Exchange<'_>) -> bool {
    exchange.answer() != Answer::Finished || Cause::of(exchange) != Cause::Open
}

fn violation() -> (Plan, Journal) {
    Example::new()
        .turn(1)
        .asks((1, 1, 1))
        .errs((1, 1, 1), 401, None)
        .fails(1, "something went wrong")
        .end()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example::{ruling, says, says_partly};
    use crate::verdict::Ruling;

    #[test]
    fn a_run_that_a_shutdown_ends_may_say_so() {
        let failing = || {
            Example::new()
                .turn(1)
                .asks((1, 1, 1))
                .errs((1, 1, 1), 503, None)
        };
        let because = "the gateway went down";
        let shut_down = failing().runner(Fact::ShutdownRequested).fails(1, because);
        assert_eq!(ruling(&RULE, &shut_down.end()), Ruling::Holds);
        let for_no_reason = failing().fails(1, because).runner(Fact::ShutdownRequested);
        assert_eq!(ruling(&RULE, &for_no_reason.end()), Ruling::Violated);
    }

    fn failing(error: &str) -> Ruling {
        let story = Example::new()
            .turn(1)
            .asks((1, 1, 1))
            .errs((1, 1, 1), 401, None);
        ruling(&RULE, &story.fails(1, error).end())
    }

    #[test]
    fn status_code_or_nonce_will_do_and_nothing_else() {
        assert_eq!(failing("provider said 401"), Ruling::Holds);
        assert_eq!(failing("bo-401: refused"), Ruling::Holds);
        assert_eq!(failing("connection error"), Ruling::Violated);
        assert_eq!(ruling(&RULE, &violation()), Ruling::Violated);
    }

    #[test]
    fn a_broken_connection_is_named_by_its_class() {
        let cut = Example::new()
            .turn(1)
            .asks((1, 1, 1))
            .cut((1, 1, 1), says_partly("Hel"));
        let good = cut.clone().fails(1, "connection reset by peer").end();
        assert_eq!(ruling(&RULE, &good), Ruling::Holds);
        let bad = cut.fails(1, "model is unhappy").end();
        assert_eq!(ruling(&RULE, &bad), Ruling::Violated);
    }

    #[test]
    fn a_provider_that_cannot_be_reached_is_named() {
        let shut = Example::new().runner(Fact::ListenerClosed).turn(1);
        let good = shut.clone().fails(1, "connection refused").end();
        assert_eq!(ruling(&RULE, &good), Ruling::Holds);
        assert_eq!(
            ruling(&RULE, &shut.fails(1, "no luck").end()),
            Ruling::Violated
        );
    }

    #[test]
    fn without_a_cause_at_the_provider_any_words_will_do_but_not_none() {
        let whole = Example::new().turn(1).exchange((1, 1, 1), says("Hi."));
        let good = whole.clone().fails(1, "disk full").end();
        assert_eq!(ruling(&RULE, &good), Ruling::Holds);
        let bad = whole.ends(1, Terminal::Failed, None, None).end();
        assert_eq!(ruling(&RULE, &bad), Ruling::Violated);
    }
}
