//! Once the faults stop, things work again. Knows which runs nothing disturbed, and how they ended.

use journal::{Fact, FaultOutcome, Journal, Record, Terminal};
use scenario::Plan;

use crate::case::Case;
use crate::example::Example;
use crate::exchange::{Answer, Exchange};
use crate::findings::{Findings, quoted};
use crate::run::Run;
use crate::verdict::{Rule, Verdict};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "next-run-succeeds",
    group: "recovery",
    sentence: "Once the faults stop, the next run on the same target succeeds.",
    why: "An agent that needs a restart after every hiccup of its provider is down whenever nobody watches.",
    how: "The probe run after the faults completes, and so does every run that nothing disturbed: no fault before its end, no stop, no refusal (of the run, or by the model), and each answer whole, the last one a text. Undecided if such a run was never decided.",
    causes: "A client, a cache, a lock or a history was left broken by the run before. Give each call what it needs anew, or repair it before use.",
    judge,
    violation,
};

fn judge(plan: &Plan, journal: &Journal) -> Verdict {
    let case = Case::new(plan, journal);
    if let Some(verdict) = case.cannot_see(&["provider", "terminal"]) {
        return verdict;
    }
    let mut findings = Findings::default();
    let lifted = case.find(|fact| matches!(fact, Fact::FaultsLifted));
    for run in case.runs() {
        let after_faults = lifted.is_some_and(|lifted| lifted.seq < run.submitted.seq);
        if run.probe && after_faults {
            probe(&case, &run, lifted, &mut findings);
        } else if is_clean(&case, &run) {
            clean(&case, &run, &mut findings);
        }
    }
    findings.verdict("runs that nothing disturbed")
}

fn probe(case: &Case<'_>, run: &Run<'_>, lifted: Option<&Record>, findings: &mut Findings) {
    let before = lifted.into_iter().chain([run.submitted]);
    if let Some(refused) = run.refused() {
        let because = "after the faults the next run was refused";
        findings.violated(because, before.chain([refused]));
        return;
    }
    if let Some(timed_out) = run.timed_out() {
        let because = "after the faults the next run did not end";
        findings.violated(because, before.chain([timed_out]));
        return;
    }
    ended(case, run, before.collect(), findings);
}

fn clean(case: &Case<'_>, run: &Run<'_>, findings: &mut Findings) {
    ended(case, run, vec![run.submitted], findings);
}

fn ended(case: &Case<'_>, run: &Run<'_>, before: Vec<&Record>, findings: &mut Findings) {
    let Some(ending) = run.ending() else {
        if run.accepted().is_some() && !case.ended {
            findings.undecided(format!("{} had not ended yet", run.name()), before);
        }
        return;
    };
    if ending.terminal == Terminal::Completed {
        findings.kept();
        return;
    }
    let error = ending.error.map(|error| format!(": {}", quoted(error)));
    let because = format!(
        "nothing disturbed {}, and it was `{}`{}",
        run.name(),
        ending.terminal.as_str(),
        error.unwrap_or_default()
    );
    let last = run.exchanges.last().map(|exchange| exchange.last());
    findings.violated(
        because,
        before.into_iter().chain(last).chain([ending.record]),
    );
}

/// Whether nothing gave the run a reason to end otherwise than completed, as far as can be seen.
fn is_clean(case: &Case<'_>, run: &Run<'_>) -> bool {
    let until = run.ending().map_or(u64::MAX, |ending| ending.record.seq);
    let interfered = run.stop_requested().is_some()
        || run.disconnected().is_some()
        || run.refused().is_some()
        || run.timed_out().is_some()
        || case.was_ending(until);
    let reached = !case.was_unreachable(run.submitted.seq, until);
    !interfered && reached && !is_disturbed(case, run, until) && answered(case, run)
}

/// Whether a fault was carried out on this run, while it went on, or on a connection that it may have chosen.
fn is_disturbed(case: &Case<'_>, run: &Run<'_>, until: u64) -> bool {
    let disturbs = |record: &Record| match &record.fact {
        Fact::Fault { outcome, point, .. } => {
            let carried_out = !matches!(
                outcome,
                FaultOutcome::Unreached | FaultOutcome::Inapplicable
            );
            let near = record.run == Some(run.number)
                || record.seq > run.submitted.seq
                || point.contains("idle");
            carried_out && near
        }
        _ => false,
    };
    case.records
        .iter()
        .take_while(|record| record.seq < until)
        .any(disturbs)
}

/// Whether every answer was whole, and the last one a text; no answer at all is no excuse.
fn answered(case: &Case<'_>, run: &Run<'_>) -> bool {
    let whole = |exchange: &Exchange<'_>| {
        exchange.answer() == Answer::Finished
            && !is_refusal(case, exchange)
            && exchange.refused.is_none()
            && exchange.unscripted.is_none()
            && matches!(exchange.finish(), Some("stop" | "tool-calls"))
    };
    let is_text = |exchange: &Exchange<'_>| {
        let text = exchange.said().map_or("", |said| said.text.trim());
        exchange.finish() == Some("stop") && !text.is_empty()
    };
    run.exchanges.iter().all(whole) && run.exchanges.last().is_none_or(is_text)
}

/// Whether the model was told to decline. A dialect may have no finish reason for that, and a journal has none.
fn is_refusal(case: &Case<'_>, exchange: &Exchange<'_>) -> bool {
    let entry = exchange.started.and_then(|started| started.entry);
    let entry = entry.and_then(|entry| case.plan.script.entries.get(entry));
    let reply = entry.and_then(|entry| entry.reply.as_ref());
    reply.is_some_and(|reply| reply.refusal.is_some())
}

fn violation() -> (Plan, Journal) {
    Example::new()
        .turn(1)
        .asks((1, 1, 1))
        .errs((1, 1, 1), 401, None)
        .fails(1, "401")
        .runner(Fact::FaultsLifted)
        .turn_in("probe", 2)
        .fails(2, "the agent is not ready")
        .end()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example::{ruling, says, says_partly};
    use crate::verdict::Ruling;

    fn after_a_failure() -> Example {
        Example::new()
            .turn(1)
            .asks((1, 1, 1))
            .cut((1, 1, 1), says_partly("Hel"))
            .fails(1, "reset")
    }

    #[test]
    fn a_probe_that_completes_holds_and_one_that_fails_convicts() {
        let good = after_a_failure()
            .runner(Fact::FaultsLifted)
            .turn_in("probe", 2)
            .exchange((2, 1, 1), says("Still here."))
            .completes(2, "Still here.");
        assert_eq!(ruling(&RULE, &good.end()), Ruling::Holds);
        assert_eq!(ruling(&RULE, &violation()), Ruling::Violated);
    }

    #[test]
    fn a_later_run_that_nothing_disturbed_must_complete() {
        let poisoned = after_a_failure()
            .turn(2)
            .exchange((2, 1, 1), says("Hello."))
            .fails(2, "no current session");
        assert_eq!(ruling(&RULE, &poisoned.end()), Ruling::Violated);
        let unasked = after_a_failure().turn(2).fails(2, "not ready");
        assert_eq!(ruling(&RULE, &unasked.end()), Ruling::Violated);
    }

    #[test]
    fn a_run_that_was_disturbed_may_fail() {
        assert_eq!(
            ruling(&RULE, &after_a_failure().end()),
            Ruling::NotApplicable
        );
        let empty = Example::new()
            .turn(1)
            .exchange((1, 1, 1), says(""))
            .fails(1, "empty");
        assert_eq!(ruling(&RULE, &empty.end()), Ruling::NotApplicable);
        let unreachable = Example::new()
            .runner(Fact::ListenerClosed)
            .turn(1)
            .fails(1, "connection refused");
        assert_eq!(ruling(&RULE, &unreachable.end()), Ruling::NotApplicable);
    }

    #[test]
    fn a_probe_that_is_refused_or_hangs_convicts() {
        let probe = after_a_failure().runner(Fact::FaultsLifted);
        let hung = probe
            .turn_in("probe", 2)
            .client(2, Fact::RunTimedOut { within_ms: 1 });
        assert_eq!(ruling(&RULE, &hung.end()), Ruling::Violated);
    }
}
