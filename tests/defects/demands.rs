//! What is demanded of the judges, and every demand that was not met, as sentences.

use std::collections::{BTreeMap, BTreeSet};

use defective_agent::Defect;

use crate::case::{Conviction, Judged};
use crate::trial::Record;

/// Rules that no defect can break, and why.
pub(crate) const EXCUSED: [(&str, &str); 2] = [
    (
        "fault-delivered",
        "it judges brownout's own work: what an agent does makes a fault unreached or superseded, never undelivered",
    ),
    (
        "steps-were-taken",
        "it says that a case proves less than was meant, and by design convicts nobody",
    ),
];

/// Every demand that was not met.
pub(crate) fn check(record: &Record) -> Vec<String> {
    let mut complaints = Vec::new();
    for case in &record.cases {
        of_case(record, case, &mut complaints);
    }
    for (index, suspect) in record.suspects.iter().enumerate() {
        if let Some(defect) = suspect.defect {
            let cases: Vec<&Judged> = of_suspect(record, index).collect();
            of_defect(record, defect, &cases, &mut complaints);
        }
    }
    if record.is_whole {
        of_rules(record, &mut complaints);
        of_scenarios(record, &mut complaints);
    }
    complaints
}

/// The cases of one agent.
pub(crate) fn of_suspect(record: &Record, index: usize) -> impl Iterator<Item = &Judged> {
    record
        .cases
        .iter()
        .filter(move |case| case.suspect == index)
}

fn of_case(record: &Record, case: &Judged, complaints: &mut Vec<String>) {
    let suspect = &record.suspects[case.suspect];
    let (who, name) = (suspect.name(), &case.name);
    if let Some(broken) = &case.broken {
        complaints.push(format!("{who} could not be judged in {name}: {broken}"));
    }
    for conviction in &case.convictions {
        let Conviction { id, because, .. } = conviction;
        let what = if conviction.is_violation {
            "convicted by"
        } else {
            "left undecided by"
        };
        let Some(defect) = suspect.defect else {
            complaints.push(format!(
                "the agent that ships is {what} {id} in {name}: {because}"
            ));
            continue;
        };
        if !conviction.is_violation || !conviction.is_rule {
            continue;
        }
        if !is_declared(defect, id) {
            complaints.push(format!(
                "{who} is convicted by {id}, which it does not declare, in {name}: {because}"
            ));
        }
        if conviction.evidence == 0 {
            complaints.push(format!(
                "{who} is convicted by {id} without evidence in {name}: {because}"
            ));
        } else if conviction.shows_mistake == Some(false) {
            complaints.push(format!(
                "{who} is convicted by {id} without the record of its mistake in {name}: {because}"
            ));
        }
    }
}

fn is_declared(defect: &Defect, rule: &str) -> bool {
    defect.meant.iter().any(|meant| meant.rule == rule) || defect.also.contains(&rule)
}

fn of_defect(record: &Record, defect: &Defect, cases: &[&Judged], complaints: &mut Vec<String>) {
    let name = defect.name;
    let known = |rule: &str| invariants::rule(rule).is_some();
    let declared = defect.meant.iter().map(|meant| meant.rule);
    for rule in declared
        .chain(defect.also.iter().copied())
        .filter(|rule| !known(rule))
    {
        complaints.push(format!("{name} declares {rule}, which is no rule"));
    }
    if record.is_whole {
        let convicting: BTreeSet<&str> = cases.iter().flat_map(|case| rules_of(case)).collect();
        let escaped = defect
            .meant
            .iter()
            .filter(|meant| !convicting.contains(meant.rule));
        complaints.extend(escaped.map(|meant| format!("{name} escapes {}", meant.rule)));
    }
    for wanted in defect.shown_by {
        let tried = record
            .scenarios
            .iter()
            .position(|scenario| scenario == wanted);
        match tried {
            Some(scenario)
                if cases
                    .iter()
                    .any(|case| case.scenario == scenario && is_convicted(case)) => {}
            Some(_) => complaints.push(format!("{name} escapes {wanted}")),
            None if record.is_whole => {
                complaints.push(format!("{name} names {wanted}, which is no scenario"))
            }
            None => {}
        }
    }
}

/// The rules that convict in a case.
pub(crate) fn rules_of(case: &Judged) -> impl Iterator<Item = &str> {
    let rules = case
        .convictions
        .iter()
        .filter(|one| one.is_rule && one.is_violation);
    rules.map(|one| one.id.as_str())
}

/// Whether anything convicts in a case: a rule, or what the scenario expects.
pub(crate) fn is_convicted(case: &Judged) -> bool {
    case.convictions.iter().any(|one| one.is_violation)
}

fn of_rules(record: &Record, complaints: &mut Vec<String>) {
    let defects = record.suspects.iter().filter_map(|suspect| suspect.defect);
    let meant: BTreeSet<&str> = defects
        .flat_map(|defect| defect.meant.iter().map(|meant| meant.rule))
        .collect();
    let excused = |rule: &str| EXCUSED.iter().any(|(excused, _)| *excused == rule);
    for rule in invariants::registry() {
        if !meant.contains(rule.id) && !excused(rule.id) {
            complaints.push(format!(
                "{} convicts nothing: no defect is meant for it",
                rule.id
            ));
        }
    }
}

/// Which scenarios convict which agent, by their places in the lists.
pub(crate) fn convicting(record: &Record) -> BTreeMap<usize, BTreeSet<usize>> {
    let mut convicting: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    for case in record.cases.iter().filter(|case| is_convicted(case)) {
        convicting
            .entry(case.suspect)
            .or_default()
            .insert(case.scenario);
    }
    convicting
}

/// Each scenario convicts a defect that fewer than half of the others convict.
fn of_scenarios(record: &Record, complaints: &mut Vec<String>) {
    let convicting = convicting(record);
    let others = record.scenarios.len() - 1;
    for (index, scenario) in record.scenarios.iter().enumerate() {
        let found: Vec<(usize, &BTreeSet<usize>)> = convicting
            .iter()
            .filter(|(suspect, by)| {
                record.suspects[**suspect].defect.is_some() && by.contains(&index)
            })
            .map(|(suspect, by)| (*suspect, by))
            .collect();
        if found.is_empty() {
            complaints.push(format!("{scenario} convicts nothing"));
        } else if !found.iter().any(|(_, by)| 2 * (by.len() - 1) < others) {
            let names: Vec<&str> = found
                .iter()
                .map(|(suspect, _)| record.suspects[*suspect].name())
                .collect();
            let names = names.join(", ");
            complaints.push(format!(
                "{scenario} convicts only what half of the others convict: {names}"
            ));
        }
    }
}
