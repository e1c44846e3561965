//! Each run gets its own words and its own tools. Knows what was said to whom, and who received it.

use journal::{Journal, Record};
use scenario::Plan;

use crate::case::Case;
use crate::composition::squeezed;
use crate::example::{Example, says};
use crate::findings::{Findings, quoted};
use crate::run::Run;
use crate::tool_calls::{SentCall, sent_calls};
use crate::verdict::{Rule, Verdict};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "runs-never-mix",
    group: "isolation",
    sentence: "Concurrent runs never mix: neither text nor tool calls of one reach another.",
    why: "One user reads another user's answer, or their tools act on someone else's behalf.",
    how: "No run delivers the whole text of an answer to another run that its own answers do not contain, and no request carries tool calls of a run in another session; at a prompt there is only one. Not applicable with fewer than two runs.",
    causes: "A buffer, a callback or a history is shared by all runs of a process. Key it by run, or give each run its own.",
    judge,
    violation,
};

/// Shorter texts than this may well be said twice by chance.
const SHORTEST: usize = 4;

fn judge(plan: &Plan, journal: &Journal) -> Verdict {
    let case = Case::new(plan, journal);
    if let Some(verdict) = case.cannot_see(&["provider"]) {
        return verdict;
    }
    let runs = case.runs();
    let mut findings = Findings::default();
    let sent = sent_calls(&case);
    for run in &runs {
        for other in runs.iter().filter(|other| other.number != run.number) {
            let mixed = text(run, other, &mut findings)
                || tools(
                    run,
                    other,
                    &sent.values().collect::<Vec<_>>(),
                    &mut findings,
                );
            if !mixed {
                findings.kept();
            }
        }
    }
    findings.verdict("pairs of runs")
}

/// Whether this run was given text of the other.
fn text(run: &Run<'_>, other: &Run<'_>, findings: &mut Findings) -> bool {
    let ending = run.ending();
    let output = ending.and_then(|ending| ending.output).unwrap_or_default();
    let received = [squeezed(&run.delivered()), squeezed(output)];
    let own: String = said(run).into_iter().map(|(text, _)| text).collect();
    let foreign = said(other).into_iter().find(|(text, _)| {
        let received = received.iter().any(|received| received.contains(text));
        text.len() >= SHORTEST && received && !own.contains(text)
    });
    let Some((_, source)) = foreign else {
        return false;
    };
    let shown_text = run.delivered();
    let received = if output.is_empty() {
        &shown_text
    } else {
        output
    };
    let delivered = run.find(|fact| matches!(fact, journal::Fact::TextDelivered { .. }));
    let because = format!(
        "{} received {}, which was said to {}",
        run.name(),
        quoted(received),
        other.name()
    );
    let shown = delivered
        .into_iter()
        .chain(ending.map(|ending| ending.record));
    findings.violated(because, [source].into_iter().chain(shown));
    true
}

/// What was said to a run, with the record of it.
fn said<'a>(run: &Run<'a>) -> Vec<(String, &'a Record)> {
    let ended = run.exchanges.iter().filter_map(|one| one.ended);
    ended
        .map(|ended| (squeezed(&ended.said.text), ended.record))
        .collect()
}

/// Whether a request of this run carries tool calls of the other, which belongs to another session.
fn tools(run: &Run<'_>, other: &Run<'_>, sent: &[&SentCall<'_>], findings: &mut Findings) -> bool {
    if run.session == other.session {
        return false;
    }
    let foreign = |id: &str| {
        sent.iter()
            .find(|call| call.said.id == id && call.key.0 == other.number)
    };
    for exchange in &run.exchanges {
        let carried = exchange.asked.tool_calls.iter();
        let Some(call) = carried.filter_map(|call| foreign(&call.id)).next() else {
            continue;
        };
        let because = format!(
            "{} of {} carries a tool call of {}",
            exchange.name(),
            run.name(),
            other.name()
        );
        findings.violated(because, [call.record, exchange.request]);
        return true;
    }
    false
}

fn violation() -> (Plan, Journal) {
    two("Hello, ben.")
}

/// Two runs of two people; the first one ends with this output.
fn two(output: &str) -> (Plan, Journal) {
    Example::new()
        .turn_in("anna", 1)
        .turn_in("ben", 2)
        .exchange((1, 1, 1), says("Hello, anna."))
        .exchange((2, 1, 1), says("Hello, ben."))
        .completes(1, output)
        .completes(2, "Hello, ben.")
        .end()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example::{calls, ruling};
    use crate::verdict::Ruling;

    #[test]
    fn each_with_its_own_words_holds_and_the_others_words_convict() {
        assert_eq!(ruling(&RULE, &two("Hello, anna.")), Ruling::Holds);
        assert_eq!(ruling(&RULE, &violation()), Ruling::Violated);
    }

    #[test]
    fn a_tool_call_of_another_session_convicts_and_one_of_the_same_is_history() {
        let story = |session: &str| {
            Example::new()
                .turn_in("anna", 1)
                .exchange((1, 1, 1), calls("id-1", "{}"))
                .turn_in(session, 2)
                .asks_with((2, 1, 1), &[("id-1", "{}")], &[("id-1", "done")])
                .end()
        };
        assert_eq!(ruling(&RULE, &story("ben")), Ruling::Violated);
        assert_eq!(ruling(&RULE, &story("anna")), Ruling::Holds);
        let (plan, journal) = story("probe");
        let prompt = Example::new().runner(journal::Fact::PromptShown).so_far().1;
        let records = [prompt.records, journal.records].concat();
        let at_a_prompt = (plan, Journal { records });
        assert_eq!(ruling(&RULE, &at_a_prompt), Ruling::Holds);
    }

    #[test]
    fn one_run_cannot_mix() {
        let one = Example::new().turn(1).exchange((1, 1, 1), says("Hello."));
        assert_eq!(ruling(&RULE, &one.end()), Ruling::NotApplicable);
    }
}
