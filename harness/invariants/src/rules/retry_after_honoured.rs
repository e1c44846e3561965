//! A provider that asks for time gets it. Knows `Retry-After` as it was sent, and when the next request came.

use std::time::Duration;

use journal::{ErrorSent, Journal};
use scenario::Plan;

use crate::case::{Case, elapsed, seconds};
use crate::example::Example;
use crate::exchange::{Exchange, Started};
use crate::findings::{Findings, quoted};
use crate::verdict::{Rule, Verdict};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "retry-after-honoured",
    group: "retries",
    sentence: "`Retry-After` is honoured where it makes sense, and is never a reason for a hot loop.",
    why: "Who retries too early is limited for longer; who takes a negative wait for none hammers the provider.",
    how: "The next request of the call with the same credential and model comes no earlier than the seconds asked for, less 5 % or 50 ms, or than the moment that a date names, if that is within `bounds.retry_after_cap`; giving up is always allowed. Where `retry-after-ms` is shorter, it may be taken instead; alone it asks for nothing, since it is no standard. After a value that is no sensible wait (zero, negative, garbage, a date that is over, one beyond the cap) at least 100 ms pass. Undecided if the runner itself was late.",
    causes: "The header is read only on 429, only as an integer, or cut to the client's own maximum; `max(0, …)` is missing. Parse it once, for every status, and fall back to the usual backoff.",
    judge,
    violation,
};

/// The shortest wait between two attempts that is not a hot loop.
///
/// A target that does not wait at all needs some 30 ms for the next request, and twice as long on a machine that is busy.
const LEAST: Duration = Duration::from_millis(100);

fn judge(plan: &Plan, journal: &Journal) -> Verdict {
    let case = Case::new(plan, journal);
    if let Some(verdict) = case.cannot_see(&["provider"]) {
        return verdict;
    }
    let mut findings = Findings::default();
    for run in case.runs() {
        for call in run.calls() {
            for (index, refused) in call.iter().enumerate() {
                one(&case, refused, &call[index + 1..], &mut findings);
            }
        }
    }
    findings.verdict("answers with Retry-After")
}

fn one(case: &Case<'_>, refused: &Exchange<'_>, later: &[&Exchange<'_>], findings: &mut Findings) {
    let Some((head, asked)) = refused.started.and_then(asked_for) else {
        return;
    };
    let same = |later: &&&Exchange<'_>| {
        later.request.seq > head.record.seq
            && later.asked.credential == refused.asked.credential
            && later.asked.model == refused.asked.model
    };
    let Some(next) = later.iter().find(same) else {
        findings.kept();
        return;
    };
    let waited = elapsed(head.record, next.request);
    let cap = case.plan.bounds.retry_after_cap.0;
    let sensible = asked.wait().filter(|wait| *wait <= cap);
    let needed = sensible.map_or(LEAST, |wait| {
        let tolerance = (wait / 20).max(Duration::from_millis(50));
        wait.saturating_sub(tolerance)
    });
    if waited >= needed {
        findings.kept();
        return;
    }
    let because = format!(
        "Retry-After was {}, and {} came after {}",
        quoted(asked.value),
        next.name(),
        seconds(waited)
    );
    let shown = refused.shown().chain([next.request]);
    match case.lagged(head.record.t_ns, next.request.t_ns) {
        Some(late) => findings.undecided(
            format!("{because}, but the runner was late"),
            shown.chain([late]),
        ),
        None => findings.violated(because, shown),
    }
}

/// What an answer asks for.
#[derive(Clone, Copy)]
struct Asked<'a> {
    value: &'a str,
    /// Where that is a date: how far away it was.
    date: Option<Duration>,
    /// What `retry-after-ms` says, if it makes sense.
    shorter: Option<Duration>,
}

fn asked_for(head: Started<'_>) -> Option<(Started<'_>, Asked<'_>)> {
    let error = head.error?;
    let asked = Asked {
        value: error.retry_after.as_deref()?,
        date: error.retry_after_date_ms.map(Duration::from_millis),
        shorter: error.retry_after_ms.as_deref().and_then(milliseconds),
    };
    Some((head, asked))
}

impl Asked<'_> {
    /// The wait, where one is asked for that makes sense.
    fn wait(self) -> Option<Duration> {
        let wait = self.date.or_else(|| sensible(self.value))?;
        Some(self.shorter.map_or(wait, |shorter| shorter.min(wait)))
    }
}

fn milliseconds(asked: &str) -> Option<Duration> {
    sensible(asked).map(|wait| wait / 1000)
}

/// The wait, if it is a positive number of seconds. RFC 9110 allows whole ones; providers send fractions too.
fn sensible(asked: &str) -> Option<Duration> {
    let asked: f64 = asked.trim().parse().ok()?;
    let wait = Duration::try_from_secs_f64(asked).ok()?;
    (!wait.is_zero()).then_some(wait)
}

fn violation() -> (Plan, Journal) {
    waited("3", 200)
}

/// A second attempt so long after a `Retry-After` of this value.
fn waited(asked: &str, ms: u64) -> (Plan, Journal) {
    told(
        ErrorSent {
            retry_after: Some(asked.to_owned()),
            ..ErrorSent::default()
        },
        ms,
    )
}

/// A second attempt so long after this error.
fn told(error: ErrorSent, ms: u64) -> (Plan, Journal) {
    Example::new()
        .turn(1)
        .asks((1, 1, 1))
        .tells((1, 1, 1), 429, error)
        .after_ms(ms)
        .exchange((1, 1, 2), crate::example::says("Hi."))
        .end()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example::ruling;
    use crate::verdict::Ruling;
    use journal::Fact;

    #[test]
    fn the_whole_wait_holds_and_a_moment_convicts() {
        assert_eq!(ruling(&RULE, &waited("3", 3_000)), Ruling::Holds);
        assert_eq!(ruling(&RULE, &waited("1.5", 1_500)), Ruling::Holds);
        assert_eq!(ruling(&RULE, &waited("3", 2_700)), Ruling::Violated);
        assert_eq!(ruling(&RULE, &violation()), Ruling::Violated);
    }

    #[test]
    fn a_short_wait_is_kept_and_a_busy_machine_is_no_wait() {
        assert_eq!(ruling(&RULE, &waited("0.06", 60)), Ruling::Holds);
        assert_eq!(ruling(&RULE, &waited("-5", 76)), Ruling::Violated);
    }

    #[test]
    fn nonsense_is_no_reason_for_a_hot_loop() {
        for asked in [
            "-5",
            "nan",
            "0",
            "soon",
            "1e99",
            "Wed, 21 Oct 2015 07:28:00 GMT",
        ] {
            assert_eq!(
                ruling(&RULE, &waited(asked, 1)),
                Ruling::Violated,
                "{asked}"
            );
            assert_eq!(ruling(&RULE, &waited(asked, 200)), Ruling::Holds, "{asked}");
        }
    }

    #[test]
    fn a_date_is_a_wait_and_milliseconds_may_be_taken_instead() {
        let date = |date_ms| ErrorSent {
            retry_after: Some("Fri, 15 Jan 2027 08:00:03 GMT".to_owned()),
            retry_after_date_ms: Some(date_ms),
            ..ErrorSent::default()
        };
        assert_eq!(ruling(&RULE, &told(date(3_000), 2_960)), Ruling::Holds);
        assert_eq!(ruling(&RULE, &told(date(3_000), 2_000)), Ruling::Violated);
        // Beyond the cap.
        assert_eq!(ruling(&RULE, &told(date(86_400_000), 500)), Ruling::Holds);
        let both = |ms: &str| ErrorSent {
            retry_after: Some("1".to_owned()),
            retry_after_ms: Some(ms.to_owned()),
            ..ErrorSent::default()
        };
        assert_eq!(ruling(&RULE, &told(both("300"), 300)), Ruling::Holds);
        assert_eq!(ruling(&RULE, &told(both("300"), 200)), Ruling::Violated);
        assert_eq!(ruling(&RULE, &told(both("-1"), 300)), Ruling::Violated);
        let alone = ErrorSent {
            retry_after_ms: Some("3000".to_owned()),
            ..ErrorSent::default()
        };
        assert_eq!(ruling(&RULE, &told(alone, 500)), Ruling::NotApplicable);
    }

    #[test]
    fn beyond_the_cap_or_without_a_next_attempt_nothing_is_asked_for() {
        assert_eq!(ruling(&RULE, &waited("86400", 1_000)), Ruling::Holds);
        let given_up = Example::new()
            .turn(1)
            .asks((1, 1, 1))
            .errs((1, 1, 1), 429, Some("3"))
            .fails(1, "429");
        assert_eq!(ruling(&RULE, &given_up.end()), Ruling::Holds);
    }

    #[test]
    fn a_late_runner_makes_it_undecided() {
        let late = Example::new()
            .turn(1)
            .asks((1, 1, 1))
            .errs((1, 1, 1), 429, Some("3"))
            .runner(Fact::HeartbeatLagged { lag_ms: 900 })
            .after_ms(2_000)
            .asks((1, 1, 2));
        assert_eq!(ruling(&RULE, &late.end()), Ruling::Undecided);
    }
}
