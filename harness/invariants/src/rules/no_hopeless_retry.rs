//! What cannot succeed is not tried again. Knows errors, and the requests that followed them.

use journal::{ErrorSent, Fact, Journal};
use scenario::Plan;

use crate::case::Case;
use crate::example::Example;
use crate::exchange::{Answer, Exchange};
use crate::findings::Findings;
use crate::verdict::{Rule, Verdict};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "no-hopeless-retry",
    group: "retries",
    sentence: "What cannot succeed is not tried again with the same credential and model.",
    why: "A wrong key that is tried six times gets the account locked, and an empty account is billed for the attempts.",
    how: "After a 401, 402, 403, 404 or a used-up quota no request of the call follows with the same credential and model; after a 400, 413 or 422 none with the same body. Another key, another model or a shortened request is another attempt, and whoever is told `x-should-retry: true` may obey.",
    causes: "Every status that is not 200 is retried. Classify by status and code, and retry only 408, 409, 429, 5xx and broken connections.",
    judge,
    violation,
};

/// Codes of a 429 that no waiting helps against. Source: OpenAI's list of error codes.
const QUOTA: [&str; 6] = [
    "insufficient_quota",
    "credit_balance_exhausted",
    "organization_spend_limit_exceeded",
    "project_spend_limit_exceeded",
    "organization_usage_limit_exceeded",
    "billing_hard_limit_reached",
];

fn judge(plan: &Plan, journal: &Journal) -> Verdict {
    let case = Case::new(plan, journal);
    if let Some(verdict) = case.cannot_see(&["provider"]) {
        return verdict;
    }
    let mut findings = Findings::default();
    for run in case.runs() {
        for call in run.calls() {
            for (index, refused) in call.iter().enumerate() {
                let later = call[index + 1..].iter().copied();
                one(refused, later, &mut findings);
            }
        }
    }
    findings.verdict("answers that no repetition can change")
}

fn one<'a, 'b: 'a>(
    refused: &Exchange<'b>,
    mut later: impl Iterator<Item = &'a Exchange<'b>>,
    findings: &mut Findings,
) {
    let Some(status) = refused.status().filter(|_| is_hopeless(refused)) else {
        return;
    };
    // What was asked before the answer was known is no repetition of it.
    let known = refused.started.map_or(u64::MAX, |head| head.record.seq);
    let again = later.find(|later| later.request.seq > known && is_same(refused, later, status));
    let Some(again) = again else {
        findings.kept();
        return;
    };
    let because = format!(
        "{} of run {} followed a {status}, with the same credential and model",
        again.name(),
        again.address().0
    );
    findings.violated(because, refused.shown().chain([again.request]));
}

fn is_hopeless(exchange: &Exchange<'_>) -> bool {
    let invited = exchange
        .error()
        .is_some_and(|error| error.should_retry == Some(true));
    if exchange.answer() != Answer::Error || invited {
        return false;
    }
    match exchange.status() {
        Some(400..=404 | 413 | 422) => true,
        Some(429) => exchange.error().is_some_and(is_quota),
        _ => false,
    }
}

fn is_quota(error: &ErrorSent) -> bool {
    QUOTA.contains(&error.code.as_str())
}

fn is_same(refused: &Exchange<'_>, later: &Exchange<'_>, status: u16) -> bool {
    let (one, other) = (refused.asked, later.asked);
    let about_the_body = matches!(status, 400 | 413 | 422);
    one.credential == other.credential
        && one.model == other.model
        && (!about_the_body || one.digest == other.digest)
}

fn violation() -> (Plan, Journal) {
    Example::new()
        .turn(1)
        .asks((1, 1, 1))
        .errs((1, 1, 1), 401, None)
        .after_ms(500)
        .asks((1, 1, 2))
        .provider(
            (1, 1, 2),
            Fact::Unscripted {
                what: "call 1 attempt 2, a retry".to_owned(),
            },
        )
        .end()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example::{ruling, says};
    use crate::verdict::Ruling;
    use journal::Journal;

    fn after(status: u16) -> (Plan, Journal) {
        Example::new()
            .turn(1)
            .asks((1, 1, 1))
            .errs((1, 1, 1), status, None)
            .after_ms(500)
            .exchange((1, 1, 2), says("Hi."))
            .end()
    }

    /// Changes the second request.
    fn second((plan, mut journal): (Plan, Journal), change: impl Fn(&mut Fact)) -> (Plan, Journal) {
        let is_request = |fact: &Fact| matches!(fact, Fact::Request { .. });
        let requests = journal
            .records
            .iter_mut()
            .filter(|record| is_request(&record.fact));
        requests.skip(1).for_each(|record| change(&mut record.fact));
        (plan, journal)
    }

    #[test]
    fn what_can_pass_may_be_tried_again_and_what_cannot_may_not() {
        for status in [408, 409, 429, 500, 503, 529] {
            assert_eq!(
                ruling(&RULE, &after(status)),
                Ruling::NotApplicable,
                "{status}"
            );
        }
        for status in [400, 401, 402, 403, 404, 413, 422] {
            assert_eq!(ruling(&RULE, &after(status)), Ruling::Violated, "{status}");
        }
    }

    #[test]
    fn another_credential_or_a_shorter_request_is_another_attempt() {
        let rotated = second(after(401), |fact| {
            if let Fact::Request { credential, .. } = fact {
                "canary-2".clone_into(credential);
            }
        });
        assert_eq!(ruling(&RULE, &rotated), Ruling::Holds);
        let shorter = |fact: &mut Fact| {
            if let Fact::Request { digest, .. } = fact {
                "ff".clone_into(digest);
            }
        };
        assert_eq!(ruling(&RULE, &second(after(400), shorter)), Ruling::Holds);
        assert_eq!(
            ruling(&RULE, &second(after(401), shorter)),
            Ruling::Violated
        );
    }

    #[test]
    fn a_used_up_quota_is_final() {
        let (plan, mut journal) = after(429);
        for record in &mut journal.records {
            if let Fact::ResponseStarted {
                error: Some(error), ..
            } = &mut record.fact
            {
                "insufficient_quota".clone_into(&mut error.code);
            }
        }
        assert_eq!(ruling(&RULE, &(plan, journal)), Ruling::Violated);
    }

    #[test]
    fn who_is_told_to_retry_may_obey() {
        let told = |should_retry| {
            let error = ErrorSent {
                should_retry: Some(should_retry),
                ..ErrorSent::default()
            };
            let told = Example::new().turn(1).asks((1, 1, 1));
            let told = told.tells((1, 1, 1), 400, error).after_ms(500);
            told.exchange((1, 1, 2), says("Hi.")).end()
        };
        assert_eq!(ruling(&RULE, &told(true)), Ruling::NotApplicable);
        assert_eq!(ruling(&RULE, &told(false)), Ruling::Violated);
    }

    #[test]
    fn the_retry_itself_is_the_evidence() {
        let (plan, journal) = violation();
        let verdict = judge(&plan, &journal);
        let last = verdict.evidence.last().copied().expect("has evidence");
        let retry = journal.records.iter().find(|record| record.seq == last);
        assert_eq!(retry.and_then(|record| record.attempt), Some(2));
    }
}
