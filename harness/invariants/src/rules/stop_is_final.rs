//! A stop that was taken is the last word. Knows stops, the target's answers to them, and endings.

use journal::{Journal, Terminal};
use scenario::Plan;

use crate::case::Case;
use crate::example::{Example, says};
use crate::findings::Findings;
use crate::run::Run;
use crate::verdict::{Rule, Verdict};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "stop-is-final",
    group: "cancel",
    sentence: "A stop that the target took beats every race: the run ends as cancelled, and stays so.",
    why: "The user pressed stop, was told that it worked, and then the answer, or the deed, arrives after all.",
    how: "If a stop was answered with 2xx before the ending was received, the ending is `cancelled`. An ending that crossed the stop's answer, or a stop that was refused, decides nothing. A run that never ends belongs to `every-run-ends`.",
    causes: "The flag is read before the last chunk and not when the outcome is taken; or the answer overwrites the state that the stop had set. Take the outcome in one place, and ask for the stop there first.",
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
        one(&run, &mut findings);
    }
    findings.verdict("stops that were taken before the ending")
}

fn one(run: &Run<'_>, findings: &mut Findings) {
    let (Some(stop), Some(taken)) = (run.stop_requested(), run.stop_taken()) else {
        return;
    };
    let endings = run.endings();
    let earliest = endings.iter().map(|ending| ending.record.seq).min();
    let crossed = endings
        .iter()
        .any(|ending| ending.record.seq < taken.seq && ending.terminal != Terminal::Cancelled);
    if crossed || earliest.is_some_and(|earliest| earliest < stop.seq) {
        return;
    }
    let other = endings
        .iter()
        .find(|ending| ending.terminal != Terminal::Cancelled);
    match (other, endings.is_empty()) {
        (Some(other), _) => {
            let because = format!(
                "{} was stopped, and then it was `{}`",
                run.name(),
                other.terminal.as_str()
            );
            findings.violated(because, [stop, taken, other.record]);
        }
        (None, true) => findings.undecided(format!("{} did not end", run.name()), [stop, taken]),
        (None, false) => findings.kept(),
    }
}

fn violation() -> (Plan, Journal) {
    Example::new()
        .turn(1)
        .asks((1, 1, 1))
        .stops(1)
        .answers((1, 1, 1), says("Almost there."))
        .completes(1, "Almost there.")
        .end()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example::ruling;
    use crate::verdict::Ruling;
    use journal::Fact;

    fn asked() -> Example {
        Example::new().turn(1).asks((1, 1, 1))
    }

    #[test]
    fn cancelled_after_a_stop_holds_and_anything_else_convicts() {
        assert_eq!(
            ruling(&RULE, &asked().stops(1).cancels(1).end()),
            Ruling::Holds
        );
        assert_eq!(ruling(&RULE, &violation()), Ruling::Violated);
        let failed = asked().stops(1).fails(1, "connection closed").end();
        assert_eq!(ruling(&RULE, &failed), Ruling::Violated);
        let overwritten = asked().stops(1).cancels(1).completes(1, "x").end();
        assert_eq!(ruling(&RULE, &overwritten), Ruling::Violated);
    }

    #[test]
    fn an_ending_that_crossed_the_stop_and_a_refused_stop_decide_nothing() {
        let crossed = asked()
            .client(1, Fact::StopRequested)
            .completes(1, "Hi.")
            .client(1, Fact::StopAnswered { status: 200 });
        assert_eq!(ruling(&RULE, &crossed.end()), Ruling::NotApplicable);
        let refused = asked()
            .client(1, Fact::StopRequested)
            .client(1, Fact::StopAnswered { status: 404 })
            .completes(1, "Hi.");
        assert_eq!(ruling(&RULE, &refused.end()), Ruling::NotApplicable);
    }

    #[test]
    fn the_ending_may_be_told_before_the_stop_is_answered() {
        let good = asked()
            .client(1, Fact::StopRequested)
            .cancels(1)
            .client(1, Fact::StopAnswered { status: 200 });
        assert_eq!(ruling(&RULE, &good.end()), Ruling::Holds);
    }

    #[test]
    fn without_an_ending_it_is_undecided() {
        assert_eq!(ruling(&RULE, &asked().stops(1).end()), Ruling::Undecided);
    }
}
