//! Histories stay well-formed. Knows the tool calls and results of each request.

use std::collections::BTreeMap;

use journal::{Fact, Journal};
use scenario::Plan;

use crate::case::Case;
use crate::example::Example;
use crate::exchange::Exchange;
use crate::findings::Findings;
use crate::verdict::{Rule, Verdict};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "every-call-has-one-result",
    group: "tools",
    sentence: "In every request, each tool call has one result and each result one call.",
    why: "A history with a hole is refused with a 400 for ever: the session is dead after one interrupted tool.",
    how: "The calls and results that a request carries are matched by id; a refusal of the provider with a rule `tool-result-…` convicts too.",
    causes: "A stop, a crash or a compaction removes one half of a pair. Answer every call, if only with `interrupted`, before the history is stored, and compact in whole pairs.",
    judge,
    violation,
};

fn judge(plan: &Plan, journal: &Journal) -> Verdict {
    let case = Case::new(plan, journal);
    if let Some(verdict) = case.cannot_see(&["provider"]) {
        return verdict;
    }
    let mut findings = Findings::default();
    for exchange in &case.exchanges {
        match mistake(exchange) {
            Some(because) => {
                let refused = exchange.refused;
                findings.violated(because, [exchange.request].into_iter().chain(refused));
            }
            None if exchange.asked.tool_calls.is_empty() => {}
            None => findings.kept(),
        }
    }
    findings.verdict("requests with tool calls")
}

fn mistake(exchange: &Exchange<'_>) -> Option<String> {
    let name = match exchange.request.run {
        Some(run) => format!("run {run} {}", exchange.name()),
        None => "an auxiliary request".to_owned(),
    };
    let mut results: BTreeMap<&str, usize> = BTreeMap::new();
    for result in exchange.asked.tool_results {
        *results.entry(&result.id).or_default() += 1;
    }
    for call in exchange.asked.tool_calls {
        match results.remove(call.id.as_str()) {
            Some(1) => {}
            None => {
                return Some(format!(
                    "{name} has no result for a call of `{}`",
                    call.tool
                ));
            }
            Some(count) => {
                return Some(format!(
                    "{name} has {count} results for a call of `{}`",
                    call.tool
                ));
            }
        }
    }
    if let Some(orphan) = results.keys().next() {
        return Some(format!(
            "{name} has a result for `{orphan}`, which is no call in it"
        ));
    }
    let refused = exchange.refused?;
    match &refused.fact {
        Fact::RequestRefused { rule, .. } if is_of_this(rule) => {
            Some(format!("{name} was refused: {rule}"))
        }
        _ => None,
    }
}

/// Whether a refusal of the provider is about calls and their results.
pub(crate) fn is_of_this(rule: &str) -> bool {
    rule.starts_with("tool-result")
}

fn violation() -> (Plan, Journal) {
    Example::new()
        .turn(1)
        .asks_with((1, 2, 1), &[("id-1", "{}")], &[])
        .provider(
            (1, 2, 1),
            Fact::RequestRefused {
                rule: "tool-result-missing".to_owned(),
                message: "tool_call_ids did not have response messages: id-1".to_owned(),
            },
        )
        .end()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example::ruling;
    use crate::verdict::Ruling;

    fn with(calls: &[(&str, &str)], results: &[(&str, &str)]) -> Ruling {
        let story = Example::new().turn(1).asks_with((1, 2, 1), calls, results);
        ruling(&RULE, &story.end())
    }

    #[test]
    fn pairs_hold_and_halves_convict() {
        assert_eq!(with(&[("a", "{}")], &[("a", "done")]), Ruling::Holds);
        assert_eq!(with(&[("a", "{}")], &[]), Ruling::Violated);
        assert_eq!(with(&[], &[("a", "done")]), Ruling::Violated);
        assert_eq!(
            with(&[("a", "{}")], &[("a", "1"), ("a", "2")]),
            Ruling::Violated
        );
        assert_eq!(with(&[], &[]), Ruling::NotApplicable);
    }

    #[test]
    fn the_refusal_is_part_of_the_evidence() {
        let (plan, journal) = violation();
        let verdict = judge(&plan, &journal);
        assert_eq!(
            (verdict.ruling, verdict.evidence),
            (Ruling::Violated, vec![6, 7])
        );
    }
}
