//! One tool call, one run of the tool. Knows tool calls as sent, tools as started, and the ledger.

use std::collections::BTreeMap;

use journal::{Fact, Journal, Record};
use scenario::Plan;

use crate::case::Case;
use crate::example::{Example, calls};
use crate::findings::{Findings, quoted, times};
use crate::tool_calls::{SentCall, counted, ledger, sent_calls};
use crate::verdict::{Rule, Verdict};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "tool-runs-at-most-once",
    group: "tools",
    sentence: "A tool call runs at most once, however often it had to be asked for.",
    why: "A payment, a mail or a deletion happens twice, and nobody meant it.",
    how: "A tool call is known by its run, its call and its place in the answer, since ids differ from attempt to attempt. The target starts each at most once, and the effect ledger has no line more often than calls ask for it.",
    causes: "An answer is asked for again after its tools have run; or the tool's own failure is retried although its effect may have happened. Run tools only when the answer is complete, and remember what ran.",
    judge,
    violation,
};

/// A tool that was started, and the call it was started for.
type Start<'a> = (&'a Record, &'a SentCall<'a>);

fn judge(plan: &Plan, journal: &Journal) -> Verdict {
    let case = Case::new(plan, journal);
    if let Some(verdict) = case.cannot_see(&["provider"]) {
        return verdict;
    }
    let mut findings = Findings::default();
    let sent = sent_calls(&case);
    let mut started: BTreeMap<_, Vec<Start<'_>>> = BTreeMap::new();
    for record in case.records {
        if let Fact::ToolStarted { tool_call, .. } = &record.fact
            && let Some(call) = sent.get(tool_call.as_str())
        {
            started.entry(call.key).or_default().push((record, call));
        }
    }
    for runs in started.values() {
        let [(first, call), rest @ ..] = runs.as_slice() else {
            continue;
        };
        if rest.is_empty() {
            findings.kept();
            continue;
        }
        let because = format!("{} ran {}", call.name(), times(runs.len()));
        let later = rest.iter().map(|(record, _)| *record);
        findings.violated(because, [call.record, *first].into_iter().chain(later));
    }
    if !findings.is_violated() {
        in_ledger(&case, &sent, &mut findings);
    }
    findings.verdict("tool calls that ran, and effects")
}

fn in_ledger(case: &Case<'_>, sent: &BTreeMap<&str, SentCall<'_>>, findings: &mut Findings) {
    let Some((record, lines)) = ledger(case) else {
        return;
    };
    for (line, count) in counted(lines) {
        let asking = sent.values().filter(|call| call.asks_for(line));
        let mut keys: Vec<_> = asking.clone().map(|call| call.key).collect();
        keys.sort_unstable();
        keys.dedup();
        if count <= keys.len().max(1) {
            findings.kept();
            continue;
        }
        let because = format!(
            "the effect {} happened {}, and was asked for {}",
            quoted(line),
            times(count),
            times(keys.len())
        );
        let said = asking.map(|call| call.record);
        findings.violated(because, said.chain([record]));
    }
}

fn violation() -> (Plan, Journal) {
    Example::new()
        .turn(1)
        .exchange((1, 1, 1), calls("id-1", "{\"name\": \"order\"}"))
        .runner(Fact::Effects {
            lines: vec!["order".to_owned(), "order".to_owned()],
        })
        .end()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example::{calls_partly, ruling};
    use crate::verdict::Ruling;

    fn runs(id: &str) -> Fact {
        Fact::ToolStarted {
            tool_call: id.to_owned(),
            tool: "effect".to_owned(),
            arguments: "{\"name\": \"order\"}".to_owned(),
        }
    }

    fn twice_sent() -> Example {
        Example::new()
            .turn(1)
            .exchange((1, 1, 1), calls("id-1", "{\"name\": \"order\"}"))
            .exchange((1, 1, 2), calls("id-2", "{\"name\": \"order\"}"))
    }

    #[test]
    fn one_run_of_a_call_that_was_sent_twice_holds() {
        let lines = vec!["order".to_owned()];
        let good = twice_sent()
            .target(runs("id-2"))
            .runner(Fact::Effects { lines });
        assert_eq!(ruling(&RULE, &good.end()), Ruling::Holds);
    }

    #[test]
    fn a_run_for_each_attempt_convicts_although_the_ids_differ() {
        let bad = twice_sent().target(runs("id-1")).target(runs("id-2"));
        assert_eq!(ruling(&RULE, &bad.end()), Ruling::Violated);
    }

    #[test]
    fn the_ledger_convicts_without_a_log() {
        let (plan, journal) = violation();
        let verdict = judge(&plan, &journal);
        assert_eq!(
            verdict.because,
            "the effect `order` happened 2 times, and was asked for 1 time"
        );
        assert_eq!(verdict.evidence, [8, 9]);
    }

    #[test]
    fn two_calls_for_the_same_effect_are_two() {
        let lines = vec!["order".to_owned(), "order".to_owned()];
        let good = Example::new()
            .turn(1)
            .exchange((1, 1, 1), calls("id-1", "{\"name\": \"order\"}"))
            .exchange((1, 2, 1), calls("id-2", "{\"name\": \"order\"}"))
            .runner(Fact::Effects { lines });
        assert_eq!(ruling(&RULE, &good.end()), Ruling::Holds);
    }

    #[test]
    fn one_effect_of_a_cut_call_belongs_to_another_rule() {
        let lines = vec!["order".to_owned()];
        let story = Example::new()
            .turn(1)
            .asks((1, 1, 1))
            .cut((1, 1, 1), calls_partly("id-1", "{\"name\": \"ord"))
            .runner(Fact::Effects { lines });
        assert_eq!(ruling(&RULE, &story.end()), Ruling::Holds);
    }
}
