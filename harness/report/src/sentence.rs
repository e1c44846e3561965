//! Every fact as one line a person can read: `#14 +0.031s provider  call 1 attempt 1: reset after 9 bytes of tool arguments`.
//!
//! A sentence says what was observed and never what it means. One module per actor.

mod client;
mod provider;
mod runner;
mod target;

use journal::{Fact, Journal, Record, Usage};
use scenario::Plan;

/// Writes records of one case as lines.
#[derive(Debug, Clone, Copy)]
pub struct Teller<'a> {
    plan: &'a Plan,
}

impl<'a> Teller<'a> {
    /// A teller for the case that `plan` decided.
    #[must_use]
    pub const fn new(plan: &'a Plan) -> Self {
        Self { plan }
    }

    /// One record as a line.
    #[must_use]
    pub fn line(&self, record: &Record) -> String {
        #[expect(
            clippy::cast_precision_loss,
            reason = "three digits of a second are shown"
        )]
        let at = record.t_ns as f64 / 1e9;
        let actor = record.actor.as_str();
        let subject = self.subject(record);
        let colon = if subject.is_empty() { "" } else { ": " };
        let said = sentence(&record.fact);
        format!(
            "#{} +{at:.3}s {actor:<8}  {subject}{colon}{said}",
            record.seq
        )
    }

    /// The records with these numbers, in the order of the journal, as lines.
    pub fn lines(&self, journal: &Journal, evidence: &[u64]) -> Vec<String> {
        let proves = |record: &&Record| evidence.contains(&record.seq);
        let records = journal.records.iter().filter(proves);
        records.map(|record| self.line(record)).collect()
    }

    /// `run 2 call 1 attempt 1`; the run is left out where there is only one to speak of.
    fn subject(&self, record: &Record) -> String {
        let mut words = Vec::new();
        if let Some(run) = record.run {
            words.extend(self.run(run));
        }
        words.extend(record.call.map(|call| format!("call {call}")));
        words.extend(record.attempt.map(|attempt| format!("attempt {attempt}")));
        words.join(" ")
    }

    fn run(&self, run: u32) -> Option<String> {
        let turns = self.plan.runs.iter().filter(|planned| !planned.probe);
        let is_probe = |planned: &scenario::PlannedRun| planned.probe && planned.run == run;
        if self.plan.runs.iter().any(is_probe) {
            return Some("probe".to_owned());
        }
        (turns.count() > 1 || run != 1).then(|| format!("run {run}"))
    }
}

/// What was observed, without who, when and about what.
#[must_use]
pub fn sentence(fact: &Fact) -> String {
    provider::sentence(fact)
        .or_else(|| client::sentence(fact))
        .or_else(|| target::sentence(fact))
        .or_else(|| runner::sentence(fact))
        .unwrap_or_else(|| "something that this version does not know".to_owned())
}

fn usage(usage: Usage) -> String {
    format!("{} tokens in, {} out", usage.input, usage.output)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example;

    #[test]
    fn every_kind_of_fact_has_its_sentence() {
        let (plan, journal) = example::every_fact();
        let teller = Teller::new(&plan);
        let lines: Vec<_> = journal
            .records
            .iter()
            .map(|record| teller.line(record))
            .collect();
        insta::assert_snapshot!(lines.join("\n"));
        let nameless = lines.iter().filter(|line| line.contains("does not know"));
        assert_eq!(nameless.count(), 1, "only what is unknown may be");
    }
}
