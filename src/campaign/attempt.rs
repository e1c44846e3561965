//! One case from its plan to its verdicts, on whichever thread. Whatever happens, there is something to report.

use std::panic::{AssertUnwindSafe, catch_unwind};

use report::{Breakage, Case, Judged, State};
use runner::{CaseOutcome, CaseSettings, RunError, RunErrorKind, Target};

use super::folder::{CampaignFolder, StoredCase};
use super::matrix::Cell;
use crate::machine_clock::Stopwatch;

/// Where the command that does a case again is kept, among what only this machine decides.
pub(crate) const AGAIN: &str = "again";

/// What all cases of a campaign share.
pub(crate) struct Conduct<'a> {
    /// The system under test.
    pub(crate) target: &'a Target,
    /// How cases are run.
    pub(crate) settings: CaseSettings,
    /// Where they are stored.
    pub(crate) folder: &'a CampaignFolder,
    /// What has to follow `brownout run FILE` to do a case again, besides the cell.
    pub(crate) again: &'a [String],
}

impl Conduct<'_> {
    /// Runs and judges one case, and stores it.
    pub(crate) fn attempt(&self, cell: &Cell) -> Case {
        let watch = Stopwatch::start();
        let folder = self.folder.of_case(&cell.folder());
        let (state, folder) = match cell.skipped() {
            None => (self.run(cell, &folder), Some(folder)),
            Some(skipped) => (skipped, None),
        };
        let stored = matches!(state, State::Judged(_));
        let plan = &cell.plan;
        Case {
            scenario: plan.scenario.clone(),
            file: plan.file.clone(),
            title: plan.title.clone(),
            dialect: plan.dialect,
            streamed: plan.streamed,
            seed: plan.seed,
            wall: watch.elapsed(),
            folder: folder
                .filter(|_| stored)
                .map(|path| path.display().to_string()),
            again: self.again(cell),
            state,
        }
    }

    fn run(&self, cell: &Cell, folder: &std::path::Path) -> State {
        let run = || runner::run_case(&cell.plan, self.target, &self.settings);
        let outcome = match catch_unwind(AssertUnwindSafe(run)) {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(error)) => return broken(&error),
            Err(panic) => {
                let text = reference_agent::runtime::panic_text(&*panic);
                return State::Broken {
                    kind: Breakage::Bug,
                    message: format!("the case panicked: {text}"),
                };
            }
        };
        let stored = self.judge(cell, outcome);
        if let Err(error) = stored.write(folder) {
            return State::Broken {
                kind: Breakage::Environment,
                message: format!("failed to {error}"),
            };
        }
        State::Judged(Box::new(Judged {
            plan: stored.plan,
            journal: stored.journal,
            verdicts: stored.verdicts,
            source: stored.source,
        }))
    }

    fn judge(&self, cell: &Cell, outcome: CaseOutcome) -> StoredCase {
        let CaseOutcome {
            journal,
            mut machine,
        } = outcome;
        if let serde_json::Value::Object(machine) = &mut machine {
            machine.insert(AGAIN.to_owned(), self.again(cell).into());
        }
        StoredCase {
            verdicts: invariants::judge(&cell.plan, &journal),
            plan: cell.plan.clone(),
            journal,
            machine,
            source: cell.source.clone(),
        }
    }

    fn again(&self, cell: &Cell) -> String {
        let plan = &cell.plan;
        let mut words = vec!["brownout".to_owned(), "run".to_owned(), quoted(&plan.file)];
        words.extend(self.again.iter().map(|word| quoted(word)));
        words.extend([
            "--seed".to_owned(),
            format!("{:#x}", plan.seed),
            "--dialect".to_owned(),
            plan.dialect.as_str().to_owned(),
            "--streaming".to_owned(),
            report::streaming(plan.streamed).to_owned(),
        ]);
        words.join(" ")
    }
}

fn broken(error: &RunError) -> State {
    let kind = match error.kind() {
        RunErrorKind::Target => Breakage::Target,
        RunErrorKind::Machine => Breakage::Environment,
        RunErrorKind::Misuse => Breakage::Bug,
        RunErrorKind::Interrupted => Breakage::Interrupted,
    };
    State::Broken {
        kind,
        message: format!("failed to {error}"),
    }
}

/// A word as a shell takes it.
fn quoted(word: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./=:,+@%".contains(letter);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_survive_a_shell() {
        assert_eq!(quoted("scenarios/a.toml"), "scenarios/a.toml");
        assert_eq!(quoted("my file"), "'my file'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
        assert_eq!(quoted(""), "''");
    }
}
