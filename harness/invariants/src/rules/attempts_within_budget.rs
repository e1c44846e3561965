//! Retrying ends. Knows the requests that the provider saw.

use journal::Journal;
use scenario::Plan;

use crate::case::Case;
use crate::example::Example;
use crate::findings::Findings;
use crate::verdict::{Rule, Verdict};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "attempts-within-budget",
    group: "retries",
    sentence: "A call makes a bounded number of attempts, over all layers together.",
    why: "Three retries in the client times three in the agent times two in the gateway are eighteen requests for one, each of them paid, at the worst possible moment.",
    how: "The requests of each call, as the provider counts them, are at most `bounds.attempts_per_call`; continuations and nudges are attempts.",
    causes: "Every layer retries on its own. Switch off the retries of the layers below, and keep one budget.",
    judge,
    violation,
};

fn judge(plan: &Plan, journal: &Journal) -> Verdict {
    let case = Case::new(plan, journal);
    if let Some(verdict) = case.cannot_see(&["provider"]) {
        return verdict;
    }
    let budget = usize::try_from(plan.bounds.attempts_per_call).unwrap_or(usize::MAX);
    let mut findings = Findings::default();
    for run in case.runs() {
        for mut call in run.calls() {
            let number = call.first().map(|first| first.call());
            call.extend(run.late.iter().filter(|late| Some(late.call()) == number));
            let (Some(first), Some(last)) = (call.first(), call.last()) else {
                continue;
            };
            let Some(beyond) = call.get(budget) else {
                findings.kept();
                continue;
            };
            let because = format!(
                "call {} of {} made {} attempts, and may make {budget}",
                first.call(),
                run.name(),
                call.len()
            );
            findings.violated(because, [first.request, beyond.request, last.request]);
        }
    }
    findings.verdict("calls")
}

fn violation() -> (Plan, Journal) {
    attempts(4, 3)
}

/// So many attempts of one call, under this budget.
fn attempts(made: u32, budget: u32) -> (Plan, Journal) {
    let start = Example::new()
        .plan(|plan| plan.bounds.attempts_per_call = budget)
        .turn(1);
    let attempt = |story: Example, attempt| {
        let address = (1, 1, attempt);
        story.asks(address).errs(address, 500, None).after_ms(200)
    };
    (1..=made).fold(start, attempt).end()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example::{ruling, says};
    use crate::verdict::Ruling;

    #[test]
    fn the_budget_holds_and_one_more_convicts() {
        assert_eq!(ruling(&RULE, &attempts(3, 3)), Ruling::Holds);
        let (plan, journal) = violation();
        let verdict = judge(&plan, &journal);
        assert_eq!(
            verdict.because,
            "call 1 of run 1 made 4 attempts, and may make 3"
        );
        assert_eq!(verdict.ruling, Ruling::Violated);
    }

    #[test]
    fn each_call_has_a_budget_of_its_own() {
        let story = Example::new()
            .plan(|plan| plan.bounds.attempts_per_call = 1)
            .turn(1)
            .exchange((1, 1, 1), says("a"))
            .exchange((1, 2, 1), says("b"));
        assert_eq!(ruling(&RULE, &story.end()), Ruling::Holds);
    }
}
