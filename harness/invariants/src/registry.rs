//! All verdicts on a case: every rule, then every expectation; what is waived, what is too short, what proves nothing.

use journal::{Fact, Journal, Record};
use scenario::Plan;

use crate::case::Case;
use crate::expectations;
use crate::rules::RULES;
use crate::verdict::{Rule, Ruling, Subject, Verdict};

/// Groups whose rules judge what a run does, and so nothing after a request that the scenario has no answer to.
const OF_RUNS: [&str; 8] = [
    "ending", "streams", "tools", "retries", "time", "cancel", "recovery", "accounts",
];

/// Every rule, in the order in which verdicts are given: by group.
#[must_use]
pub fn registry() -> &'static [Rule] {
    &RULES
}

/// The rule with this id.
#[must_use]
pub fn rule(id: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.id == id)
}

/// Every verdict on a case: all rules in the order of [`registry`], then all expectations in the order of the plan.
#[must_use]
pub fn judge(plan: &Plan, journal: &Journal) -> Vec<Verdict> {
    let case = Case::new(plan, journal);
    let rules = RULES.iter().map(|rule| {
        let mut verdict = (rule.judge)(plan, journal);
        rule.id.clone_into(&mut verdict.id);
        verdict.subject = Subject::Invariant;
        let verdict = whole(&case, verdict);
        let verdict = if OF_RUNS.contains(&rule.group) {
            scripted(&case, verdict)
        } else {
            verdict
        };
        waived(plan, verdict)
    });
    let expectations = plan.expectations.iter().map(|expectation| {
        let verdict = whole(&case, expectations::judge(&case, expectation));
        expectations::as_policy(plan, expectation, scripted(&case, verdict))
    });
    rules.chain(expectations).collect()
}

/// What was seen in a journal without an end may still have changed; only a violation stands.
fn whole(case: &Case<'_>, verdict: Verdict) -> Verdict {
    if case.ended || verdict.ruling == Ruling::Violated {
        return verdict;
    }
    Verdict {
        because: format!(
            "the journal ends before the case, so far: {}",
            verdict.because
        ),
        ruling: Ruling::Undecided,
        ..verdict
    }
}

/// What a run does after a request that nothing answers proves nothing but that request.
fn scripted(case: &Case<'_>, verdict: Verdict) -> Verdict {
    let decisive = verdict.evidence.last().and_then(|seq| case.record(*seq));
    let (Ruling::Violated, Some(decisive)) = (verdict.ruling, decisive) else {
        return verdict;
    };
    let is_unscripted = |record: &&Record| {
        let same = record.run.is_some() && record.run == decisive.run;
        matches!(record.fact, Fact::Unscripted { .. }) && same && record.seq < decisive.seq
    };
    let Some(unscripted) = case.records.iter().find(is_unscripted) else {
        return verdict;
    };
    let mut evidence = verdict.evidence;
    evidence.push(unscripted.seq);
    evidence.sort_unstable();
    evidence.dedup();
    Verdict {
        because: format!("{}, after a request that nothing answers", verdict.because),
        ruling: Ruling::Undecided,
        evidence,
        ..verdict
    }
}

fn waived(plan: &Plan, verdict: Verdict) -> Verdict {
    let waiver = plan
        .waivers
        .iter()
        .find(|waiver| waiver.invariant == verdict.id);
    let Some(waiver) = waiver else {
        return verdict;
    };
    let because = match verdict.ruling {
        Ruling::Violated | Ruling::Undecided => {
            format!("{}; seen: {}", waiver.reason, verdict.because)
        }
        Ruling::Holds | Ruling::NotApplicable | Ruling::Waived => waiver.reason.clone(),
    };
    Verdict {
        because,
        ruling: Ruling::Waived,
        ..verdict
    }
}

#[cfg(test)]
mod tests;
