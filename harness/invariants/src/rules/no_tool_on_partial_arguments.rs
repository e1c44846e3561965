//! A tool runs on what was sent, or not at all. Knows tool calls as sent, tools as started, results and the ledger.

use std::collections::BTreeMap;

use journal::{Fact, Journal, Record};
use scenario::Plan;
use serde_json::Value;

use crate::case::Case;
use crate::example::{Example, calls_partly};
use crate::findings::{Findings, quoted};
use crate::tool_calls::{SentCall, counted, ledger, says_not_run, sent_calls};
use crate::verdict::{Rule, Verdict};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "no-tool-on-partial-arguments",
    group: "tools",
    sentence: "No tool runs on arguments that did not arrive whole, or on others than those that were sent.",
    why: "Half a path, half a command or half a recipient is still something that can be deleted, run or written to.",
    how: "A call whose arguments were cut, or whose answer had no finish reason, is neither started by the target, nor answered with a result that is no error, nor found in the effect ledger; a call that is started has the arguments that were sent.",
    causes: "Cut JSON is completed with the brackets that are missing, and then it parses. Run a call only when the finish reason has arrived and the arguments parse as they are.",
    judge,
    violation,
};

fn judge(plan: &Plan, journal: &Journal) -> Verdict {
    let case = Case::new(plan, journal);
    if let Some(verdict) = case.cannot_see(&["provider"]) {
        return verdict;
    }
    let mut findings = Findings::default();
    let sent = sent_calls(&case);
    for record in case.records {
        if let Fact::ToolStarted {
            tool_call,
            arguments,
            ..
        } = &record.fact
            && let Some(call) = sent.get(tool_call.as_str())
        {
            started(call, (record, arguments), &mut findings);
        }
    }
    results(&case, &sent, &mut findings);
    if !findings.is_violated() {
        in_ledger(&case, &sent, &mut findings);
    }
    for _ in sent.values().filter(|call| !call.is_runnable()) {
        findings.kept();
    }
    findings.verdict("tool calls started or not to be started")
}

fn started(call: &SentCall<'_>, (record, arguments): (&Record, &str), findings: &mut Findings) {
    let name = call.name();
    if !call.is_whole() {
        let because = format!(
            "{name} ran on {}, which had not arrived whole",
            quoted(arguments)
        );
        findings.violated(because, [call.record, record]);
    } else if !same(arguments, &call.said.arguments) {
        let because = format!(
            "{name} ran on {}, and {} was sent",
            quoted(arguments),
            quoted(&call.said.arguments)
        );
        findings.violated(because, [call.record, record]);
    } else {
        findings.kept();
    }
}

/// Whether both are the same JSON, or, where they are none, the same text.
fn same(one: &str, other: &str) -> bool {
    let json = |text| serde_json::from_str::<Value>(text).ok();
    match (json(one), json(other)) {
        (Some(one), Some(other)) => one == other,
        // No arguments at all are commonly written as an empty object.
        (Some(one), None) => one == Value::Object(Default::default()) && other.trim().is_empty(),
        _ => one.trim() == other.trim(),
    }
}

fn results(case: &Case<'_>, sent: &BTreeMap<&str, SentCall<'_>>, findings: &mut Findings) {
    for exchange in &case.exchanges {
        for result in exchange.asked.tool_results {
            let Some(call) = sent.get(result.id.as_str()).filter(|call| !call.is_whole()) else {
                continue;
            };
            if !says_not_run(&result.content) {
                let because = format!(
                    "{} had not arrived whole, and was answered with {}",
                    call.name(),
                    quoted(&result.content)
                );
                findings.violated(because, [call.record, exchange.request]);
                return;
            }
        }
    }
}

/// More effects than whole calls ask for, while there is a call that was cut or broken.
fn in_ledger(case: &Case<'_>, sent: &BTreeMap<&str, SentCall<'_>>, findings: &mut Findings) {
    let Some((record, lines)) = ledger(case) else {
        return;
    };
    for (line, times) in counted(lines) {
        let asked = sent
            .values()
            .any(|call| call.is_runnable() && call.asks_for(line));
        let broken = sent.values().find(|call| !call.is_runnable());
        let Some(broken) = broken.filter(|_| !asked && times > 0) else {
            continue;
        };
        let because = format!(
            "the effect {} happened, and no whole call asked for it",
            quoted(line)
        );
        findings.violated(because, [broken.record, record]);
    }
}

fn violation() -> (Plan, Journal) {
    Example::new()
        .turn(1)
        .asks((1, 1, 1))
        .cut((1, 1, 1), calls_partly("id-1", "{\"name\": \"half"))
        .target(Fact::ToolStarted {
            tool_call: "id-1".to_owned(),
            tool: "effect".to_owned(),
            arguments: "{\"name\": \"half\"}".to_owned(),
        })
        .runner(Fact::Effects {
            lines: vec!["half".to_owned()],
        })
        .end()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example::{calls, ruling};
    use crate::verdict::Ruling;

    fn runs(arguments: &str) -> Fact {
        Fact::ToolStarted {
            tool_call: "id-1".to_owned(),
            tool: "effect".to_owned(),
            arguments: arguments.to_owned(),
        }
    }

    fn cut() -> Example {
        Example::new()
            .turn(1)
            .asks((1, 1, 1))
            .cut((1, 1, 1), calls_partly("id-1", "{\"name\": \"half"))
    }

    #[test]
    fn what_was_sent_whole_may_run_in_any_notation() {
        let whole = Example::new()
            .turn(1)
            .exchange((1, 1, 1), calls("id-1", "{\"name\": \"a\"}"));
        let good = whole.clone().target(runs("{\"name\":\"a\"}")).end();
        assert_eq!(ruling(&RULE, &good), Ruling::Holds);
        let bad = whole.target(runs("{\"name\":\"b\"}")).end();
        assert_eq!(ruling(&RULE, &bad), Ruling::Violated);
    }

    #[test]
    fn a_cut_call_that_runs_convicts_and_one_that_does_not_holds() {
        assert_eq!(ruling(&RULE, &violation()), Ruling::Violated);
        let lines = Vec::new();
        let good = cut().runner(Fact::Effects { lines }).end();
        assert_eq!(ruling(&RULE, &good), Ruling::Holds);
    }

    #[test]
    fn a_result_or_an_effect_of_a_cut_call_convicts_without_a_log() {
        let history = [("id-1", "{\"name\": \"half\"}")];
        let done = cut().asks_with((1, 2, 1), &history, &[("id-1", "done")]);
        assert_eq!(ruling(&RULE, &done.end()), Ruling::Violated);
        let told = cut().asks_with((1, 2, 1), &history, &[("id-1", "invalid arguments")]);
        assert_eq!(ruling(&RULE, &told.end()), Ruling::Holds);
        let lines = vec!["half".to_owned()];
        let effect = cut().runner(Fact::Effects { lines });
        assert_eq!(ruling(&RULE, &effect.end()), Ruling::Violated);
    }

    #[test]
    fn arguments_that_are_no_json_must_not_be_repaired() {
        let broken = Example::new()
            .turn(1)
            .exchange((1, 1, 1), calls("id-1", "{\"name\": \"a\""));
        let repaired = broken.clone().target(runs("{\"name\": \"a\"}")).end();
        assert_eq!(ruling(&RULE, &repaired), Ruling::Violated);
        let lines = vec!["a".to_owned()];
        let effect = broken.runner(Fact::Effects { lines }).end();
        assert_eq!(ruling(&RULE, &effect), Ruling::Violated);
    }
}
