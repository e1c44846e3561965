//! The user's steps went as the scenario says. Knows which waits were in vain.

use journal::{Fact, Journal};
use scenario::Plan;

use crate::case::Case;
use crate::example::Example;
use crate::findings::Findings;
use crate::verdict::{Rule, Verdict};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "steps-were-taken",
    group: "harness",
    sentence: "What the scenario waits for came in time.",
    why: "A stop that was meant for the middle of a stream proves nothing if the stream never began.",
    how: "No wait of the scenario ran out. Where one did, it is undecided: what was waited for is a demand of the scenario only where it is also expected.",
    causes: "The target does not show what is waited for, takes another way, or is slower than the bound. Give the wait a longer bound, or expect what you wait for.",
    judge,
    violation,
};

fn judge(plan: &Plan, journal: &Journal) -> Verdict {
    let case = Case::new(plan, journal);
    let mut findings = Findings::default();
    for record in case.records {
        match record.fact {
            Fact::StepStarted { .. } => findings.kept(),
            Fact::WaitTimedOut { step, within_ms } => {
                let number = step + 1;
                let because = format!("step {number} waited {within_ms}ms for what never came");
                let begun = case.find(
                    |fact| matches!(fact, Fact::StepStarted { step: begun, .. } if *begun == step),
                );
                findings.undecided(because, begun.into_iter().chain([record]));
            }
            _ => {}
        }
    }
    findings.verdict("steps")
}

fn waiting() -> Example {
    Example::new().runner(Fact::StepStarted {
        step: 1,
        action: "wait_for".to_owned(),
    })
}

/// The rule convicts nobody: this is as far as it goes.
fn violation() -> (Plan, Journal) {
    waiting()
        .after_ms(5_000)
        .runner(Fact::WaitTimedOut {
            step: 1,
            within_ms: 5_000,
        })
        .end()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example::ruling;
    use crate::verdict::Ruling;

    #[test]
    fn a_wait_that_was_met_holds_and_one_in_vain_is_undecided() {
        assert_eq!(ruling(&RULE, &waiting().end()), Ruling::Holds);
        let (plan, journal) = violation();
        let verdict = judge(&plan, &journal);
        assert_eq!(
            (verdict.ruling, verdict.evidence),
            (Ruling::Undecided, vec![2, 3])
        );
        assert_eq!(verdict.because, "step 2 waited 5000ms for what never came");
    }
}
