//! Whether a run told its ending once, and truthfully. Decided here from the journal alone, and by every judge beside it.

use invariants::{Ruling, Verdict};
use journal::{Fact, Journal, Record, Terminal};
use scenario::Plan;
use wire_faults::Action;

use super::script::FINAL;

/// The run that everything happens to; the probe comes after it.
const RUN: u32 = 1;

/// What is wrong with a case; nothing, if the run told its ending once and truthfully and no judge objects.
pub(crate) fn complaints(plan: &Plan, journal: &Journal) -> Vec<String> {
    let was_late = |record: &Record| matches!(record.fact, Fact::HeartbeatLagged { .. });
    let was_late = journal.records.iter().any(was_late);
    let judged = invariants::judge(plan, journal).into_iter();
    let mut complaints: Vec<String> = judged
        .filter(|verdict| match verdict.ruling {
            Ruling::Violated => true,
            // A machine that was too slow proves nothing, and accuses nobody.
            Ruling::Undecided => !was_late && !never_came_to_a_fault(verdict),
            Ruling::Holds | Ruling::NotApplicable | Ruling::Waived => false,
        })
        .map(|verdict| format!("{}: {}", verdict.id, verdict.because))
        .collect();
    complaints.extend(dishonesty(plan, journal));
    complaints
}

/// The turn was stopped before, or the target had its answer earlier.
fn never_came_to_a_fault(verdict: &Verdict) -> bool {
    verdict.id == "fault-delivered" && verdict.because.starts_with("the target never got to")
}

/// One terminal event; completed with what the provider finished saying, or failed, or cancelled if it was stopped.
fn dishonesty(plan: &Plan, journal: &Journal) -> Option<String> {
    let endings: Vec<_> = journal.of_run(RUN).filter_map(ending).collect();
    let [(terminal, output)] = endings.as_slice() else {
        return Some(format!("run.* events: {endings:?}"));
    };
    let was_stopped = journal
        .of_run(RUN)
        .any(|record| record.fact == Fact::StopRequested);
    let finished = journal.of_run(RUN).filter_map(finished).last();
    match terminal {
        Terminal::Completed => {
            let truthful =
                *output == finished && (finished == Some(FINAL) || says_something_else(plan));
            (!truthful)
                .then(|| format!("completed with {output:?}, and the provider said {finished:?}"))
        }
        Terminal::Cancelled => {
            (!was_stopped).then(|| "cancelled, and nobody stopped it".to_owned())
        }
        Terminal::Failed => None,
    }
}

/// Whether an answer may be whole and say something else, since events of it come twice, not at all, or in another order.
fn says_something_else(plan: &Plan) -> bool {
    let mut faults = plan.script.faults();
    faults.any(|fault| {
        matches!(
            fault.action,
            Action::Duplicate | Action::Drop | Action::Reorder | Action::MalformUtf8
        )
    })
}

fn ending(record: &Record) -> Option<(Terminal, Option<&str>)> {
    match &record.fact {
        Fact::Terminal {
            terminal,
            output,
            via,
            ..
        } if via == "events" => Some((*terminal, output.as_deref())),
        _ => None,
    }
}

/// What an answer said that needs no further one, once the provider has said why it ended.
fn finished(record: &Record) -> Option<&str> {
    match &record.fact {
        Fact::ResponseEnded { said, .. } if said.finish.as_deref() == Some("stop") => {
            Some(said.text.as_str())
        }
        _ => None,
    }
}
