//! What a run cost is what the provider said it cost. Knows tokens as told by both sides.

use journal::{Ended, Fact, Journal, Said, Terminal, Usage};
use scenario::Plan;

use crate::case::Case;
use crate::example::{Example, costing, says};
use crate::exchange::Exchange;
use crate::findings::Findings;
use crate::run::{Ending, Run};
use crate::verdict::{Rule, Verdict};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "usage-is-summed",
    group: "accounts",
    sentence: "The tokens of a run are the sum of what the provider reported, failed attempts included.",
    why: "What is not counted is still paid: budgets are overrun, and nobody can tell by what.",
    how: "The tokens told at the end of a run equal the sum over its answers. An answer that did not go through whole, or that nobody can tell was read (it was asked for again; or a stop, a shutdown or a fault's silence came before anything followed from it), and a request that is no run's own (a summary, a title), may be counted or not; of one that broke, any figure that was told on the way may be. Not applicable where the target or the provider tells no tokens.",
    causes: "Tokens are taken from the last answer only, or added up after a check of the finish reason that left early. Add them where they are read.",
    judge,
    violation,
};

/// More uncertain answers than this are not decided: each doubles the possible sums.
const MOST_UNCERTAIN: usize = 10;

fn judge(plan: &Plan, journal: &Journal) -> Verdict {
    let case = Case::new(plan, journal);
    if let Some(verdict) = case.cannot_see(&["provider", "terminal"]) {
        return verdict;
    }
    let mut findings = Findings::default();
    for run in case.runs() {
        let ending = run
            .endings()
            .into_iter()
            .find(|ending| ending.usage.is_some());
        if let Some(ending) = ending {
            one(&case, &run, ending, &mut findings);
        }
    }
    findings.verdict("runs that tell their tokens")
}

fn one(case: &Case<'_>, run: &Run<'_>, ending: Ending<'_>, findings: &mut Findings) {
    let Some(told) = ending.usage else {
        return;
    };
    let until = ending.record.seq;
    // Summaries and titles, which may carry the marks of a run before this one, are somebody's expense.
    let others = |exchange: &&Exchange<'_>| {
        let asked = exchange.request.seq;
        let mine = run.exchanges.iter().any(|mine| mine.request.seq == asked);
        let meanwhile = asked > run.submitted.seq && asked < until;
        meanwhile && !mine && !is_of_another(case, run, exchange)
    };
    let others = case.exchanges.iter().filter(others);
    let (mut sum, mut partly, mut uncertain) = (Usage::default(), Usage::default(), Vec::new());
    let mut shown = Vec::new();
    for exchange in run.exchanges.iter().chain(others) {
        let (Some(usage), Some(ended)) =
            (exchange.said().and_then(|said| said.usage), exchange.ended)
        else {
            continue;
        };
        shown.push(ended.record);
        let read = ended.ended == Ended::Complete && !was_given_up(case, run, exchange, &ending);
        if read && exchange.request.run == Some(run.number) {
            sum = added(sum, usage);
        } else if ended.ended != Ended::Complete || exchange.is_disturbed() {
            partly = added(partly, usage);
        } else {
            uncertain.push(usage);
        }
    }
    if shown.is_empty() {
        return;
    }
    shown.push(ending.record);
    if uncertain.len() > MOST_UNCERTAIN {
        let because = format!(
            "too many answers of {} may have been counted or not",
            run.name()
        );
        findings.undecided(because, shown);
    } else if is_possible(&sums(sum, &uncertain), partly, told) {
        findings.kept();
    } else {
        let because = format!(
            "{} told {} and {} tokens, and the provider had told {} and {}",
            run.name(),
            told.input,
            told.output,
            sum.input,
            sum.output
        );
        findings.violated(because, shown);
    }
}

/// Whether an answer that went through whole may still have been given up before it was read: nothing followed from it, and
/// something else was there to end the wait for it.
fn was_given_up(
    case: &Case<'_>,
    run: &Run<'_>,
    exchange: &Exchange<'_>,
    ending: &Ending<'_>,
) -> bool {
    let asked = exchange.request.seq;
    let mut after = run.exchanges.iter().filter(|next| next.request.seq > asked);
    match after.next() {
        // An answer that was cut at the token limit is asked to go on, so it was read.
        Some(next) => next.call() == exchange.call() && exchange.finish() != Some("length"),
        None if ending.terminal == Terminal::Completed => false,
        None => {
            let until = ending.record.seq;
            let stopped = run.stop_requested().is_some_and(|stop| stop.seq < until);
            stopped || case.was_ending(until) || exchange.is_disturbed()
        }
    }
}

/// Whether an exchange belongs to another run that goes on at the same time.
fn is_of_another(case: &Case<'_>, run: &Run<'_>, exchange: &Exchange<'_>) -> bool {
    let asked = exchange.request.seq;
    let theirs = |other: &Run<'_>| other.exchanges.iter().any(|one| one.request.seq == asked);
    let mut others = case.runs().into_iter();
    others.any(|other| other.number != run.number && theirs(&other))
}

/// The sum with every choice of the uncertain ones.
fn sums(certain: Usage, uncertain: &[Usage]) -> Vec<Usage> {
    uncertain.iter().fold(vec![certain], |sums, one| {
        let with: Vec<_> = sums.iter().map(|&sum| added(sum, *one)).collect();
        [sums, with].concat()
    })
}

/// Whether one of the sums comes to what was told, with as much as one likes of what was told in answers that broke: providers
/// repeat a growing figure, and nobody knows which of them was read last.
fn is_possible(sums: &[Usage], partly: Usage, told: Usage) -> bool {
    sums.iter().any(|&sum| {
        let most = added(sum, partly);
        (sum.input..=most.input).contains(&told.input)
            && (sum.output..=most.output).contains(&told.output)
    })
}

const fn added(one: Usage, other: Usage) -> Usage {
    Usage {
        input: one.input.saturating_add(other.input),
        output: one.output.saturating_add(other.output),
    }
}

/// The run ends with an answer, and tells these tokens.
fn telling(input: u64, output: u64) -> Fact {
    Fact::Terminal {
        terminal: Terminal::Completed,
        output: Some("Hi.".to_owned()),
        error: None,
        usage: Some(Usage { input, output }),
        via: "events".to_owned(),
    }
}

fn violation() -> (Plan, Journal) {
    two_answers().client(1, telling(15, 4)).end()
}

fn two_answers() -> Example {
    let half = Said {
        finish: Some("length".to_owned()),
        ..costing(10, 5, says("One half and "))
    };
    Example::new()
        .turn(1)
        .exchange((1, 1, 1), half)
        .exchange((1, 1, 2), costing(15, 4, says("the other half.")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example::ruling;
    use crate::verdict::Ruling;

    #[test]
    fn the_sum_holds_and_the_last_alone_convicts() {
        let good = two_answers().client(1, telling(25, 9));
        assert_eq!(ruling(&RULE, &good.end()), Ruling::Holds);
        assert_eq!(ruling(&RULE, &violation()), Ruling::Violated);
    }

    #[test]
    fn an_answer_that_broke_after_its_tokens_may_count_or_not() {
        for (input, output, expected) in [
            (10, 5, Ruling::Holds),
            (25, 9, Ruling::Holds),
            (15, 4, Ruling::Violated),
        ] {
            let story = Example::new()
                .turn(1)
                .asks((1, 1, 1))
                .cut((1, 1, 1), costing(15, 4, says("Hi.")))
                .exchange((1, 1, 2), costing(10, 5, says("Hi.")))
                .client(1, telling(input, output));
            assert_eq!(ruling(&RULE, &story.end()), expected, "{input} {output}");
        }
    }

    #[test]
    fn of_an_answer_that_broke_an_earlier_figure_may_have_been_read() {
        for (output, expected) in [
            (4, Ruling::Violated),
            (6, Ruling::Holds),
            (10, Ruling::Violated),
        ] {
            let story = Example::new()
                .turn(1)
                .asks((1, 1, 1))
                .fault((1, 1, 1), "malform-json after 9 bytes of text")
                .answers((1, 1, 1), costing(15, 4, says("Hi.")))
                .exchange((1, 1, 2), costing(10, 5, says("Hi.")))
                .client(1, telling(25, output));
            assert_eq!(ruling(&RULE, &story.end()), expected, "{output}");
        }
    }

    #[test]
    fn a_whole_answer_that_was_asked_for_again_may_count_or_not() {
        for (input, output, expected) in [
            (15, 4, Ruling::Holds),
            (25, 9, Ruling::Holds),
            (10, 5, Ruling::Violated),
        ] {
            let story = Example::new()
                .turn(1)
                .exchange((1, 1, 1), costing(10, 5, says("Hi.")))
                .exchange((1, 1, 2), costing(15, 4, says("Hi.")))
                .client(1, telling(input, output));
            assert_eq!(ruling(&RULE, &story.end()), expected, "{input} {output}");
        }
    }

    #[test]
    fn the_last_answer_of_a_stopped_run_may_not_have_been_read() {
        for (usage, expected) in [
            ((10, 5), Ruling::Holds),
            ((25, 9), Ruling::Holds),
            ((15, 4), Ruling::Violated),
        ] {
            let (input, output) = usage;
            let cancelled = Fact::Terminal {
                terminal: Terminal::Cancelled,
                output: None,
                error: None,
                usage: Some(Usage { input, output }),
                via: "events".to_owned(),
            };
            let story = Example::new()
                .turn(1)
                .exchange((1, 1, 1), costing(10, 5, says("One moment.")))
                .stops(1)
                .exchange((1, 2, 1), costing(15, 4, says("Hi.")))
                .client(1, cancelled);
            assert_eq!(ruling(&RULE, &story.end()), expected, "{usage:?}");
        }
    }

    #[test]
    fn an_answer_that_was_late_and_asked_for_again_may_count_or_not() {
        for (input, output, expected) in [
            (10, 5, Ruling::Holds),
            (25, 9, Ruling::Holds),
            (15, 4, Ruling::Violated),
        ] {
            let story = Example::new()
                .turn(1)
                .asks((1, 1, 1))
                .fault((1, 1, 1), "delay of 2s")
                .answers((1, 1, 1), costing(15, 4, says("Hi.")))
                .exchange((1, 1, 2), costing(10, 5, says("Hi.")))
                .client(1, telling(input, output));
            assert_eq!(ruling(&RULE, &story.end()), expected, "{input} {output}");
        }
    }

    #[test]
    fn a_summary_with_the_marks_of_the_run_before_may_count_or_not() {
        for (input, expected) in [
            (10, Ruling::Holds),
            (40, Ruling::Holds),
            (30, Ruling::Violated),
        ] {
            let story = Example::new()
                .turn(1)
                .exchange((1, 1, 1), costing(10, 5, says("Hi.")))
                .client(1, telling(10, 5))
                .turn(2)
                .exchange((1, 1, 2), costing(30, 0, says("They greeted.")))
                .exchange((2, 1, 1), costing(10, 5, says("Hi.")))
                .client(2, telling(input, 5));
            assert_eq!(ruling(&RULE, &story.end()), expected, "{input}");
        }
    }

    #[test]
    fn where_nobody_tells_tokens_there_is_nothing_to_sum() {
        let silent = two_answers().completes(1, "Hi.");
        assert_eq!(ruling(&RULE, &silent.end()), Ruling::NotApplicable);
        let untold = Example::new()
            .turn(1)
            .exchange((1, 1, 1), says("Hi."))
            .client(1, telling(0, 0));
        assert_eq!(ruling(&RULE, &untold.end()), Ruling::NotApplicable);
    }
}
