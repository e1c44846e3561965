//! A session has one turn at the provider at a time. Knows which exchange was open when another run asked.

use std::time::Duration;

use journal::{Ended, Journal, Record};
use scenario::Plan;

use crate::case::{Case, elapsed, seconds};
use crate::example::{Example, says};
use crate::exchange::Exchange;
use crate::findings::Findings;
use crate::run::Run;
use crate::verdict::{Rule, Verdict};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "one-turn-per-session",
    group: "isolation",
    sentence: "Two runs of one session are never at the provider at the same time.",
    why: "Neither turn knows of the other: each answers half of the conversation, both act at once, and whoever ends last overwrites what was said.",
    how: "Of two runs of one session, the second given before the first had ended, the provider sees no request of one while an exchange of the other has begun and not ended; only its own order counts. An answer that was being given and ended, or that the target left, within half a second decides nothing; one that went on after its finish reason leaves it undecided. A run that was stopped before is left to `abort-reaches-socket`. Not applicable without two such runs; the probe's session is its own.",
    causes: "A turn is started when it arrives, and the session is only the key under which its history is kept. Let the turns of a session wait in line, or refuse the second one.",
    judge,
    violation,
};

/// What ends this soon after a request of the other run may have been over for the target before.
const CROSSING: Duration = Duration::from_millis(500);

fn judge(plan: &Plan, journal: &Journal) -> Verdict {
    let case = Case::new(plan, journal);
    if let Some(verdict) = case.cannot_see(&["provider", "terminal"]) {
        return verdict;
    }
    let mut findings = Findings::default();
    let runs: Vec<_> = case.runs().into_iter().filter(|run| !run.probe).collect();
    for (index, later) in runs.iter().enumerate() {
        for earlier in runs.iter().take(index) {
            if overlap(earlier, later) {
                pair(&case, (earlier, later), &mut findings);
            }
        }
    }
    findings.verdict("pairs of overlapping runs of one session")
}

/// Whether the later run was given to its session before the earlier one had ended.
fn overlap(earlier: &Run<'_>, later: &Run<'_>) -> bool {
    let ended = earlier.ending().map(|ending| ending.record.seq);
    earlier.session == later.session && ended.is_none_or(|ended| later.submitted.seq < ended)
}

/// How an exchange stood when the other run asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stood {
    /// It had ended, or may have: the two crossed.
    Over,
    /// Its end is not recorded, or came after a finish reason that had left nobody knows when.
    Unclear,
    /// It had begun and not ended.
    Open,
}

fn pair(case: &Case<'_>, (one, other): (&Run<'_>, &Run<'_>), findings: &mut Findings) {
    let met: Vec<_> = meetings(case, one, other)
        .chain(meetings(case, other, one))
        .collect();
    let worst = |wanted: Stood| met.iter().find(|(_, stood)| *stood == wanted);
    if let Some(((open, asked), _)) = worst(Stood::Open) {
        let because = format!("{}, which was not over", told(*open, *asked));
        findings.violated(because, shown(open.1, asked.1));
    } else if let Some(((open, asked), _)) = worst(Stood::Unclear) {
        let because = format!("{}, which may have been over", told(*open, *asked));
        findings.undecided(because, shown(open.1, asked.1));
    } else {
        findings.kept();
    }
}

/// An exchange and whose it is.
type Of<'r, 'a> = (&'r Run<'a>, &'r Exchange<'a>);

/// Each request of `other` that came after one of `run`, with how that one stood.
fn meetings<'r, 'a>(
    case: &'r Case<'a>,
    run: &'r Run<'a>,
    other: &'r Run<'a>,
) -> impl Iterator<Item = ((Of<'r, 'a>, Of<'r, 'a>), Stood)> {
    let asked = move |open: &'r Exchange<'a>| {
        let later = other.exchanges.iter();
        let later = later.filter(|asked| asked.request.seq > open.request.seq);
        later.map(move |asked| (open, asked))
    };
    let both = run.exchanges.iter().flat_map(asked);
    both.filter(move |(_, asked)| !was_stopped(run, asked.request))
        .map(move |(open, asked)| {
            let stood = stood(case, open, asked.request);
            (((run, open), (other, asked)), stood)
        })
}

/// Whether somebody had stopped the run before this request.
fn was_stopped(run: &Run<'_>, request: &Record) -> bool {
    run.stop_requested()
        .is_some_and(|stop| stop.seq < request.seq)
}

fn stood(case: &Case<'_>, open: &Exchange<'_>, asked: &Record) -> Stood {
    let answering = open
        .started
        .is_some_and(|started| started.record.seq < asked.seq);
    let Some(closing) = open.ended else {
        let last = case.records.last();
        let seen = last.is_some_and(|last| elapsed(asked, last) >= CROSSING);
        return if seen && !answering {
            Stood::Open
        } else {
            Stood::Unclear
        };
    };
    let left = closing.ended == Ended::TargetLeft;
    let soon = elapsed(asked, closing.record) < CROSSING;
    match () {
        () if closing.record.seq < asked.seq => Stood::Over,
        () if soon && (answering || left) => Stood::Over,
        // All that the target needed may have left long before the rest.
        () if answering && closing.said.finish.is_some() => Stood::Unclear,
        () => Stood::Open,
    }
}

fn told((run, open): Of<'_, '_>, (other, asked): Of<'_, '_>) -> String {
    format!(
        "{} of {} came {} after {} of {}",
        asked.name(),
        other.name(),
        seconds(elapsed(open.request, asked.request)),
        open.name(),
        run.name()
    )
}

/// Both requests, and the end of the one that was open.
fn shown<'a>(open: &Exchange<'a>, asked: &Exchange<'a>) -> impl Iterator<Item = &'a Record> {
    let ended = open.ended.map(|ended| ended.record);
    [open.request, asked.request].into_iter().chain(ended)
}

fn violation() -> (Plan, Journal) {
    Example::new()
        .turn(1)
        .asks((1, 1, 1))
        .turn(2)
        .exchange((2, 1, 1), says("Second."))
        .completes(2, "Second.")
        .after_ms(1_000)
        .answers((1, 1, 1), says("First."))
        .completes(1, "First.")
        .end()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example::{ruling, says_partly};
    use crate::verdict::Ruling;

    /// Two turns of these sessions, the second one given while the first is at the provider.
    fn overlapping(sessions: (&str, &str)) -> Example {
        Example::new()
            .turn_in(sessions.0, 1)
            .asks((1, 1, 1))
            .turn_in(sessions.1, 2)
    }

    fn first_answers(story: Example) -> Example {
        story
            .answers((1, 1, 1), says("First."))
            .completes(1, "First.")
    }

    #[test]
    fn a_turn_that_waits_in_line_holds_and_one_that_does_not_convicts() {
        let waits = first_answers(overlapping(("main", "main")))
            .exchange((2, 1, 1), says("Second."))
            .completes(2, "Second.");
        assert_eq!(ruling(&RULE, &waits.end()), Ruling::Holds);
        let (plan, journal) = violation();
        let verdict = judge(&plan, &journal);
        assert_eq!(verdict.evidence, [6, 11, 16]);
        assert_eq!(
            verdict.because,
            "call 1 attempt 1 of run 2 came 0.005s after call 1 attempt 1 of run 1, which was not over"
        );
    }

    #[test]
    fn a_round_of_the_first_turn_within_one_of_the_second_convicts_as_well() {
        let between = overlapping(("main", "main"))
            .answers((1, 1, 1), says("Let me look."))
            .asks((2, 1, 1))
            .asks((1, 2, 1))
            .answers((2, 1, 1), says("Second."));
        assert_eq!(ruling(&RULE, &between.end()), Ruling::Violated);
    }

    #[test]
    fn a_turn_that_is_refused_holds() {
        let refuses = first_answers(overlapping(("main", "main")).fails(2, "busy"));
        assert_eq!(ruling(&RULE, &refuses.end()), Ruling::Holds);
    }

    #[test]
    fn other_sessions_the_probe_and_runs_one_after_the_other_are_none_of_its_business() {
        for sessions in [("anna", "ben"), ("main", "probe"), ("probe", "probe")] {
            let apart = first_answers(overlapping(sessions).asks((2, 1, 1)));
            let ruled = ruling(&RULE, &apart.end());
            assert_eq!(ruled, Ruling::NotApplicable, "{sessions:?}");
        }
        let after = Example::new()
            .turn(1)
            .asks((1, 1, 1))
            .completes(1, "First.")
            .turn(2)
            .asks((2, 1, 1));
        assert_eq!(ruling(&RULE, &after.end()), Ruling::NotApplicable);
    }

    #[test]
    fn an_answer_that_ended_as_the_other_run_asked_decides_nothing() {
        let ended = |ms: u64, finished: bool| {
            let story = overlapping(("main", "main"))
                .head((1, 1, 1), 200, None)
                .asks((2, 1, 1))
                .after_ms(ms);
            let said = if finished { says } else { says_partly };
            let story = story.over((1, 1, 1), Ended::Complete, said("First."));
            ruling(&RULE, &story.end())
        };
        assert_eq!(ended(20, true), Ruling::Holds, "they crossed");
        assert_eq!(ended(2_000, true), Ruling::Undecided, "when did it finish?");
        assert_eq!(ended(2_000, false), Ruling::Violated);
    }

    #[test]
    fn a_turn_that_takes_the_place_of_the_first_holds_if_it_leaves_at_once() {
        let replaces = |ms: u64| {
            let story = overlapping(("main", "main")).asks((2, 1, 1)).after_ms(ms);
            let left = story.leaves((1, 1, 1), says_partly("")).cancels(1);
            ruling(&RULE, &left.end())
        };
        assert_eq!(replaces(20), Ruling::Holds);
        assert_eq!(replaces(2_000), Ruling::Violated);
    }

    #[test]
    fn a_request_that_outlives_a_stop_is_left_to_another_rule() {
        let stopped = overlapping(("main", "main"))
            .stops(1)
            .asks((2, 1, 1))
            .cancels(1)
            .after_ms(2_000)
            .leaves((1, 1, 1), says_partly(""));
        assert_eq!(ruling(&RULE, &stopped.end()), Ruling::Holds);
    }

    #[test]
    fn an_answer_whose_end_is_not_recorded_is_open_only_if_it_had_not_begun() {
        let silent = |story: Example| ruling(&RULE, &story.asks((2, 1, 1)).after_ms(600).end());
        let story = overlapping(("main", "main"));
        assert_eq!(silent(story.clone()), Ruling::Violated);
        let answering = story.head((1, 1, 1), 200, None);
        assert_eq!(silent(answering), Ruling::Undecided);
    }
}
