//! The faults of the scenario took place. Knows what became of each.

use std::collections::BTreeMap;

use journal::{Fact, FaultOutcome, Journal, Record};
use scenario::Plan;

use crate::case::Case;
use crate::example::{Example, fault, says};
use crate::findings::Findings;
use crate::verdict::{Rule, Verdict};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "fault-delivered",
    group: "harness",
    sentence: "Every fault of the scenario was carried out, exactly as written.",
    why: "A fault that never happened proves nothing: everything looks green.",
    how: "Each fault is verified at its own socket. *Undelivered* is a bug of brownout, and undecided; so is a fault that the target never got to, shown with the last thing it did. One that the target left first, or that this exchange has no place for, is as good as delivered.",
    causes: "The target made fewer attempts than the scenario scripts, or gave up earlier. If the scenario tells how the reference agent does it, waive this for others, or split the scenario.",
    judge,
    violation,
};

fn judge(plan: &Plan, journal: &Journal) -> Verdict {
    let case = Case::new(plan, journal);
    let mut findings = Findings::default();
    let mut entries: BTreeMap<usize, Vec<&Record>> = BTreeMap::new();
    for record in case.records {
        if let Fact::Fault { entry, .. } = record.fact {
            entries.entry(entry).or_default().push(record);
        }
    }
    let all = entries.values().flatten();
    for record in all.filter(|record| outcome(record) == Some(FaultOutcome::Undelivered)) {
        undelivered(record, &mut findings);
    }
    for records in entries.values() {
        let unreached = |record: &&&Record| outcome(record) == Some(FaultOutcome::Unreached);
        let reached = records.iter().any(|record| !unreached(&record));
        match records.iter().find(unreached) {
            Some(record) if !reached => never_reached(&case, record, &mut findings),
            _ => findings.kept(),
        }
    }
    findings.verdict("faults")
}

fn outcome(record: &Record) -> Option<FaultOutcome> {
    match record.fact {
        Fact::Fault { outcome, .. } => Some(outcome),
        _ => None,
    }
}

fn undelivered(record: &Record, findings: &mut Findings) {
    if let Fact::Fault {
        point,
        action,
        expected,
        observed,
        ..
    } = &record.fact
    {
        let because = format!(
            "{action} {point} was not delivered, which is a bug of brownout: {expected} should have left, and {observed} did"
        );
        findings.undecided(because, [record]);
    }
}

fn never_reached(case: &Case<'_>, record: &Record, findings: &mut Findings) {
    let Fact::Fault { point, action, .. } = &record.fact else {
        return;
    };
    let last = case.exchanges.last();
    let did = match last.map(|last| (last.request.run, last.name())) {
        Some((Some(run), name)) => format!("its last request was {name} of run {run}"),
        Some((None, _)) => "its last request belonged to no run".to_owned(),
        None => "it never asked the provider".to_owned(),
    };
    let is_ending = |fact: &Fact| matches!(fact, Fact::Terminal { .. });
    let ending = case.all(is_ending).last();
    let shown = last.map(|last| last.last()).into_iter().chain(ending);
    let because = format!("the target never got to {action} {point}: {did}");
    findings.undecided(because, shown.chain([record]));
}

/// The rule convicts nobody: this is as far as it goes.
fn violation() -> (Plan, Journal) {
    with(FaultOutcome::Undelivered)
}

fn with(outcome: FaultOutcome) -> (Plan, Journal) {
    Example::new()
        .turn(1)
        .exchange((1, 1, 1), says("Hi."))
        .provider((1, 1, 1), fault("reset", outcome))
        .end()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example::ruling;
    use crate::verdict::Ruling;

    #[test]
    fn delivered_superseded_and_inapplicable_hold_and_the_rest_is_undecided() {
        for (outcome, expected) in [
            (FaultOutcome::Delivered, Ruling::Holds),
            (FaultOutcome::Superseded, Ruling::Holds),
            (FaultOutcome::Inapplicable, Ruling::Holds),
            (FaultOutcome::Unreached, Ruling::Undecided),
            (FaultOutcome::Undelivered, Ruling::Undecided),
        ] {
            assert_eq!(ruling(&RULE, &with(outcome)), expected, "{outcome:?}");
        }
        assert_eq!(ruling(&RULE, &violation()), Ruling::Undecided);
    }

    #[test]
    fn the_last_thing_that_the_target_did_is_named() {
        let (plan, journal) = with(FaultOutcome::Unreached);
        let verdict = judge(&plan, &journal);
        assert_eq!(
            verdict.because,
            "the target never got to reset after 4 bytes of text: its last request was call 1 attempt 1 of run 1"
        );
    }

    #[test]
    fn once_is_enough_for_an_entry_that_answers_several_requests() {
        let (plan, mut journal) = with(FaultOutcome::Delivered);
        let again = with(FaultOutcome::Unreached).1.records;
        journal
            .records
            .extend(again.into_iter().filter(|record| outcome(record).is_some()));
        assert_eq!(ruling(&RULE, &(plan, journal)), Ruling::Holds);
    }
}
