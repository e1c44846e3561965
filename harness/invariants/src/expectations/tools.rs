//! Demands on tools: how often they ran, and what they did.

use std::collections::BTreeSet;

use journal::{Fact, Record};
use scenario::Expectation;

use super::{Seen, meant};
use crate::case::Case;
use crate::findings::{quoted, times};
use crate::tool_calls::{ledger, says_not_run, sent_calls};

/// The tool whose runs are seen from outside.
const EFFECT: &str = "effect";

/// This neutral tool ran so often, over the whole case or in one run.
///
/// `effect` is counted in its ledger. Any other tool is counted where it shows most: in the results that the provider was
/// given, in what the target's log says it started, in what its events announce.
pub(super) fn runs(
    case: &Case<'_>,
    expectation: &Expectation,
    (tool, wanted): (&str, u32),
) -> Seen {
    if let Some(unseen) = case.cannot_see(&["provider"]) {
        return Seen::not_applicable(unseen.because);
    }
    let found = match ledger(case).filter(|_| tool == EFFECT && expectation.run.is_none()) {
        Some((record, lines)) => Found {
            count: lines.len(),
            shown: vec![record],
        },
        None => [
            resulted(case, expectation, tool),
            started(case, expectation, tool),
            announced(case, expectation, tool),
        ]
        .into_iter()
        .reduce(|most, next| if next.count > most.count { next } else { most })
        .unwrap_or_default(),
    };
    let because = format!("ran {}", times(found.count));
    Seen::counted(case, because, (found.count, wanted), found.shown)
}

#[derive(Default)]
struct Found<'a> {
    count: usize,
    shown: Vec<&'a Record>,
}

/// Calls of the tool that a later request answers with a result.
fn resulted<'a>(case: &Case<'a>, expectation: &Expectation, tool: &str) -> Found<'a> {
    let sent = sent_calls(case);
    let mut seen = BTreeSet::new();
    let mut found = Found::default();
    for exchange in &case.exchanges {
        for result in exchange.asked.tool_results {
            let Some(call) = sent.get(result.id.as_str()) else {
                continue;
            };
            let wanted = expectation.run.is_none_or(|run| run == call.key.0);
            let ran = call.is_runnable() || !says_not_run(&result.content);
            if wanted && ran && call.tool(case) == tool && seen.insert(result.id.as_str()) {
                found.count += 1;
                found.shown.extend([call.record, exchange.request]);
            }
        }
    }
    found
}

/// Calls of the tool that the target's log says were started.
fn started<'a>(case: &Case<'a>, expectation: &Expectation, tool: &str) -> Found<'a> {
    let sent = sent_calls(case);
    let mut found = Found::default();
    for record in case.records {
        let Fact::ToolStarted { tool_call, .. } = &record.fact else {
            continue;
        };
        let Some(call) = sent.get(tool_call.as_str()) else {
            continue;
        };
        let wanted = expectation.run.is_none_or(|run| run == call.key.0);
        if wanted && call.tool(case) == tool {
            found.count += 1;
            found.shown.push(record);
        }
    }
    found
}

/// Runs of the tool that the target's events announce; a client that came back may hear of each again.
fn announced<'a>(case: &Case<'a>, expectation: &Expectation, tool: &str) -> Found<'a> {
    let sent = sent_calls(case);
    let names: BTreeSet<_> = sent
        .values()
        .filter(|call| call.tool(case) == tool)
        .map(|call| call.said.tool.as_str())
        .collect();
    let is_announced = |record: &&Record| matches!(&record.fact, Fact::ToolAnnounced { tool } if names.contains(tool.as_str()));
    let mut found = Found::default();
    for run in meant(case, expectation) {
        let parts = run.parts().into_iter();
        let announced = parts.map(|part| part.into_iter().filter(is_announced).collect::<Vec<_>>());
        let most = announced.max_by_key(Vec::len).unwrap_or_default();
        found.count += most.len();
        found.shown.extend(most);
    }
    found
}

/// The effect ledger has exactly these lines.
pub(super) fn effects(case: &Case<'_>, wanted: &[String]) -> Seen {
    let Some((record, lines)) = ledger(case) else {
        return Seen::undecided("the ledger was not read", []);
    };
    let because = if lines.is_empty() {
        "nothing happened".to_owned()
    } else {
        let lines: Vec<_> = lines.iter().map(|line| quoted(line)).collect();
        format!("{} happened", lines.join(", "))
    };
    let started = case.all(|fact| matches!(fact, Fact::ToolStarted { .. }));
    let started = started.filter(|_| lines != wanted);
    Seen::of(lines == wanted, because, started.chain([record]))
}

#[cfg(test)]
mod tests {
    use scenario::Expected;

    use super::*;
    use crate::example::{Example, calls, says};
    use crate::expectations::tests::{judged, ruled};
    use crate::verdict::Ruling;

    fn runs(tool: &str, times: u32) -> Expected {
        let tool = tool.to_owned();
        Expected::ToolRuns { tool, times }
    }

    /// The script calls the tool `list`; the provider sends it under the target's name for it.
    fn listed() -> Example {
        let entry =
            serde_json::json!({ "entries": [{ "reply": { "tool_calls": [{ "tool": "list" }] } }] });
        Example::new()
            .plan(|plan| plan.script = serde_json::from_value(entry).expect("is a script"))
            .turn(1)
            .exchange((1, 1, 1), calls("id-1", "{}"))
            .asks_with((1, 2, 1), &[("id-1", "{}")], &[("id-1", "a.txt")])
            .answers((1, 2, 1), says("One file."))
            .asks_with((1, 3, 1), &[("id-1", "{}")], &[("id-1", "a.txt")])
    }

    #[test]
    fn a_result_in_two_requests_is_one_run() {
        assert_eq!(ruled(listed(), runs("list", 1)), Ruling::Holds);
        let verdict = judged(listed(), runs("list", 2));
        assert_eq!(
            (verdict.ruling, verdict.because.as_str()),
            (Ruling::Violated, "ran 1 time")
        );
        assert_eq!(ruled(listed(), runs("read", 0)), Ruling::Holds);
    }

    #[test]
    fn a_second_start_counts_although_only_one_result_was_sent() {
        let start = || Fact::ToolStarted {
            tool_call: "id-1".to_owned(),
            tool: "list_files".to_owned(),
            arguments: "{}".to_owned(),
        };
        let twice = listed().target(start()).target(start());
        assert_eq!(judged(twice, runs("list", 1)).because, "ran 2 times");
    }

    #[test]
    fn effects_are_counted_and_compared_in_the_ledger() {
        let story = || {
            Example::new().runner(Fact::Effects {
                lines: vec!["a".to_owned(), "b".to_owned()],
            })
        };
        assert_eq!(ruled(story(), runs("effect", 2)), Ruling::Holds);
        let wanted =
            |lines: &[&str]| Expected::Effects(lines.iter().map(|&line| line.to_owned()).collect());
        assert_eq!(ruled(story(), wanted(&["a", "b"])), Ruling::Holds);
        let verdict = judged(story(), wanted(&["a"]));
        assert_eq!(verdict.because, "`a`, `b` happened");
        assert_eq!(verdict.ruling, Ruling::Violated);
    }

    #[test]
    fn a_ledger_that_was_not_read_decides_nothing() {
        let wanted = Expected::Effects(Vec::new());
        assert_eq!(ruled(Example::new(), wanted), Ruling::Undecided);
    }
}
