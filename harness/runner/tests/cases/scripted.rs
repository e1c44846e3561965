//! Targets that are small scripts, and what is asked of them. Knows no habit of any.

use std::fs;
use std::sync::Arc;

use journal::{Fact, Journal};
use runner::{CaseSettings, RunError, Target, TargetFile, run_case};
use scenario::{Draw, Plan};
use tempfile::TempDir;

use crate::plans::{ONE_TURN, facts, plan};

pub(crate) fn settings() -> CaseSettings {
    let path = std::env::var("PATH").unwrap_or_default();
    CaseSettings {
        inherited: [("PATH".to_owned(), path)].into(),
        ..CaseSettings::default()
    }
}

pub(crate) struct Scripted {
    pub(crate) target: Target,
    /// Where the script is, as long as this is.
    pub(crate) folder: TempDir,
}

pub(crate) fn target(adapter: &str, more: &str, script: &str) -> Scripted {
    let folder = tempfile::tempdir().expect("can be made");
    fs::write(folder.path().join("target.py"), script).expect("can be written");
    let text = format!("format = 1\nname = \"scripted\"\nadapter = \"{adapter}\"\n{more}");
    let file = TargetFile::parse(&text, folder.path())
        .unwrap_or_else(|mistakes| panic!("{mistakes:#?}\n{text}"));
    Scripted {
        target: Target::Started(Arc::new(file)),
        folder,
    }
}

pub(crate) fn planned(target: &Scripted) -> Plan {
    planned_with(target, ONE_TURN)
}

pub(crate) fn planned_with(target: &Scripted, body: &str) -> Plan {
    let Target::Started(file) = &target.target else {
        panic!("is started by command");
    };
    let draw = Draw {
        bounds: file.bounds.clone(),
        probe: target.target.lives_on(),
        ..Draw::new(3)
    };
    plan(body, &draw)
}

pub(crate) fn run(target: &Scripted) -> Journal {
    let outcome = run_case(&planned(target), &target.target, &settings());
    outcome.expect("the case can be run").journal
}

pub(crate) fn refused(target: &Scripted) -> RunError {
    let outcome = run_case(&planned(target), &target.target, &settings());
    outcome.expect_err("the case cannot be run")
}

pub(crate) fn exits(journal: &Journal) -> Vec<&Fact> {
    let mut all = facts(journal);
    all.retain(|fact| matches!(fact, Fact::ProcessExited { .. }));
    all
}
