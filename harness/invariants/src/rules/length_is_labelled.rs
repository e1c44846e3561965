//! An answer that hit a limit or a filter is not passed off as whole. Knows finish reasons and endings.

use journal::{Journal, Said, Terminal};
use scenario::Plan;

use crate::case::Case;
use crate::cause::is_label;
use crate::example::{Example, says};
use crate::exchange::Exchange;
use crate::findings::Findings;
use crate::verdict::{Rule, Verdict};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "length-is-labelled",
    group: "ending",
    sentence: "An answer that ended at the token limit, or at a filter, is labelled as such.",
    why: "The reader takes a part for the whole.",
    how: "A completed run whose last answer finished with `length` or `content-filter` says so in its output, in words that are not the provider's. An answer that was continued until it finished otherwise needs no label.",
    causes: "Every finish reason but `tool_calls` is treated like `stop`. Match it exhaustively: continue, fail, or say that the answer is incomplete.",
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
        let finished = |exchange: &&Exchange<'_>| exchange.is_finished();
        let Some(last) = run.exchanges.iter().rfind(finished) else {
            continue;
        };
        let (Some(finish @ ("length" | "content-filter")), Some(ending)) =
            (last.finish(), run.ending())
        else {
            continue;
        };
        let said = last.said().map_or("", |said| said.text.as_str());
        let added = ending.output.unwrap_or_default().replace(said.trim(), "");
        if ending.terminal != Terminal::Completed || is_label(&added) {
            findings.kept();
            continue;
        }
        let because = format!(
            "{} was a plain `completed`, and its last answer finished with `{finish}`",
            run.name()
        );
        findings.violated(because, [last.request, last.last(), ending.record]);
    }
    findings.verdict("runs whose last answer hit a limit or a filter")
}

fn limited(text: &str) -> Said {
    Said {
        finish: Some("length".to_owned()),
        ..says(text)
    }
}

fn violation() -> (Plan, Journal) {
    Example::new()
        .turn(1)
        .exchange((1, 1, 1), limited("And then, and then,"))
        .completes(1, "And then, and then,")
        .end()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example::ruling;
    use crate::verdict::Ruling;

    #[test]
    fn a_failure_and_a_labelled_answer_hold_and_a_plain_one_convicts() {
        let story = Example::new().turn(1).exchange((1, 1, 1), limited("And"));
        let failed = story.clone().fails(1, "hit the token limit").end();
        assert_eq!(ruling(&RULE, &failed), Ruling::Holds);
        let labelled = story.completes(1, "And\n[truncated at the token limit]");
        assert_eq!(ruling(&RULE, &labelled.end()), Ruling::Holds);
        assert_eq!(ruling(&RULE, &violation()), Ruling::Violated);
    }

    #[test]
    fn an_answer_that_was_continued_needs_no_label() {
        let good = Example::new()
            .turn(1)
            .exchange((1, 1, 1), limited("One half and "))
            .exchange((1, 1, 2), says("the other."))
            .completes(1, "One half and the other.");
        assert_eq!(ruling(&RULE, &good.end()), Ruling::NotApplicable);
    }
}
