//! Success is what the provider finished saying. Knows what the provider said and what the target handed on.

use journal::{Journal, Terminal};
use scenario::Plan;

use crate::case::Case;
use crate::composition::squeezed;
use crate::example::{Example, says_partly};
use crate::exchange::{Answer, Exchange};
use crate::findings::{Findings, quoted};
use crate::run::{Ending, Run};
use crate::verdict::{Rule, Verdict};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "no-success-without-end",
    group: "ending",
    sentence: "A completed run carries what the provider finished saying.",
    why: "Half an answer that looks whole is the most harmful failure there is: it is read, believed and acted upon.",
    how: "In a completed run the last call has an answer whose finish reason left the provider whole, and the output contains the text of such an answer. For Chat a whole finish reason suffices: a missing `[DONE]`, or a reset after it, may be success or failure. Undecided while an answer is still going on.",
    causes: "The end of the body is taken for the end of the answer, or a finish reason is made up when the stream just stops. Keep the state `no finish reason seen` until one is, and fail on it.",
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
        if let Some(ending) = run.ended_as(Terminal::Completed) {
            one(&run, ending, &mut findings);
        }
    }
    findings.verdict("completed runs")
}

fn one(run: &Run<'_>, ending: Ending<'_>, findings: &mut Findings) {
    let last = run.last_call();
    let Some(latest) = last.last() else {
        return;
    };
    if last
        .iter()
        .any(|exchange| exchange.answer() == Answer::Pending)
    {
        let because = format!("{} ended while its answer went on", run.name());
        findings.undecided(because, [latest.request, ending.record]);
        return;
    }
    let finished: Vec<_> = last
        .iter()
        .filter(|exchange| exchange.is_finished())
        .collect();
    let cut = last
        .iter()
        .rfind(|exchange| exchange.answer() == Answer::Cut);
    match (finished.is_empty(), cut) {
        (true, Some(cut)) => {
            let because = format!(
                "{} was `completed`, and {} had no finish reason",
                run.name(),
                cut.name()
            );
            findings.violated(because, cut.shown().chain([ending.record]));
        }
        // Refused or lost every time: `failed-run-says-failed`.
        (true, None) => {}
        (false, _) => content(run, ending, &finished, findings),
    }
}

fn content(
    run: &Run<'_>,
    ending: Ending<'_>,
    finished: &[&&Exchange<'_>],
    findings: &mut Findings,
) {
    let delivered = run.delivered();
    let output = match ending.output {
        Some(output) if !output.trim().is_empty() => output,
        _ => &delivered,
    };
    let texts: Vec<_> = finished
        .iter()
        .filter_map(|exchange| exchange.said())
        .map(|said| said.text.as_str())
        .filter(|text| !text.trim().is_empty())
        .collect();
    // An empty output, and an answer without text, are for `failed-run-says-failed`.
    let (Some(text), false) = (texts.last(), output.trim().is_empty()) else {
        findings.kept();
        return;
    };
    let whole = squeezed(output);
    if texts.iter().any(|text| whole.contains(&squeezed(text))) {
        findings.kept();
        return;
    }
    let because = format!(
        "{} was `completed` with {}, and the provider had said {}",
        run.name(),
        quoted(output),
        quoted(text)
    );
    let said = finished.iter().map(|exchange| exchange.last());
    findings.violated(because, said.chain([ending.record]));
}

fn violation() -> (Plan, Journal) {
    Example::new()
        .turn(1)
        .asks((1, 1, 1))
        .cut((1, 1, 1), says_partly("The launch code is"))
        .completes(1, "The launch code is")
        .end()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example::{ruling, says};
    use crate::verdict::Ruling;
    use journal::Said;

    #[test]
    fn a_whole_answer_holds_and_a_cut_one_convicts() {
        let good = Example::new()
            .turn(1)
            .exchange((1, 1, 1), says("Hello there."))
            .completes(1, "Hello  there.\n");
        assert_eq!(ruling(&RULE, &good.end()), Ruling::Holds);
        assert_eq!(ruling(&RULE, &violation()), Ruling::Violated);
    }

    #[test]
    fn a_reset_after_the_finish_reason_may_be_success() {
        let cut_late = Said {
            end_marker: false,
            ..says("Paid.")
        };
        let good = Example::new()
            .turn(1)
            .asks((1, 1, 1))
            .cut((1, 1, 1), cut_late)
            .completes(1, "Paid.");
        assert_eq!(ruling(&RULE, &good.end()), Ruling::Holds);
    }

    #[test]
    fn an_output_that_lacks_the_end_of_the_answer_convicts() {
        let bad = Example::new()
            .turn(1)
            .exchange((1, 1, 1), says("All is well, except the roof."))
            .completes(1, "All is well");
        assert_eq!(ruling(&RULE, &bad.end()), Ruling::Violated);
    }

    #[test]
    fn an_answer_still_going_on_is_undecided() {
        let early = Example::new().turn(1).asks((1, 1, 1)).completes(1, "Hi.");
        assert_eq!(ruling(&RULE, &early.end()), Ruling::Undecided);
    }
}
