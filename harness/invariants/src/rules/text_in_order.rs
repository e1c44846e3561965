//! The text that clients see is the text that was said. Knows what the provider said and what clients received.

use journal::{Fact, Journal};
use scenario::Plan;

use crate::case::Case;
use crate::composition::{Piece, is_made_of, squeezed};
use crate::example::{Example, says, says_partly};
use crate::exchange::{Answer, Exchange};
use crate::findings::{Findings, quoted};
use crate::run::{Run, standing};
use crate::verdict::{Rule, Verdict};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "text-in-order",
    group: "streams",
    sentence: "Text that is delivered is text that the provider sent, in order, once; what a broken attempt said does not stand before its repetition.",
    why: "Words are lost, doubled or garbled, and half a draft stands in front of the answer.",
    how: "What stands of a run's deltas, superseded text taken out and white space aside, is made of what the answers of that run said, in their order. The text of an attempt that broke may stay only if no later attempt of the call said it again, or if the later request told the model that this much had been said. Undecided while an answer is still going on.",
    causes: "The parser splits events or characters where the network does; or a retry appends to what the broken attempt had already shown. Parse bytes, not chunks; declare the broken attempt's text void before you repeat it.",
    judge,
    violation,
};

fn judge(plan: &Plan, journal: &Journal) -> Verdict {
    let case = Case::new(plan, journal);
    if let Some(verdict) = case.cannot_see(&["provider", "events"]) {
        return verdict;
    }
    let mut findings = Findings::default();
    for run in case.runs() {
        one(&run, &mut findings);
    }
    findings.verdict("runs whose text was delivered")
}

fn one(run: &Run<'_>, findings: &mut Findings) {
    let is_text = |fact: &Fact| matches!(fact, Fact::TextDelivered { .. });
    let Some(first) = run.find(is_text) else {
        return;
    };
    let pending = run
        .exchanges
        .iter()
        .find(|one| one.answer() == Answer::Pending);
    if let Some(pending) = pending {
        let because = format!("an answer to {} was still going on", run.name());
        findings.undecided(because, [pending.request, first]);
        return;
    }
    let pieces = pieces(run);
    for (nth, part) in run.parts().iter().enumerate() {
        let text = standing(part);
        if is_made_of(&squeezed(&text), &pieces, nth > 0) {
            continue;
        }
        let because = format!(
            "{} was shown {}, which is not what the provider said",
            run.name(),
            quoted(&text)
        );
        let said = run.exchanges.iter().filter_map(|one| one.ended);
        let said = said.filter(|ended| !ended.said.text.is_empty());
        let shown = part.iter().copied().filter(|record| is_text(&record.fact));
        let shown = shown.collect::<Vec<_>>();
        let edges = shown.first().into_iter().chain(shown.last()).copied();
        findings.violated(because, said.map(|ended| ended.record).chain(edges));
        return;
    }
    findings.kept();
}

fn pieces(run: &Run<'_>) -> Vec<Piece> {
    let text =
        |exchange: &Exchange<'_>| squeezed(exchange.said().map_or("", |said| said.text.as_str()));
    let mut pieces = Vec::new();
    for (index, exchange) in run.exchanges.iter().enumerate() {
        let mine = text(exchange);
        if mine.is_empty() {
            continue;
        }
        let again = run.exchanges[index + 1..].iter().any(|later| {
            let theirs = text(later);
            let same = theirs.starts_with(&mine) || mine.starts_with(&theirs);
            let here = later.call() == exchange.call() && !is_continuation(later, &mine);
            here && !theirs.is_empty() && same
        });
        let whole = exchange.answer() == Answer::Finished;
        // A continuation after a whole answer may well begin with the same words.
        let repeated = again && !whole;
        pieces.push(Piece {
            text: mine,
            whole,
            repeated,
        });
    }
    pieces
}

/// Whether a request told the model that this had been said: what it answers is meant to follow.
fn is_continuation(request: &Exchange<'_>, said: &str) -> bool {
    let before = request.asked.said_before.iter().map(|text| squeezed(text));
    before
        .filter(|text| !text.is_empty())
        .any(|text| said.starts_with(&text) || text.ends_with(said))
}

fn violation() -> (Plan, Journal) {
    Example::new()
        .turn(1)
        .asks((1, 1, 1))
        .delivers(1, "Let me lo")
        .cut((1, 1, 1), says_partly("Let me lo"))
        .asks((1, 1, 2))
        .delivers(1, "Let me look.")
        .answers((1, 1, 2), says("Let me look."))
        .completes(1, "Let me look.")
        .end()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example::{calls, ruling};
    use crate::verdict::Ruling;
    use journal::Said;

    #[test]
    fn text_over_two_calls_holds_whatever_the_layout() {
        let first = Said {
            text: "I look. ".to_owned(),
            ..calls("id-1", "{}")
        };
        let good = Example::new()
            .turn(1)
            .exchange((1, 1, 1), first)
            .delivers(1, "I lo")
            .delivers(1, "ok.\n\n")
            .exchange((1, 2, 1), says("Two files."))
            .delivers(1, "Two files.");
        assert_eq!(ruling(&RULE, &good.end()), Ruling::Holds);
    }

    #[test]
    fn a_draft_left_standing_convicts_and_one_declared_void_holds() {
        assert_eq!(ruling(&RULE, &violation()), Ruling::Violated);
        let good = Example::new()
            .turn(1)
            .asks((1, 1, 1))
            .delivers(1, "Let me lo")
            .cut((1, 1, 1), says_partly("Let me lo"))
            .client(
                1,
                Fact::TextSuperseded {
                    text: "Let me lo".to_owned(),
                },
            )
            .exchange((1, 1, 2), says("Let me look."))
            .delivers(1, "Let me look.");
        assert_eq!(ruling(&RULE, &good.end()), Ruling::Holds);
    }

    #[test]
    fn an_agent_that_lets_the_model_go_on_may_keep_what_was_said() {
        let (plan, mut journal) = violation();
        for record in &mut journal.records {
            if let (Some(2), Fact::Request { said_before, .. }) = (record.attempt, &mut record.fact)
            {
                said_before.push("Let me lo".to_owned());
            }
        }
        assert_eq!(ruling(&RULE, &(plan, journal)), Ruling::Holds);
    }

    #[test]
    fn lost_doubled_and_garbled_words_convict() {
        for shown in [
            "Hello world",
            "brave world",
            "Hello brave brave world",
            "Hello br\u{fffd}ve world",
        ] {
            let bad = Example::new()
                .turn(1)
                .exchange((1, 1, 1), says("Hello brave world"))
                .delivers(1, shown);
            assert_eq!(ruling(&RULE, &bad.end()), Ruling::Violated, "{shown}");
        }
    }

    #[test]
    fn a_listener_who_came_late_may_hear_the_rest_or_everything() {
        for shown in ["brave world", "Hello brave world"] {
            let good = Example::new()
                .turn(1)
                .exchange((1, 1, 1), says("Hello brave world"))
                .delivers(1, "Hello ")
                .client(1, Fact::Disconnected)
                .client(1, Fact::Subscribed)
                .delivers(1, shown);
            assert_eq!(ruling(&RULE, &good.end()), Ruling::Holds, "{shown}");
        }
    }

    #[test]
    fn an_answer_still_going_on_is_undecided() {
        let early = Example::new().turn(1).asks((1, 1, 1)).delivers(1, "Hel");
        assert_eq!(ruling(&RULE, &early.end()), Ruling::Undecided);
    }
}
