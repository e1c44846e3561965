//! A plan and its journal, looked at together. What every rule starts from; knows no rule.

use std::time::Duration;

use journal::{Fact, Journal, Record};
use scenario::Plan;

use crate::exchange::{Exchange, exchanges};
use crate::run::Run;
use crate::verdict::{Ruling, Verdict};

/// A case as rules look at it.
#[derive(Debug)]
pub(crate) struct Case<'a> {
    /// What was decided before.
    pub(crate) plan: &'a Plan,
    /// Everything that was recorded.
    pub(crate) records: &'a [Record],
    /// Every exchange with the provider, auxiliary ones too.
    pub(crate) exchanges: Vec<Exchange<'a>>,
    /// Whether the journal goes to the end of the case, so that what is absent did not happen.
    pub(crate) ended: bool,
}

impl<'a> Case<'a> {
    /// Looks at a plan and its journal.
    pub(crate) fn new(plan: &'a Plan, journal: &'a Journal) -> Self {
        let records = journal.records.as_slice();
        let is_end = |record: &Record| matches!(record.fact, Fact::CaseEnded);
        Self {
            plan,
            records,
            exchanges: exchanges(records),
            ended: records.iter().any(is_end),
        }
    }

    /// Whether the target shows this: `provider`, `terminal`, `events`, `process`, `lifecycle`, `tasks`.
    pub(crate) fn observes(&self, what: &str) -> bool {
        self.records.iter().any(|record| match &record.fact {
            Fact::CaseStarted { observes, .. } => observes.iter().any(|one| one == what),
            _ => false,
        })
    }

    /// *Not applicable*, where the target does not show what a rule needs.
    pub(crate) fn cannot_see(&self, needed: &[&str]) -> Option<Verdict> {
        let missing = needed.iter().find(|what| !self.observes(what))?;
        let because = format!("this target does not show its {missing}");
        Some(Verdict::of(Ruling::NotApplicable, because, []))
    }

    /// Every record that `wanted` accepts.
    pub(crate) fn all(&self, wanted: impl Fn(&Fact) -> bool) -> impl Iterator<Item = &'a Record> {
        self.records
            .iter()
            .filter(move |record| wanted(&record.fact))
    }

    /// The first record that `wanted` accepts.
    pub(crate) fn find(&self, wanted: impl Fn(&Fact) -> bool) -> Option<&'a Record> {
        self.all(wanted).next()
    }

    /// The record with this number.
    pub(crate) fn record(&self, seq: u64) -> Option<&'a Record> {
        self.records.iter().find(|record| record.seq == seq)
    }

    /// Every run that was given to the target, the probe included, in order.
    pub(crate) fn runs(&self) -> Vec<Run<'a>> {
        self.records
            .iter()
            .filter_map(|record| self.run(record))
            .collect()
    }

    fn run(&self, submitted: &'a Record) -> Option<Run<'a>> {
        let (Fact::RunSubmitted { session, probe, .. }, Some(number)) =
            (&submitted.fact, submitted.run)
        else {
            return None;
        };
        let of_run = |record: &&Record| record.run == Some(number);
        let mut run = Run {
            number,
            submitted,
            session: self.conversation(session),
            probe: *probe,
            records: self.records.iter().filter(of_run).collect(),
            exchanges: Vec::new(),
            late: Vec::new(),
        };
        let ended = run.ending().map_or(u64::MAX, |ending| ending.record.seq);
        let next = self.next_of_session(&run).max(ended);
        for exchange in &self.exchanges {
            let asked = exchange.request.seq;
            match exchange.request.run {
                Some(of) if of != number || exchange.asked.auxiliary => {}
                None => {}
                Some(_) if asked < ended => run.exchanges.push(exchange.clone()),
                Some(_) if asked < next => run.late.push(exchange.clone()),
                // The next turn's history still carries this run's marks: a summary of it, say.
                Some(_) => {}
            }
        }
        Some(run)
    }

    /// The conversation that a session belongs to: at a prompt there is only one, whatever the plan calls it.
    fn conversation(&self, session: &'a str) -> &'a str {
        match self.find(|fact| matches!(fact, Fact::PromptShown)) {
            Some(_) => "the prompt",
            None => session,
        }
    }

    /// When the next turn of the same session was given to the target.
    fn next_of_session(&self, run: &Run<'a>) -> u64 {
        let next = self.records.iter().find(|record| {
            let after = record.seq > run.submitted.seq;
            after && matches!(&record.fact, Fact::RunSubmitted { session, .. } if self.conversation(session) == run.session)
        });
        next.map_or(u64::MAX, |next| next.seq)
    }

    /// A record of the runner's own lateness that touches this stretch of time.
    pub(crate) fn lagged(&self, from_ns: u64, to_ns: u64) -> Option<&'a Record> {
        self.records.iter().find(|record| {
            let Fact::HeartbeatLagged { lag_ms } = record.fact else {
                return false;
            };
            let began = record.t_ns.saturating_sub(lag_ms.saturating_mul(1_000_000));
            record.t_ns >= from_ns && began <= to_ns
        })
    }

    /// Whether connections were refused at any time in this stretch of records.
    pub(crate) fn was_unreachable(&self, from_seq: u64, to_seq: u64) -> bool {
        let mut closed = false;
        for record in self
            .records
            .iter()
            .take_while(|record| record.seq <= to_seq)
        {
            match record.fact {
                Fact::ListenerClosed => closed = true,
                Fact::ListenerReopened if record.seq < from_seq => closed = false,
                _ => {}
            }
        }
        closed
    }

    /// Whether the target was told to end, or had died, before this record.
    pub(crate) fn was_ending(&self, seq: u64) -> bool {
        let is_end = |fact: &Fact| {
            matches!(
                fact,
                Fact::ShutdownRequested
                    | Fact::ProcessExited {
                        expected: false,
                        ..
                    }
            )
        };
        self.all(is_end).any(|record| record.seq < seq)
    }
}

/// The time from one record to another; nothing if the order is the other way round.
pub(crate) fn elapsed(from: &Record, to: &Record) -> Duration {
    Duration::from_nanos(to.t_ns.saturating_sub(from.t_ns))
}

/// A time as people write it: `1.250s`.
pub(crate) fn seconds(time: Duration) -> String {
    format!("{}.{:03}s", time.as_secs(), time.subsec_millis())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example::Example;

    #[test]
    fn a_closed_listener_counts_until_it_is_open_again() {
        let (plan, journal) = Example::new()
            .runner(Fact::ListenerClosed)
            .runner(Fact::FaultsLifted)
            .runner(Fact::ListenerReopened)
            .runner(Fact::FaultsLifted)
            .end();
        let case = Case::new(&plan, &journal);
        assert!(case.was_unreachable(3, 3));
        assert!(case.was_unreachable(3, 5), "it was closed at the start");
        assert!(!case.was_unreachable(5, 6));
        assert!(!case.was_unreachable(1, 1));
    }

    #[test]
    fn lateness_touches_the_time_before_it_was_noticed() {
        let (plan, journal) = Example::new()
            .after_ms(1_000)
            .runner(Fact::HeartbeatLagged { lag_ms: 400 })
            .end();
        let case = Case::new(&plan, &journal);
        let at = |ms: u64| ms * 1_000_000;
        assert!(case.lagged(at(700), at(800)).is_some());
        assert!(case.lagged(at(100), at(500)).is_none());
        assert!(case.lagged(at(1_100), at(1_200)).is_none());
    }

    #[test]
    fn what_is_not_shown_is_named() {
        let (plan, journal) = Example::observing(&["provider"]).end();
        let case = Case::new(&plan, &journal);
        assert!(case.cannot_see(&["provider"]).is_none());
        let unseen = case
            .cannot_see(&["provider", "events"])
            .expect("is not shown");
        assert_eq!(unseen.because, "this target does not show its events");
    }
}
