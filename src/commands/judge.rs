//! `brownout judge`: judges stored journals again, with the rules of today.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use invariants::Verdict;
use report::{Campaign, Case, Judged, State, Terminal};
use serde_json::Value;

use super::sentence_of;
use crate::campaign::attempt::AGAIN;
use crate::campaign::folder::{StoredCase, cases, not_run};
use crate::console::Console;
use crate::exit_code::ExitCode;
use crate::failure::CommandError;
use crate::machine_clock::Stopwatch;

/// Judges what was recorded once more; nothing is run, and nothing stored is changed.
#[derive(Debug, Args)]
pub(crate) struct JudgeArguments {
    /// The folder of a campaign, or of one case of it
    #[arg(default_value = "campaigns/latest", value_name = "CAMPAIGN-OR-CASE")]
    folder: PathBuf,
}

/// Judges.
///
/// # Errors
///
/// Nothing is stored there, or it cannot be read.
pub(crate) fn judge(
    arguments: &JudgeArguments,
    console: &mut Console<'_>,
) -> Result<ExitCode, CommandError> {
    let watch = Stopwatch::start();
    let terminal = Terminal {
        ink: console.ink,
        sentences: sentence_of,
    };
    let folders = cases(&arguments.folder)?;
    let mut campaign = Campaign {
        id: arguments.folder.display().to_string(),
        target: String::new(),
        seed: 0,
        virtual_time: true,
        wall: Duration::ZERO,
        cases: Vec::new(),
        selected: folders.len(),
    };
    for folder in &folders {
        let stored = StoredCase::read(folder)?;
        name(&mut campaign, &stored);
        let (case, changes) = rejudge(stored, folder);
        let number = campaign.cases.len() + 1;
        let line = terminal.line(&case, number, folders.len());
        write!(console.out, "{line}{}", terminal.complaint(&case))?;
        for change in changes {
            writeln!(console.out, "  changed: {change}")?;
        }
        campaign.cases.push(case);
    }
    campaign.sort();
    campaign.wall = watch.elapsed();
    console
        .out
        .write_all(terminal.summary(&campaign).as_bytes())?;
    if let Some(told) = not_run(&arguments.folder)? {
        writeln!(console.err, "note: {told}")?;
    }
    Ok(ExitCode::of(&campaign, false))
}

/// The cases say which campaign they are of.
fn name(campaign: &mut Campaign, stored: &StoredCase) {
    let started = stored
        .journal
        .records
        .iter()
        .find_map(|record| match &record.fact {
            journal::Fact::CaseStarted {
                target,
                virtual_time,
                ..
            } => Some((target.clone(), *virtual_time)),
            _ => None,
        });
    if let Some((target, virtual_time)) = started {
        campaign.target = target;
        campaign.virtual_time = virtual_time;
    }
    campaign.seed = stored.plan.seed;
}

fn rejudge(stored: StoredCase, folder: &Path) -> (Case, Vec<String>) {
    let watch = Stopwatch::start();
    let StoredCase {
        plan,
        journal,
        verdicts: before,
        machine,
        source,
    } = stored;
    let verdicts = invariants::judge(&plan, &journal);
    let changes = changes(&before, &verdicts);
    let again = machine[AGAIN].as_str();
    let case = Case {
        scenario: plan.scenario.clone(),
        file: plan.file.clone(),
        title: plan.title.clone(),
        dialect: plan.dialect,
        streamed: plan.streamed,
        seed: plan.seed,
        wall: watch.elapsed(),
        folder: Some(folder.display().to_string()),
        again: again.map_or_else(
            || format!("brownout judge {}", folder.display()),
            str::to_owned,
        ),
        state: State::Judged(Box::new(Judged {
            plan,
            journal,
            verdicts,
            source,
        })),
    };
    (case, changes)
}

/// What is ruled differently now.
fn changes(before: &[Verdict], now: &[Verdict]) -> Vec<String> {
    let word = |verdict: &Verdict| match serde_json::to_value(verdict.ruling) {
        Ok(Value::String(word)) => word,
        _ => format!("{:?}", verdict.ruling),
    };
    let same = |one: &Verdict, other: &Verdict| {
        (&one.id, one.subject, one.place) == (&other.id, other.subject, other.place)
    };
    let mut changes = Vec::new();
    for verdict in now {
        match before.iter().find(|old| same(old, verdict)) {
            Some(old) if old.ruling == verdict.ruling => {}
            Some(old) => changes.push(format!(
                "{} was {}, is {}",
                verdict.id,
                word(old),
                word(verdict)
            )),
            // Without stored verdicts everything would be new.
            None if before.is_empty() => {}
            None => changes.push(format!("{} is new: {}", verdict.id, word(verdict))),
        }
    }
    let gone = before
        .iter()
        .filter(|old| !now.iter().any(|verdict| same(old, verdict)));
    changes.extend(gone.map(|old| format!("{} is gone, was {}", old.id, word(old))));
    changes
}

#[cfg(test)]
mod tests {
    use super::*;
    use invariants::Ruling;

    #[test]
    fn every_difference_is_told() {
        let verdict = |id: &str, ruling| Verdict {
            id: id.to_owned(),
            ..Verdict::of(ruling, "x", [])
        };
        let before = [
            verdict("a", Ruling::Holds),
            verdict("b", Ruling::Holds),
            verdict("d", Ruling::Holds),
        ];
        let now = [
            verdict("a", Ruling::Holds),
            verdict("b", Ruling::Violated),
            verdict("c", Ruling::NotApplicable),
        ];
        let expected = [
            "b was holds, is violated",
            "c is new: not-applicable",
            "d is gone, was holds",
        ];
        assert_eq!(changes(&before, &now), expected);
        assert!(changes(&[], &now).is_empty());
    }
}
