//! A run that got no answer is not called a success. Knows what the provider answered and what the target said.

use journal::{Journal, Terminal};
use scenario::Plan;

use crate::case::Case;
use crate::example::Example;
use crate::exchange::{Answer, Exchange};
use crate::findings::{Findings, quoted};
use crate::run::{Ending, Run};
use crate::verdict::{Rule, Verdict};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "failed-run-says-failed",
    group: "ending",
    sentence: "A run that got no answer ends as failed, and no other way.",
    why: "A failure that looks like success is acted upon: the user reads nothing, the pipeline goes on, nobody retries.",
    how: "A completed run has an answer with something in it, and the last call of it was not refused or lost on every attempt; a cancelled run was stopped, left or shut down. An answer that began and was cut belongs to `no-success-without-end`.",
    causes: "The gateway decides by an exception, and the loop below it returns its failure as a value; or it sends `completed` from a `finally`. Match the outcome exhaustively, with no default that means success.",
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
        let Some(ending) = run.ending() else {
            continue;
        };
        match ending.terminal {
            Terminal::Completed => completed(&case, &run, ending, &mut findings),
            Terminal::Cancelled => cancelled(&case, &run, ending, &mut findings),
            Terminal::Failed => findings.kept(),
        }
    }
    findings.verdict("runs that ended")
}

fn completed(case: &Case<'_>, run: &Run<'_>, ending: Ending<'_>, findings: &mut Findings) {
    let last = run.last_call();
    let Some(latest) = last.last() else {
        never_asked(case, run, ending, findings);
        return;
    };
    if last
        .iter()
        .any(|exchange| exchange.answer() == Answer::Pending)
    {
        let because = format!("{} ended while its request went on", run.name());
        findings.undecided(because, [latest.request, ending.record]);
        return;
    }
    let lost =
        |exchange: &&&Exchange<'_>| matches!(exchange.answer(), Answer::Error | Answer::NoHead);
    if last.iter().all(|exchange| lost(&exchange)) {
        let because = format!("{} was `completed`, and {}", run.name(), fate(latest));
        findings.violated(because, latest.shown().chain([ending.record]));
        return;
    }
    let output = ending.output.unwrap_or_default();
    if output.trim().is_empty() && run.delivered().trim().is_empty() {
        let because = format!("{} was `completed` without an answer", run.name());
        findings.violated(because, latest.shown().chain([ending.record]));
        return;
    }
    findings.kept();
}

fn fate(exchange: &Exchange<'_>) -> String {
    match (exchange.answer(), exchange.status()) {
        (Answer::Error, Some(status)) => {
            let code = exchange.error().map(|error| quoted(&error.code));
            let code = code.map(|code| format!(" {code}")).unwrap_or_default();
            format!("the provider's last word was {status}{code}")
        }
        _ => "no answer to its last call ever began".to_owned(),
    }
}

fn never_asked(case: &Case<'_>, run: &Run<'_>, ending: Ending<'_>, findings: &mut Findings) {
    let unknown = case
        .exchanges
        .iter()
        .find(|exchange| exchange.asked.auxiliary && exchange.request.seq > run.submitted.seq);
    if let Some(unknown) = unknown {
        let because = format!("which request belongs to {} is not known", run.name());
        findings.undecided(because, [unknown.request, ending.record]);
        return;
    }
    let because = format!(
        "{} was `completed`, and the provider was never asked",
        run.name()
    );
    findings.violated(because, [run.submitted, ending.record]);
}

fn cancelled(case: &Case<'_>, run: &Run<'_>, ending: Ending<'_>, findings: &mut Findings) {
    let asked = run.stop_requested().or_else(|| run.disconnected());
    let asked_first = asked.is_some_and(|asked| asked.seq < ending.record.seq);
    if asked_first || case.was_ending(ending.record.seq) || run.timed_out().is_some() {
        findings.kept();
        return;
    }
    let because = format!("{} was `cancelled`, and nobody had stopped it", run.name());
    let shown = run.exchanges.last().map(|exchange| exchange.last());
    findings.violated(
        because,
        [run.submitted, ending.record].into_iter().chain(shown),
    );
}

fn violation() -> (Plan, Journal) {
    Example::new()
        .turn(1)
        .asks((1, 1, 1))
        .errs((1, 1, 1), 401, None)
        .ends(1, Terminal::Completed, None, None)
        .end()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example::{ruling, says, says_partly};
    use crate::verdict::Ruling;

    #[test]
    fn a_failure_that_is_called_one_holds_and_one_called_success_convicts() {
        let good = Example::new()
            .turn(1)
            .asks((1, 1, 1))
            .errs((1, 1, 1), 401, None)
            .fails(1, "401");
        assert_eq!(ruling(&RULE, &good.end()), Ruling::Holds);
        let (plan, journal) = violation();
        let verdict = judge(&plan, &journal);
        assert_eq!(verdict.ruling, Ruling::Violated);
        assert_eq!(
            verdict.because,
            "run 1 was `completed`, and the provider's last word was 401 `code_401`"
        );
    }

    #[test]
    fn an_error_that_was_overcome_is_no_failure() {
        let good = Example::new()
            .turn(1)
            .asks((1, 1, 1))
            .errs((1, 1, 1), 503, None)
            .exchange((1, 1, 2), says("Hi."))
            .completes(1, "Hi.");
        assert_eq!(ruling(&RULE, &good.end()), Ruling::Holds);
    }

    #[test]
    fn success_without_an_answer_convicts() {
        let empty = Example::new()
            .turn(1)
            .exchange((1, 1, 1), says(""))
            .completes(1, "");
        assert_eq!(ruling(&RULE, &empty.end()), Ruling::Violated);
        let never = Example::new().turn(1).completes(1, "Hi.");
        assert_eq!(ruling(&RULE, &never.end()), Ruling::Violated);
    }

    #[test]
    fn cancelled_without_a_stop_convicts_and_with_one_holds() {
        let story = Example::new().turn(1).asks((1, 1, 1));
        let bad = story.clone().leaves((1, 1, 1), says_partly("")).cancels(1);
        assert_eq!(ruling(&RULE, &bad.end()), Ruling::Violated);
        assert_eq!(
            ruling(&RULE, &story.stops(1).cancels(1).end()),
            Ruling::Holds
        );
    }

    #[test]
    fn an_answer_that_was_cut_belongs_to_another_rule() {
        let cut = Example::new()
            .turn(1)
            .asks((1, 1, 1))
            .cut((1, 1, 1), says_partly("Hel"))
            .completes(1, "Hel");
        assert_eq!(ruling(&RULE, &cut.end()), Ruling::Holds);
    }
}
