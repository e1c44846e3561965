//! Whether what a `wait_for` waits for is in the records, or can no longer come. Pure.

use journal::{Actor, Fact, FaultOutcome, Record, Terminal};
use scenario::{Awaited, TerminalName};

/// What the records say about something awaited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Look {
    /// It is there.
    Come,
    /// It cannot come any more.
    Hopeless,
    /// It may still come.
    NotYet,
}

/// How one run stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Standing {
    /// Its latest ending.
    pub(crate) terminal: Option<Terminal>,
    /// The target did not take it.
    pub(crate) refused: bool,
    /// The target's own process is gone.
    pub(crate) orphaned: bool,
}

impl Standing {
    /// How `run` stands by these records.
    pub(crate) fn of(run: u32, records: &[Record]) -> Self {
        let mut standing = Self::default();
        records.iter().for_each(|record| standing.see(run, record));
        standing
    }

    /// Takes one more record into account.
    pub(crate) const fn see(&mut self, run: u32, record: &Record) {
        let of_run = matches!(record.run, Some(of) if of == run);
        match &record.fact {
            // Processes of a single turn are recorded about that turn; this one is the target itself.
            Fact::ProcessExited { .. } if record.run.is_none() => self.orphaned = true,
            Fact::Terminal { terminal, .. } if of_run => self.terminal = Some(*terminal),
            Fact::RunRefused { .. } if of_run => self.refused = true,
            _ => {}
        }
    }

    /// Whether nothing that matters can follow for the run.
    pub(crate) const fn is_over(self) -> bool {
        self.terminal.is_some() || self.refused || self.orphaned
    }
}

/// Looks for something as records come in, each of them once.
#[derive(Debug)]
pub(crate) struct Lookout<'a> {
    awaited: &'a Awaited,
    run: u32,
    /// The target's name for the tool that is awaited, if one is.
    tool: String,
    standing: Standing,
    text: String,
    come: bool,
}

impl<'a> Lookout<'a> {
    /// Looks for `awaited` of `run`. `tool` gives the target's name for a neutral tool.
    pub(crate) fn new(awaited: &'a Awaited, run: u32, tool: impl Fn(&str) -> String) -> Self {
        let tool = match awaited {
            Awaited::Tool(name) => tool(name),
            _ => String::new(),
        };
        Self {
            awaited,
            run,
            tool,
            standing: Standing::default(),
            text: String::new(),
            come: false,
        }
    }

    /// Takes the records that are new, and says how it looks after all of them.
    pub(crate) fn look(&mut self, fresh: &[Record]) -> Look {
        for record in fresh {
            self.standing.see(self.run, record);
            self.come |= self.is_it(record);
        }
        // A fault may come after the ending: at the end marker, or on the idle connection.
        let hopeless = match self.awaited {
            Awaited::Fault => self.standing.refused || self.standing.orphaned,
            _ => self.standing.is_over(),
        };
        match (self.come, hopeless) {
            (true, _) => Look::Come,
            (false, true) => Look::Hopeless,
            (false, false) => Look::NotYet,
        }
    }

    fn is_it(&mut self, record: &Record) -> bool {
        let of_run = record.run == Some(self.run);
        match (self.awaited, &record.fact) {
            (Awaited::Terminal(name), Fact::Terminal { terminal: seen, .. }) => {
                of_run && *seen == terminal(*name)
            }
            (Awaited::AnyTerminal, Fact::Terminal { .. }) => of_run,
            (Awaited::Text(text), Fact::TextDelivered { text: piece }) if of_run => {
                self.text.push_str(piece);
                self.text.contains(text)
            }
            (Awaited::Tool(_), _) => of_run && began(record, &self.tool),
            (Awaited::Fault, fact) => (of_run || record.run.is_none()) && is_fault(fact),
            (Awaited::Request { call, attempt }, Fact::Request { .. }) => {
                of_run && record.call == Some(*call) && record.attempt == Some(*attempt)
            }
            _ => false,
        }
    }
}

const fn terminal(name: TerminalName) -> Terminal {
    match name {
        TerminalName::Completed => Terminal::Completed,
        TerminalName::Failed => Terminal::Failed,
        TerminalName::Cancelled => Terminal::Cancelled,
    }
}

fn began(record: &Record, name: &str) -> bool {
    match &record.fact {
        Fact::ToolAnnounced { tool } => tool == name,
        Fact::ToolStarted { tool, .. } => record.actor == Actor::Target && tool == name,
        // Its result comes back, so it has begun: seen even of a target that announces nothing.
        Fact::Request {
            tool_calls,
            tool_results,
            ..
        } => tool_results.iter().any(|result| {
            let mut calls = tool_calls.iter();
            calls.any(|call| call.id == result.id && call.tool == name)
        }),
        _ => false,
    }
}

const fn is_fault(fact: &Fact) -> bool {
    matches!(
        fact,
        Fact::Fault {
            outcome: FaultOutcome::Delivered,
            ..
        }
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use journal::{Recorder, Subject};
    use std::sync::Arc;
    use std::time::Duration;

    fn records(facts: Vec<(Actor, Subject, Fact)>) -> Vec<Record> {
        let recorder = Recorder::new(Arc::new(|| Duration::ZERO), Arc::new(|| {}));
        for (actor, subject, fact) in facts {
            recorder.record(actor, subject, fact);
        }
        recorder.journal().records
    }

    fn ended(run: u32, terminal: Terminal) -> (Actor, Subject, Fact) {
        let fact = Fact::Terminal {
            terminal,
            output: None,
            error: None,
            usage: None,
            via: "events".to_owned(),
        };
        (Actor::Client, Subject::run(run), fact)
    }

    fn text(run: u32, text: &str) -> (Actor, Subject, Fact) {
        let text = text.to_owned();
        (
            Actor::Client,
            Subject::run(run),
            Fact::TextDelivered { text },
        )
    }

    fn looked(awaited: &Awaited, records: &[Record]) -> Look {
        Lookout::new(awaited, 1, str::to_owned).look(records)
    }

    #[test]
    fn text_may_come_in_pieces_and_only_of_its_run() {
        let awaited = Awaited::Text("two files".to_owned());
        let mut facts = vec![text(1, "There are tw"), text(2, "o files")];
        assert_eq!(looked(&awaited, &records(facts.clone())), Look::NotYet);
        facts.push(text(1, "o files."));
        assert_eq!(looked(&awaited, &records(facts)), Look::Come);
    }

    #[test]
    fn another_ending_makes_it_hopeless() {
        let awaited = Awaited::Terminal(TerminalName::Completed);
        let facts = vec![ended(2, Terminal::Completed)];
        assert_eq!(looked(&awaited, &records(facts)), Look::NotYet);
        let facts = vec![ended(1, Terminal::Failed)];
        assert_eq!(looked(&awaited, &records(facts.clone())), Look::Hopeless);
        assert_eq!(looked(&Awaited::AnyTerminal, &records(facts)), Look::Come);
    }

    #[test]
    fn a_dead_target_answers_nothing_more_and_a_turns_own_process_is_no_target() {
        let exited = |subject| {
            let fact = Fact::ProcessExited {
                code: Some(0),
                signal: None,
                expected: true,
            };
            vec![(Actor::Runner, subject, fact)]
        };
        let awaited = Awaited::AnyTerminal;
        assert_eq!(
            looked(&awaited, &records(exited(Subject::CASE))),
            Look::Hopeless
        );
        assert_eq!(
            looked(&awaited, &records(exited(Subject::run(1)))),
            Look::NotYet
        );
    }
}
