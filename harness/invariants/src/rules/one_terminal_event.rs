//! A run ends once, and nothing comes after. Knows what clients received.

use journal::{Fact, Journal, Record, Terminal};
use scenario::Plan;

use crate::case::Case;
use crate::example::Example;
use crate::findings::Findings;
use crate::run::{Ending, Run};
use crate::verdict::{Rule, Verdict};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "one-terminal-event",
    group: "ending",
    sentence: "Every run has exactly one terminal event, and nothing of the run comes after it.",
    why: "A client that sees two endings takes the wrong one; a client that sees none waits for ever.",
    how: "Each time a client listens to a run, it receives one terminal event, the last of its events; what the target says when it is asked agrees. A client that left on purpose need not have received it. A run that never ended at all belongs to `every-run-ends`.",
    causes: "Two places decide that a run is over: the end of the conversation and a handler of errors or stops. Make the outcome one value, and emit the event where it is taken.",
    judge,
    violation,
};

fn judge(plan: &Plan, journal: &Journal) -> Verdict {
    let case = Case::new(plan, journal);
    if let Some(verdict) = case.cannot_see(&["terminal"]) {
        return verdict;
    }
    let mut findings = Findings::default();
    for run in case.runs() {
        if run.refused().is_some() || run.timed_out().is_some() {
            continue;
        }
        let parts = run.parts();
        let broken = parts
            .iter()
            .any(|part| twice(&run, part, &mut findings) || after(&run, part, &mut findings));
        if !broken && !disagreement(&run, &mut findings) {
            absence(&case, &run, &mut findings);
        }
    }
    findings.verdict("runs that ended once")
}

fn told(part: &[&Record]) -> Vec<usize> {
    let is_told =
        |record: &Record| matches!(&record.fact, Fact::Terminal { via, .. } if via != "status");
    let places = part.iter().enumerate();
    places
        .filter(|(_, record)| is_told(record))
        .map(|(place, _)| place)
        .collect()
}

fn twice(run: &Run<'_>, part: &[&Record], findings: &mut Findings) -> bool {
    let places = told(part);
    let (Some(first), true) = (places.first(), places.len() > 1) else {
        return false;
    };
    let names: Vec<_> = places
        .iter()
        .filter_map(|&place| terminal_of(part[place]))
        .map(Terminal::as_str)
        .collect();
    let because = format!(
        "{} ended {} times: {}",
        run.name(),
        names.len(),
        names.join(", ")
    );
    let later = places[1..].iter().map(|&place| part[place]);
    findings.violated(
        because,
        [run.submitted, part[*first]].into_iter().chain(later),
    );
    true
}

fn after(run: &Run<'_>, part: &[&Record], findings: &mut Findings) -> bool {
    let Some(&place) = told(part).first() else {
        return false;
    };
    let of_the_run = |record: &&&Record| {
        matches!(
            record.fact,
            Fact::TextDelivered { .. }
                | Fact::TextSuperseded { .. }
                | Fact::ToolAnnounced { .. }
                | Fact::ToolReported { .. }
                | Fact::OtherEvent { .. }
        )
    };
    let Some(late) = part[place..].iter().find(of_the_run) else {
        return false;
    };
    let because = format!("{} went on after its terminal event", run.name());
    findings.violated(because, [run.submitted, part[place], late]);
    true
}

fn disagreement(run: &Run<'_>, findings: &mut Findings) -> bool {
    let endings = run.endings();
    let Some(first) = endings.first() else {
        return false;
    };
    let other = |ending: &&Ending<'_>| ending.terminal != first.terminal;
    let Some(other) = endings.iter().find(other) else {
        return false;
    };
    let because = format!(
        "{} was `{}` first and `{}` later",
        run.name(),
        first.terminal.as_str(),
        other.terminal.as_str()
    );
    findings.violated(because, [run.submitted, first.record, other.record]);
    true
}

fn absence(case: &Case<'_>, run: &Run<'_>, findings: &mut Findings) {
    if run.endings().iter().any(|ending| !ending.polled) {
        findings.kept();
        return;
    }
    let Some(accepted) = run.accepted() else {
        let because = format!("{} was neither taken nor refused", run.name());
        findings.undecided(because, [run.submitted]);
        return;
    };
    // Someone who left has not heard the ending; whether it can still be heard is for `terminal-after-reconnect`.
    if run.disconnected().is_some() {
        return;
    }
    if !case.ended {
        findings.undecided(format!("{} had not ended yet", run.name()), [accepted]);
        return;
    }
    let over = run.find(|fact| matches!(fact, Fact::EventsEnded { .. }));
    let polled = run.ending().map(|ending| ending.record);
    let because = match polled {
        Some(_) => format!("{} is over, and no terminal event came", run.name()),
        None => format!("{} had no terminal event", run.name()),
    };
    findings.violated(because, [accepted].into_iter().chain(over).chain(polled));
}

fn terminal_of(record: &Record) -> Option<Terminal> {
    match record.fact {
        Fact::Terminal { terminal, .. } => Some(terminal),
        _ => None,
    }
}

fn violation() -> (Plan, Journal) {
    Example::new()
        .turn(1)
        .asks((1, 1, 1))
        .errs((1, 1, 1), 401, None)
        .fails(1, "401 code_401")
        .completes(1, "")
        .end()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example::{ruling, says};
    use crate::verdict::Ruling;

    fn answered() -> Example {
        Example::new().turn(1).exchange((1, 1, 1), says("Hi."))
    }

    fn polled(terminal: Terminal) -> Fact {
        Fact::Terminal {
            terminal,
            output: None,
            error: None,
            usage: None,
            via: "status".to_owned(),
        }
    }

    #[test]
    fn one_ending_holds_and_two_convict() {
        let good = answered().completes(1, "Hi.").end();
        assert_eq!(ruling(&RULE, &good), Ruling::Holds);
        assert_eq!(ruling(&RULE, &violation()), Ruling::Violated);
        let same_twice = answered().completes(1, "Hi.").completes(1, "Hi.").end();
        assert_eq!(ruling(&RULE, &same_twice), Ruling::Violated);
    }

    #[test]
    fn an_event_after_the_ending_convicts() {
        let bad = answered().completes(1, "Hi.").delivers(1, "more").end();
        assert_eq!(ruling(&RULE, &bad), Ruling::Violated);
    }

    #[test]
    fn a_client_that_comes_back_may_hear_the_same_ending_again() {
        let good = answered()
            .completes(1, "Hi.")
            .client(1, Fact::Subscribed)
            .completes(1, "Hi.");
        assert_eq!(ruling(&RULE, &good.end()), Ruling::Holds);
    }

    #[test]
    fn a_status_that_disagrees_or_is_all_there_is_convicts() {
        let other = answered()
            .completes(1, "Hi.")
            .client(1, polled(Terminal::Failed));
        assert_eq!(ruling(&RULE, &other.end()), Ruling::Violated);
        let alone = answered()
            .client(1, Fact::EventsEnded { polite: true })
            .client(1, polled(Terminal::Completed));
        assert_eq!(ruling(&RULE, &alone.end()), Ruling::Violated);
    }

    #[test]
    fn a_client_that_left_and_a_run_still_going_are_not_accused() {
        let left = answered()
            .client(1, Fact::Disconnected)
            .client(1, polled(Terminal::Completed));
        assert_eq!(ruling(&RULE, &left.end()), Ruling::NotApplicable);
        assert_eq!(ruling(&RULE, &answered().so_far()), Ruling::Undecided);
    }
}
