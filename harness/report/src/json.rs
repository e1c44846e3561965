//! The report for programs. Public and stable: `format` is raised when an old reader would misread a new report, and new
//! keys may be added without that.
//!
//! Top level: `format`, `campaign` (its id), `target`, `seed`, `virtual_time`, `wall_ms`, `simulated_ms` (0 in real time),
//! `selected`, `cases_by_conclusion` (`holds`, `violated`, `undecided`, `skipped`, `broken`), `verdicts_by_ruling` (`holds`,
//! `violated`, `undecided`, `not_applicable`, `waived`) and `cases`, sorted by name and cell. A case has `name`, `file`,
//! `title`, `dialect`, `streamed`, `seed`, `conclusion`, `wall_ms`, `simulated_ms`, `again`, and where there is one `folder`;
//! then, by conclusion: `verdicts` (each with `id`, `subject`, `ruling`, `because`, `evidence` as numbers of records, `place`),
//! or `needs` and `reasons` (each where there are any), or `breakage` and `message`.

use std::time::Duration;

use invariants::Verdict;
use serde::Serialize;

use crate::campaign::{Campaign, Rulings, Totals};
use crate::case::{Case, State};

/// The version of this format.
pub const FORMAT: u32 = 1;

#[derive(Serialize)]
struct CampaignForm<'a> {
    format: u32,
    campaign: &'a str,
    target: &'a str,
    seed: u64,
    virtual_time: bool,
    wall_ms: u64,
    simulated_ms: u64,
    selected: usize,
    cases_by_conclusion: CasesForm,
    verdicts_by_ruling: RulingsForm,
    cases: Vec<CaseForm<'a>>,
}

#[derive(Serialize)]
struct CasesForm {
    holds: usize,
    violated: usize,
    undecided: usize,
    skipped: usize,
    broken: usize,
}

#[derive(Serialize)]
struct RulingsForm {
    holds: usize,
    violated: usize,
    undecided: usize,
    not_applicable: usize,
    waived: usize,
}

#[derive(Serialize)]
struct CaseForm<'a> {
    name: &'a str,
    file: &'a str,
    title: &'a str,
    dialect: &'a str,
    streamed: bool,
    seed: u64,
    conclusion: &'a str,
    wall_ms: u64,
    simulated_ms: u64,
    again: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    folder: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    verdicts: Option<&'a [Verdict]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    needs: Option<&'a [String]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasons: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    breakage: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'a str>,
}

/// The campaign as a JSON document, with a line end.
#[must_use]
pub fn render(campaign: &Campaign) -> String {
    let totals = campaign.totals();
    let simulated = if campaign.virtual_time {
        totals.simulated
    } else {
        Duration::ZERO
    };
    let form = CampaignForm {
        format: FORMAT,
        campaign: &campaign.id,
        target: &campaign.target,
        seed: campaign.seed,
        virtual_time: campaign.virtual_time,
        wall_ms: millis(campaign.wall),
        simulated_ms: millis(simulated),
        selected: campaign.selected,
        cases_by_conclusion: CasesForm::from(&totals),
        verdicts_by_ruling: RulingsForm::from(totals.verdicts),
        cases: campaign.cases.iter().map(CaseForm::from).collect(),
    };
    serde_json::to_string_pretty(&form).expect("these types have no map with other keys than text")
        + "\n"
}

impl From<&Totals> for CasesForm {
    fn from(totals: &Totals) -> Self {
        Self {
            holds: totals.holds,
            violated: totals.violated,
            undecided: totals.undecided,
            skipped: totals.skipped,
            broken: totals.broken,
        }
    }
}

impl From<Rulings> for RulingsForm {
    fn from(rulings: Rulings) -> Self {
        Self {
            holds: rulings.holds,
            violated: rulings.violated,
            undecided: rulings.undecided,
            not_applicable: rulings.not_applicable,
            waived: rulings.waived,
        }
    }
}

impl<'a> From<&'a Case> for CaseForm<'a> {
    fn from(case: &'a Case) -> Self {
        let needs = match &case.state {
            State::Skipped { needs, .. } => Some(needs.as_slice()),
            State::Judged(_) | State::Broken { .. } => None,
        };
        let reasons = Some(case.reasons()).filter(|reasons| !reasons.is_empty());
        let (breakage, message) = match &case.state {
            State::Broken { kind, message } => (Some(kind.as_str()), Some(message.as_str())),
            State::Judged(_) | State::Skipped { .. } => (None, None),
        };
        Self {
            name: &case.scenario,
            file: &case.file,
            title: &case.title,
            dialect: case.dialect.as_str(),
            streamed: case.streamed,
            seed: case.seed,
            conclusion: case.conclusion().as_str(),
            wall_ms: millis(case.wall),
            simulated_ms: millis(case.simulated()),
            again: &case.again,
            folder: case.folder.as_deref(),
            verdicts: case.judged().map(|judged| judged.verdicts.as_slice()),
            needs: needs.filter(|needs| !needs.is_empty()),
            reasons,
            breakage,
            message,
        }
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example;

    #[test]
    fn the_whole_campaign() {
        insta::assert_snapshot!(render(&example::campaign()));
    }
}
