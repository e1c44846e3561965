//! Demands on requests and on time.

use std::time::Duration;

use journal::Record;
use scenario::Expectation;

use super::ending::with_ending;
use super::{Seen, meant};
use crate::case::{Case, elapsed, seconds};
use crate::run::Run;

/// So many requests reached the provider, auxiliary ones and those of the probe not counted.
pub(super) fn count(case: &Case<'_>, expectation: &Expectation, wanted: u32) -> Seen {
    if let Some(unseen) = case.cannot_see(&["provider"]) {
        return Seen::not_applicable(unseen.because);
    }
    let runs = meant(case, expectation);
    let requests: Vec<_> = runs
        .iter()
        .flat_map(|run| {
            run.exchanges
                .iter()
                .chain(&run.late)
                .map(|exchange| exchange.request)
        })
        .collect();
    let plural = if requests.len() == 1 { "" } else { "s" };
    let because = format!("{} request{plural}", requests.len());
    Seen::counted(case, because, (requests.len(), wanted), requests)
}

/// From the first request to the ending at least so much time passed.
pub(super) fn takes_at_least(case: &Case<'_>, run: &Run<'_>, bound: Duration) -> Seen {
    let Some(first) = run.exchanges.first() else {
        return Seen::undecided("never asked the provider", [run.submitted]);
    };
    with_ending(case, run, |ending| {
        let took = elapsed(first.request, ending.record);
        timed(case, took >= bound, (first.request, ending.record))
    })
}

/// From the turn to the ending at most so much time passed.
pub(super) fn takes_at_most(case: &Case<'_>, run: &Run<'_>, bound: Duration) -> Seen {
    with_ending(case, run, |ending| {
        let took = elapsed(run.submitted, ending.record);
        timed(case, took <= bound, (run.submitted, ending.record))
    })
}

fn timed(case: &Case<'_>, kept: bool, (from, to): (&Record, &Record)) -> Seen {
    let because = format!("took {}", seconds(elapsed(from, to)));
    match case.lagged(from.t_ns, to.t_ns).filter(|_| !kept) {
        Some(late) => {
            let because = format!("{because}, but the runner was late");
            Seen::undecided(because, [from, late, to])
        }
        None => Seen::of(kept, because, [from, to]),
    }
}

#[cfg(test)]
mod tests {
    use journal::Fact;
    use scenario::Expected;

    use super::*;
    use crate::example::{Example, says};
    use crate::expectations::tests::{judged, ruled};
    use crate::verdict::Ruling;

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    fn at_least(bound: Duration) -> Expected {
        let mut wanted = Expected::TakesAtLeast(Default::default());
        if let Expected::TakesAtLeast(duration) = &mut wanted {
            duration.0 = bound;
        }
        wanted
    }

    fn at_most(bound: Duration) -> Expected {
        let mut wanted = Expected::TakesAtMost(Default::default());
        if let Expected::TakesAtMost(duration) = &mut wanted {
            duration.0 = bound;
        }
        wanted
    }

    /// A run of about three seconds.
    fn three_seconds() -> Example {
        Example::new()
            .turn(1)
            .asks((1, 1, 1))
            .errs((1, 1, 1), 429, None)
            .after_ms(3_000)
            .exchange((1, 1, 2), says("Hi."))
            .completes(1, "Hi.")
    }

    #[test]
    fn requests_are_counted_without_those_of_the_probe() {
        let story = || {
            three_seconds()
                .turn_in("probe", 2)
                .exchange((2, 1, 1), says("Still here."))
                .completes(2, "Still here.")
        };
        assert_eq!(ruled(story(), Expected::ProviderRequests(2)), Ruling::Holds);
        let verdict = judged(story(), Expected::ProviderRequests(1));
        assert_eq!(verdict.because, "2 requests");
        assert_eq!(verdict.ruling, Ruling::Violated);
    }

    #[test]
    fn time_is_measured_on_the_clock_of_the_case() {
        assert_eq!(ruled(three_seconds(), at_least(ms(3_000))), Ruling::Holds);
        assert_eq!(
            ruled(three_seconds(), at_least(ms(4_000))),
            Ruling::Violated
        );
        assert_eq!(ruled(three_seconds(), at_most(ms(4_000))), Ruling::Holds);
        assert_eq!(ruled(three_seconds(), at_most(ms(2_000))), Ruling::Violated);
    }

    #[test]
    fn a_late_runner_makes_it_undecided() {
        let late = Example::new()
            .turn(1)
            .asks((1, 1, 1))
            .after_ms(3_000)
            .runner(Fact::HeartbeatLagged { lag_ms: 2_000 })
            .answers((1, 1, 1), says("Hi."))
            .completes(1, "Hi.");
        assert_eq!(ruled(late, at_most(ms(2_000))), Ruling::Undecided);
    }
}
