//! What holds for all rules together: ids, examples, prefixes, repetition, waivers, unscripted requests.

use std::collections::BTreeSet;

use proptest::prelude::*;
use scenario::Waiver;

use super::*;
use crate::example::{Example, says};
use crate::good;

/// Rules that say when a case proves nothing, and so convict nobody.
const NEVER_CONVICT: [&str; 2] = ["fault-delivered", "steps-were-taken"];

#[test]
fn ids_are_unique_and_kebab_case_and_groups_are_together() {
    let ids: BTreeSet<_> = RULES.iter().map(|rule| rule.id).collect();
    assert_eq!(ids.len(), RULES.len());
    let kebab = |id: &str| id.chars().all(|c| c.is_ascii_lowercase() || c == '-');
    assert!(ids.iter().all(|id| kebab(id)), "{ids:?}");
    let mut groups: Vec<_> = RULES.iter().map(|rule| rule.group).collect();
    groups.dedup();
    let unique: BTreeSet<_> = groups.iter().collect();
    assert_eq!(unique.len(), groups.len(), "{groups:?}");
    assert!(OF_RUNS.iter().all(|group| unique.contains(group)));
}

#[test]
fn every_rule_has_its_words_and_can_be_found() {
    for one in registry() {
        for text in [one.sentence, one.why, one.how, one.causes] {
            assert!(text.ends_with('.') && text.len() > 20, "{}: {text}", one.id);
        }
        assert_eq!(rule(one.id).map(|found| found.id), Some(one.id));
    }
    assert!(rule("no-such-rule").is_none());
}

#[test]
fn every_example_violates_its_rule_with_evidence_from_the_journal() {
    for rule in registry() {
        let (plan, journal) = (rule.violation)();
        let verdict = (rule.judge)(&plan, &journal);
        let expected = if NEVER_CONVICT.contains(&rule.id) {
            Ruling::Undecided
        } else {
            Ruling::Violated
        };
        assert_eq!(verdict.ruling, expected, "{}: {}", rule.id, verdict.because);
        assert!(!verdict.evidence.is_empty(), "{}", rule.id);
        assert!(verdict.evidence.is_sorted(), "{}", rule.id);
        let known = |seq: &u64| journal.records.iter().any(|record| record.seq == *seq);
        assert!(verdict.evidence.iter().all(known), "{}", rule.id);
    }
}

#[test]
fn no_rule_accuses_a_good_case() {
    for (name, (plan, journal)) in good::cases() {
        for verdict in judge(&plan, &journal) {
            let fine = matches!(verdict.ruling, Ruling::Holds | Ruling::NotApplicable);
            assert!(fine, "{name}: {verdict:?}");
        }
    }
}

#[test]
fn every_rule_is_kept_by_some_good_case() {
    let kept: BTreeSet<_> = good::cases()
        .into_iter()
        .flat_map(|(_, (plan, journal))| judge(&plan, &journal))
        .filter(|verdict| verdict.ruling == Ruling::Holds)
        .map(|verdict| verdict.id)
        .collect();
    for rule in registry() {
        assert!(
            kept.contains(rule.id),
            "{} is kept by no good case",
            rule.id
        );
    }
}

#[test]
fn a_prefix_of_a_good_case_accuses_nobody_and_is_never_green() {
    for (name, (plan, journal)) in good::cases() {
        for length in 0..journal.records.len() {
            let prefix = Journal {
                records: journal.records[..length].to_vec(),
            };
            for verdict in judge(&plan, &prefix) {
                assert_eq!(
                    verdict.ruling,
                    Ruling::Undecided,
                    "{name}[..{length}]: {verdict:?}"
                );
            }
        }
    }
}

#[test]
fn a_waiver_gives_its_reason_and_what_was_seen() {
    let (mut plan, journal) = (rule("failed-run-says-failed").expect("exists").violation)();
    plan.waivers.push(Waiver {
        invariant: "failed-run-says-failed".to_owned(),
        reason: "known, and reported upstream".to_owned(),
    });
    let verdicts = judge(&plan, &journal);
    let verdict = verdicts
        .iter()
        .find(|one| one.id == "failed-run-says-failed");
    let verdict = verdict.expect("is judged");
    assert_eq!(verdict.ruling, Ruling::Waived);
    assert!(
        verdict
            .because
            .starts_with("known, and reported upstream; seen: run 1")
    );
}

#[test]
fn what_follows_an_unscripted_request_proves_nothing_else() {
    let retry = |story: Example| {
        story
            .turn(1)
            .asks((1, 1, 1))
            .errs((1, 1, 1), 401, None)
            .asks((1, 1, 2))
            .provider(
                (1, 1, 2),
                Fact::Unscripted {
                    what: "call 1 attempt 2, a retry".to_owned(),
                },
            )
            .errs((1, 1, 2), 400, None)
            .completes(1, "done")
            .end()
    };
    let (plan, journal) = retry(Example::new());
    let ruling = |id: &str| {
        let verdicts = judge(&plan, &journal);
        verdicts
            .into_iter()
            .find(|one| one.id == id)
            .map(|one| one.ruling)
    };
    assert_eq!(ruling("no-unscripted-request"), Some(Ruling::Violated));
    assert_eq!(ruling("no-hopeless-retry"), Some(Ruling::Violated));
    assert_eq!(ruling("failed-run-says-failed"), Some(Ruling::Undecided));
}

/// The good cases, and every example that violates a rule.
fn every_case() -> Vec<(Plan, Journal)> {
    let good = good::cases().into_iter().map(|(_, case)| case);
    let bad = RULES.iter().map(|rule| (rule.violation)());
    good.chain(bad).collect()
}

proptest! {
    #[test]
    fn judging_any_records_never_panics_and_is_always_the_same(
        which in 0..every_case().len(),
        kept in proptest::collection::vec(any::<bool>(), 0..60),
        swapped in (0usize..60, 0usize..60),
    ) {
        let (plan, mut journal) = every_case().swap_remove(which);
        let mut keep = kept.into_iter();
        journal.records.retain(|_| keep.next().unwrap_or(true));
        let length = journal.records.len();
        if length > 0 {
            journal.records.swap(swapped.0 % length, swapped.1 % length);
        }
        let once = judge(&plan, &journal);
        prop_assert_eq!(once.len(), RULES.len() + plan.expectations.len());
        prop_assert_eq!(once, judge(&plan, &journal));
    }
}

#[test]
fn a_journal_without_any_record_decides_nothing() {
    let (plan, _) = Example::new()
        .turn(1)
        .exchange((1, 1, 1), says("Hi."))
        .end();
    let verdicts = judge(&plan, &Journal::default());
    assert!(
        verdicts
            .iter()
            .all(|verdict| verdict.ruling == Ruling::Undecided)
    );
}
