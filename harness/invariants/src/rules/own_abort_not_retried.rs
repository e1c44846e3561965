//! Nobody repeats what they broke off themselves. Knows stops and the requests after them.

use std::time::Duration;

use journal::{Journal, Record, Terminal};
use scenario::Plan;

use crate::case::{Case, elapsed, seconds};
use crate::example::{Example, says_partly};
use crate::exchange::Exchange;
use crate::findings::Findings;
use crate::run::Run;
use crate::verdict::{Rule, Verdict};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "own-abort-not-retried",
    group: "cancel",
    sentence: "The target's own abort is never taken for a broken connection and tried again.",
    why: "The stopped run begins anew behind the user's back: stopping is what makes it go on.",
    how: "Once the target has taken a stop, or has told that the run is cancelled (because it shuts down, say), the provider sees no further request of that run. A request that crossed the stop, or came within half a second of the ending, decides nothing.",
    causes: "The abort surfaces as a connection error in the layer that retries connection errors. Flag the request as aborted before its socket is closed, and ask for the flag before each attempt.",
    judge,
    violation,
};

fn judge(plan: &Plan, journal: &Journal) -> Verdict {
    let case = Case::new(plan, journal);
    if let Some(verdict) = case.cannot_see(&["provider"]) {
        return verdict;
    }
    let mut findings = Findings::default();
    for run in case.runs() {
        if let Some(aborted) = aborted(&run) {
            one(&run, &aborted, &mut findings);
        }
    }
    findings.verdict("runs that were stopped or told as cancelled")
}

/// A request that comes this soon after the ending was told was on its way.
const CROSSING: Duration = Duration::from_millis(500);

/// How the target said that a run is not to go on.
#[derive(Debug)]
enum Aborted<'a> {
    /// It took a stop.
    Stopped(&'a Record),
    /// Nobody had stopped it, and it told an ending of its own: `cancelled`.
    Told(&'a Record),
}

fn aborted<'a>(run: &Run<'a>) -> Option<Aborted<'a>> {
    let told = || run.ended_as(Terminal::Cancelled);
    let stopped = run.stop_taken().map(Aborted::Stopped);
    stopped.or_else(|| told().map(|ending| Aborted::Told(ending.record)))
}

impl<'a> Aborted<'a> {
    const fn record(&self) -> &'a Record {
        match self {
            Self::Stopped(record) | Self::Told(record) => record,
        }
    }

    const fn word(&self) -> &'static str {
        match self {
            Self::Stopped(_) => "stopped",
            Self::Told(_) => "told as cancelled",
        }
    }

    fn is_defied_by(&self, request: &Record) -> bool {
        let crossing = match self {
            Self::Stopped(_) => Duration::ZERO,
            Self::Told(_) => CROSSING,
        };
        request.seq > self.record().seq && elapsed(self.record(), request) >= crossing
    }
}

fn one(run: &Run<'_>, aborted: &Aborted<'_>, findings: &mut Findings) {
    let defies = |one: &&Exchange<'_>| aborted.is_defied_by(one.request);
    let Some(again) = run.exchanges.iter().chain(&run.late).find(defies) else {
        findings.kept();
        return;
    };
    let because = format!(
        "{} came {} after {} was {}",
        again.name(),
        seconds(elapsed(aborted.record(), again.request)),
        run.name(),
        aborted.word()
    );
    let before = run
        .exchanges
        .iter()
        .rfind(|one| one.request.seq < aborted.record().seq);
    let before = before.map(|before| before.request);
    let shown = before.into_iter().chain(run.stop_requested());
    findings.violated(because, shown.chain([aborted.record(), again.request]));
}

fn violation() -> (Plan, Journal) {
    Example::new()
        .turn(1)
        .asks((1, 1, 1))
        .stops(1)
        .leaves((1, 1, 1), says_partly("I could"))
        .after_ms(200)
        .asks((1, 1, 2))
        .end()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example::{ruling, says};
    use crate::verdict::Ruling;
    use journal::Fact;

    #[test]
    fn silence_after_a_stop_holds_and_a_new_request_convicts() {
        let good = Example::new()
            .turn(1)
            .asks((1, 1, 1))
            .stops(1)
            .leaves((1, 1, 1), says_partly("I"))
            .cancels(1)
            .turn(2)
            .exchange((2, 1, 1), says("Of course."));
        assert_eq!(ruling(&RULE, &good.end()), Ruling::Holds);
        let (plan, journal) = violation();
        assert_eq!(judge(&plan, &journal).evidence, [6, 7, 8, 12]);
    }

    #[test]
    fn a_summary_for_the_next_turn_is_no_retry_although_it_repeats_the_marker() {
        let stopped = Example::new()
            .turn(1)
            .asks((1, 1, 1))
            .stops(1)
            .leaves((1, 1, 1), says_partly("I"))
            .cancels(1);
        let retried = stopped.clone().asks((1, 1, 2)).end();
        assert_eq!(ruling(&RULE, &retried), Ruling::Violated);
        let summary = stopped.turn(2).exchange((1, 1, 2), says("They talked."));
        assert_eq!(ruling(&RULE, &summary.end()), Ruling::Holds);
    }

    #[test]
    fn a_run_that_a_shutdown_has_cancelled_asks_for_nothing_more() {
        let told = |ms: u64| {
            let story = Example::new()
                .turn(1)
                .asks((1, 1, 1))
                .errs((1, 1, 1), 503, None)
                .runner(Fact::ShutdownRequested)
                .cancels(1);
            story.after_ms(ms).asks((1, 1, 2)).end()
        };
        assert_eq!(ruling(&RULE, &told(2_000)), Ruling::Violated);
        let crossed = ruling(&RULE, &told(20));
        assert_eq!(crossed, Ruling::Holds, "it was on its way");
    }

    #[test]
    fn a_run_that_goes_on_until_it_is_over_may_ask_during_a_shutdown() {
        let drained = Example::new()
            .turn(1)
            .asks((1, 1, 1))
            .errs((1, 1, 1), 503, None)
            .runner(Fact::ShutdownRequested)
            .after_ms(2_000)
            .exchange((1, 1, 2), says("Done."))
            .completes(1, "Done.");
        assert_eq!(ruling(&RULE, &drained.end()), Ruling::NotApplicable);
    }

    #[test]
    fn a_request_that_crossed_the_stop_is_no_retry() {
        let crossed = Example::new()
            .turn(1)
            .client(1, Fact::StopRequested)
            .asks((1, 1, 1))
            .client(1, Fact::StopAnswered { status: 200 });
        assert_eq!(ruling(&RULE, &crossed.end()), Ruling::Holds);
    }
}
