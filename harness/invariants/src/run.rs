//! One user turn: what its client saw, and its exchanges with the provider. Knows no rule.

use journal::{Actor, Fact, Record, Terminal, Usage};

use crate::exchange::Exchange;

/// One run of a case.
#[derive(Debug, Clone)]
pub(crate) struct Run<'a> {
    /// Counted from 1.
    pub(crate) number: u32,
    /// The record that gave the turn to the target.
    pub(crate) submitted: &'a Record,
    /// The session it belongs to.
    pub(crate) session: &'a str,
    /// Whether it is the probe after the faults.
    pub(crate) probe: bool,
    /// Every record about it.
    pub(crate) records: Vec<&'a Record>,
    /// Its exchanges up to its ending, auxiliary ones left out.
    pub(crate) exchanges: Vec<Exchange<'a>>,
    /// Its exchanges after its ending, as far as they are nobody else's: before the session goes on.
    pub(crate) late: Vec<Exchange<'a>>,
}

/// A terminal event, or a process that ended with its answer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ending<'a> {
    /// Its record.
    pub(crate) record: &'a Record,
    /// How the target says the run ended.
    pub(crate) terminal: Terminal,
    /// The answer.
    pub(crate) output: Option<&'a str>,
    /// The error.
    pub(crate) error: Option<&'a str>,
    /// The tokens.
    pub(crate) usage: Option<Usage>,
    /// Whether it was asked for, and not told by the target on its own.
    pub(crate) polled: bool,
}

impl<'a> Run<'a> {
    /// The first record of the run that `wanted` accepts.
    pub(crate) fn find(&self, wanted: impl Fn(&Fact) -> bool) -> Option<&'a Record> {
        self.records
            .iter()
            .find(|record| wanted(&record.fact))
            .copied()
    }

    /// Every terminal of the run, in the order of receipt.
    pub(crate) fn endings(&self) -> Vec<Ending<'a>> {
        self.records
            .iter()
            .filter_map(|record| ending(record))
            .collect()
    }

    /// How the run ended: what the target told on its own comes before what it said when asked.
    pub(crate) fn ending(&self) -> Option<Ending<'a>> {
        let endings = self.endings();
        let told = endings.iter().find(|ending| !ending.polled);
        told.or(endings.first()).copied()
    }

    /// The ending, if the run ended like this.
    pub(crate) fn ended_as(&self, terminal: Terminal) -> Option<Ending<'a>> {
        self.ending().filter(|ending| ending.terminal == terminal)
    }

    /// The target took the turn.
    pub(crate) fn accepted(&self) -> Option<&'a Record> {
        self.find(|fact| matches!(fact, Fact::RunAccepted))
    }

    /// The target refused the turn.
    pub(crate) fn refused(&self) -> Option<&'a Record> {
        self.find(|fact| matches!(fact, Fact::RunRefused { .. }))
    }

    /// The run had no ending within its bound.
    pub(crate) fn timed_out(&self) -> Option<&'a Record> {
        self.find(|fact| matches!(fact, Fact::RunTimedOut { .. }))
    }

    /// The client asked for the run to be stopped.
    pub(crate) fn stop_requested(&self) -> Option<&'a Record> {
        self.find(|fact| matches!(fact, Fact::StopRequested))
    }

    /// The target took the stop.
    pub(crate) fn stop_taken(&self) -> Option<&'a Record> {
        self.find(|fact| matches!(fact, Fact::StopAnswered { status: 200..=299 }))
    }

    /// The target took the stop, or was sent the signal that is one: a process of its own has no other way to be told.
    pub(crate) fn stop_taken_or_signalled(&self) -> Option<&'a Record> {
        let is_answer = |fact: &Fact| matches!(fact, Fact::StopAnswered { .. });
        let is_process = |fact: &Fact| matches!(fact, Fact::ProcessStarted);
        let signalled = self.find(is_answer).is_none() && self.find(is_process).is_some();
        let signal = self.stop_requested().filter(|_| signalled);
        self.stop_taken().or(signal)
    }

    /// The client left on purpose.
    pub(crate) fn disconnected(&self) -> Option<&'a Record> {
        self.find(|fact| matches!(fact, Fact::Disconnected))
    }

    /// What the client saw, one part for each time it listened.
    ///
    /// A target may say everything again to a client that comes back, so each part stands for itself.
    pub(crate) fn parts(&self) -> Vec<Vec<&'a Record>> {
        let seen = self.records.iter().copied();
        let seen = seen.filter(|record| record.actor == Actor::Client);
        let (mut parts, mut listened) = (vec![Vec::new()], 0);
        for record in seen {
            listened += u32::from(matches!(record.fact, Fact::Subscribed));
            // What comes before the first time belongs to it: the turn was given, and taken.
            if listened > 1 && matches!(record.fact, Fact::Subscribed) {
                parts.push(Vec::new());
            }
            if let Some(part) = parts.last_mut() {
                part.push(record);
            }
        }
        parts.retain(|part| !part.is_empty());
        parts
    }

    /// The text of the answer that the client was left with: the longest of what it saw each time it listened.
    pub(crate) fn delivered(&self) -> String {
        let texts = self.parts().into_iter().map(|part| standing(&part));
        texts.max_by_key(String::len).unwrap_or_default()
    }

    /// The exchanges of the last call.
    pub(crate) fn last_call(&self) -> Vec<&Exchange<'a>> {
        let last = self.exchanges.iter().map(Exchange::call).max();
        let of_last = |exchange: &&Exchange<'a>| Some(exchange.call()) == last;
        self.exchanges.iter().filter(of_last).collect()
    }

    /// The exchanges of each call that was made, by call.
    pub(crate) fn calls(&self) -> Vec<Vec<&Exchange<'a>>> {
        let mut numbers: Vec<_> = self.exchanges.iter().map(Exchange::call).collect();
        numbers.sort_unstable();
        numbers.dedup();
        let of = |call: u32| {
            let same = |exchange: &&Exchange<'a>| exchange.call() == call;
            self.exchanges.iter().filter(same).collect()
        };
        numbers.into_iter().map(of).collect()
    }

    /// `run 2`, `the probe run`.
    pub(crate) fn name(&self) -> String {
        if self.probe {
            return "the probe run".to_owned();
        }
        format!("run {}", self.number)
    }
}

/// What stands of the text, with what was declared void taken out again.
pub(crate) fn standing(part: &[&Record]) -> String {
    let mut text = String::new();
    for record in part {
        match &record.fact {
            Fact::TextDelivered { text: new } => text.push_str(new),
            Fact::TextSuperseded { text: void } => {
                if let Some(at) = text.rfind(void.as_str()) {
                    text.replace_range(at..at + void.len(), "");
                }
            }
            _ => {}
        }
    }
    text
}

fn ending(record: &Record) -> Option<Ending<'_>> {
    let Fact::Terminal {
        terminal,
        output,
        error,
        usage,
        via,
    } = &record.fact
    else {
        return None;
    };
    Some(Ending {
        record,
        terminal: *terminal,
        output: output.as_deref(),
        error: error.as_deref(),
        usage: *usage,
        polled: via == "status",
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::Case;
    use crate::example::Example;

    #[test]
    fn what_was_declared_void_does_not_stand() {
        let (plan, journal) = Example::new()
            .turn(1)
            .delivers(1, "Let me lo")
            .client(
                1,
                Fact::TextSuperseded {
                    text: "Let me lo".to_owned(),
                },
            )
            .delivers(1, "I look.")
            .end();
        let runs = Case::new(&plan, &journal).runs();
        assert_eq!(runs[0].delivered(), "I look.");
        assert_eq!(runs[0].parts().len(), 1);
    }

    #[test]
    fn what_the_target_told_comes_before_what_it_answered() {
        let polled = Fact::Terminal {
            terminal: Terminal::Failed,
            output: None,
            error: None,
            usage: None,
            via: "status".to_owned(),
        };
        let (plan, journal) = Example::new().turn(1).client(1, polled).cancels(1).end();
        let runs = Case::new(&plan, &journal).runs();
        let ending = runs[0].ending().expect("has ended");
        assert_eq!(ending.terminal, Terminal::Cancelled);
    }

    #[test]
    fn a_signal_is_a_stop_only_for_a_process_of_the_runs_own() {
        let stop = |story: Example| {
            let (plan, journal) = story.client(1, Fact::StopRequested).end();
            let runs = Case::new(&plan, &journal).runs();
            runs[0].stop_taken_or_signalled().is_some()
        };
        assert!(!stop(Example::new().turn(1)));
        assert!(stop(Example::new().turn(1).client(1, Fact::ProcessStarted)));
    }
}
