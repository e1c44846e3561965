//! The target asks for nothing that the scenario has no answer to. Knows the provider's word on each request.

use journal::{Fact, Journal};
use scenario::Plan;

use crate::case::Case;
use crate::example::Example;
use crate::findings::Findings;
use crate::verdict::{Rule, Verdict};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "no-unscripted-request",
    group: "harness",
    sentence: "The target makes no request that the scenario does not answer.",
    why: "A retry that nobody expected is a finding: the scenario says what must happen by what it scripts.",
    how: "The provider answers such a request with a 400 `unscripted_request` and says what it was; what the run does after it proves nothing else.",
    causes: "A retry of what cannot succeed, a call that was made twice, or a turn that took another way than the scenario expects.",
    judge,
    violation,
};

fn judge(plan: &Plan, journal: &Journal) -> Verdict {
    let case = Case::new(plan, journal);
    let mut findings = Findings::default();
    for exchange in &case.exchanges {
        let Some(record) = exchange.unscripted else {
            findings.kept();
            continue;
        };
        if let Fact::Unscripted { what } = &record.fact {
            let because = match record.run {
                Some(run) => format!("nothing answers {what}, of run {run}"),
                None => format!("nothing answers {what}"),
            };
            let earlier = case.exchanges.iter().rfind(|earlier| {
                let same = earlier.address().0 == exchange.address().0;
                same && earlier.request.seq < exchange.request.seq
            });
            let before = earlier.map(|earlier| earlier.last());
            let shown = before.into_iter().chain([exchange.request, record]);
            findings.violated(because, shown);
        }
    }
    findings.verdict("requests")
}

fn violation() -> (Plan, Journal) {
    Example::new()
        .turn(1)
        .asks((1, 1, 1))
        .errs((1, 1, 1), 401, None)
        .asks((1, 1, 2))
        .provider(
            (1, 1, 2),
            Fact::Unscripted {
                what: "call 1 attempt 2, a retry".to_owned(),
            },
        )
        .errs((1, 1, 2), 400, None)
        .end()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example::{ruling, says};
    use crate::verdict::Ruling;

    #[test]
    fn scripted_requests_hold_and_another_convicts() {
        let good = Example::new().turn(1).exchange((1, 1, 1), says("Hi."));
        assert_eq!(ruling(&RULE, &good.end()), Ruling::Holds);
        let (plan, journal) = violation();
        let verdict = judge(&plan, &journal);
        assert_eq!(verdict.ruling, Ruling::Violated);
        assert_eq!(
            verdict.because,
            "nothing answers call 1 attempt 2, a retry, of run 1"
        );
    }
}
