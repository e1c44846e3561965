//! One case of the trial: run, judged, and reduced to what convicts.

use std::panic::{AssertUnwindSafe, catch_unwind};

use invariants::{Ruling, Subject, Verdict};
use journal::Journal;
use runner::CaseSettings;
use scenario::{Draw, Need, Plan, Scenario};

use crate::suspect::Suspect;

/// The seed of every plan.
const SEED: u64 = 0x5eed;

/// One case that is to be run.
pub(crate) struct Case {
    /// Which agent, by its place in the list.
    pub(crate) suspect: usize,
    /// Which scenario, by its place in the list.
    pub(crate) scenario: usize,
    /// What was decided.
    pub(crate) plan: Plan,
}

/// What came of a case.
pub(crate) struct Judged {
    /// Which agent.
    pub(crate) suspect: usize,
    /// Which scenario.
    pub(crate) scenario: usize,
    /// The scenario's name and whether replies were streamed, for people.
    pub(crate) name: String,
    /// Why it could not be judged at all.
    pub(crate) broken: Option<String>,
    /// Every verdict that is not green.
    pub(crate) convictions: Vec<Conviction>,
}

/// A verdict that is not green.
pub(crate) struct Conviction {
    /// The rule's id or the expectation's key.
    pub(crate) id: String,
    /// Whether it is a rule, not an expectation.
    pub(crate) is_rule: bool,
    /// Whether it is a conviction, not just undecided.
    pub(crate) is_violation: bool,
    /// What was seen.
    pub(crate) because: String,
    /// How many records prove it.
    pub(crate) evidence: usize,
    /// Whether one of them is the record of the mistake, where the rule is meant to convict it.
    pub(crate) shows_mistake: Option<bool>,
}

/// The plans of a scenario for an agent: streamed and whole, as far as it makes sense.
pub(crate) fn plans(suspect: &Suspect, scenario: &Scenario) -> Result<Vec<Plan>, String> {
    let mut plans = Vec::new();
    for streamed in [true, false] {
        let draw = Draw {
            streamed,
            judge_policy: suspect.is_embedded(),
            probe: suspect.target.lives_on(),
            ..match &suspect.target {
                runner::Target::Embedded(_) => Draw::new(SEED),
                runner::Target::Started(file) => Draw {
                    bounds: file.bounds.clone(),
                    markers: file.markers,
                    ..Draw::new(SEED)
                },
            }
        };
        let plan = Plan::draw(scenario, &draw).map_err(|refused| refused.to_string())?;
        let lacks_stream = !streamed && plan.needs.contains(&Need::Streamed);
        if !lacks_stream
            && suspect
                .target
                .lacks(&plan, suspect.is_embedded())
                .is_empty()
        {
            plans.push(plan);
        }
    }
    Ok(plans)
}

impl Case {
    /// Runs it and judges it.
    pub(crate) fn judge(&self, suspect: &Suspect, settings: &CaseSettings) -> Judged {
        let settings = CaseSettings {
            virtual_time: suspect.is_embedded(),
            ..settings.clone()
        };
        let streaming = if self.plan.streamed {
            "streamed"
        } else {
            "whole"
        };
        let mut judged = Judged {
            suspect: self.suspect,
            scenario: self.scenario,
            name: format!("{} [{streaming}]", self.plan.scenario),
            broken: None,
            convictions: Vec::new(),
        };
        let run = || runner::run_case(&self.plan, &suspect.target, &settings);
        match catch_unwind(AssertUnwindSafe(run)) {
            Ok(Ok(outcome)) => {
                let verdicts = invariants::judge(&self.plan, &outcome.journal);
                judged.convictions = convictions(suspect, &verdicts, &outcome.journal);
            }
            Ok(Err(error)) => judged.broken = Some(format!("failed to {error}")),
            Err(_) => judged.broken = Some("the case panicked".to_owned()),
        }
        judged
    }
}

fn convictions(suspect: &Suspect, verdicts: &[Verdict], journal: &Journal) -> Vec<Conviction> {
    let meant = suspect.defect.map_or(&[][..], |defect| defect.meant);
    let red = verdicts
        .iter()
        .filter(|verdict| matches!(verdict.ruling, Ruling::Violated | Ruling::Undecided));
    red.map(|verdict| {
        let meant = meant.iter().find(|meant| meant.rule == verdict.id);
        let shows = |is_mistake: fn(&journal::Fact) -> bool| {
            let mut records = journal.records.iter();
            records.any(|record| verdict.evidence.contains(&record.seq) && is_mistake(&record.fact))
        };
        Conviction {
            id: verdict.id.clone(),
            is_rule: verdict.subject == Subject::Invariant,
            is_violation: verdict.ruling == Ruling::Violated,
            because: verdict.because.clone(),
            evidence: verdict.evidence.len(),
            shows_mistake: meant.map(|meant| shows(meant.mistake)),
        }
    })
    .collect()
}
