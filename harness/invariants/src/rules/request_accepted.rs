//! The target asks as the provider wants to be asked. Knows the requests that were refused for their form.

use journal::{Fact, Journal};
use scenario::Plan;

use super::every_call_has_one_result::is_of_this;
use crate::case::Case;
use crate::example::{Example, says};
use crate::findings::{Findings, quoted};
use crate::verdict::{Rule, Verdict};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "request-accepted",
    group: "harness",
    sentence: "Every request is one that the real provider would take.",
    why: "A mock that takes everything hides what production refuses.",
    how: "The provider checks each request as the real one does, and refuses a violation with the real one's 400. Calls and results that do not match belong to `every-call-has-one-result`.",
    causes: "A role, a schema or an option that another provider takes; a history that was repaired by hand.",
    judge,
    violation,
};

fn judge(plan: &Plan, journal: &Journal) -> Verdict {
    let case = Case::new(plan, journal);
    let mut findings = Findings::default();
    for _ in case.exchanges.iter().filter(|one| one.refused.is_none()) {
        findings.kept();
    }
    for record in case.records {
        let Fact::RequestRefused { rule, message } = &record.fact else {
            continue;
        };
        if is_of_this(rule) {
            continue;
        }
        let because = format!("a request was refused, {rule}: {}", quoted(message));
        let asked = case
            .exchanges
            .iter()
            .find(|one| one.refused.is_some_and(|refused| refused.seq == record.seq));
        let asked = asked.map(|exchange| exchange.request);
        findings.violated(because, asked.into_iter().chain([record]));
    }
    findings.verdict("requests")
}

fn violation() -> (Plan, Journal) {
    refused("unknown-role")
}

fn refused(rule: &str) -> (Plan, Journal) {
    Example::new()
        .turn(1)
        .exchange((1, 1, 1), says("Hi."))
        .asks((1, 2, 1))
        .provider(
            (1, 2, 1),
            Fact::RequestRefused {
                rule: rule.to_owned(),
                message: "Invalid value: 'robot'.".to_owned(),
            },
        )
        .end()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example::ruling;
    use crate::verdict::Ruling;

    #[test]
    fn a_refusal_convicts_unless_another_rule_covers_it() {
        assert_eq!(ruling(&RULE, &violation()), Ruling::Violated);
        assert_eq!(ruling(&RULE, &refused("tool-result-orphan")), Ruling::Holds);
    }
}
