//! The report for a person: a line per case as it ends, failures with their evidence, and a summary.
//!
//! Knows neither a terminal nor where its text goes: the caller says whether there is colour, and writes.

mod complaint;
mod summary;

use crate::case::{Case, Conclusion, State};
use crate::ink::Ink;
use crate::spell::seconds;

/// The sentence of an invariant, by its id.
pub type Sentences = fn(&str) -> Option<&'static str>;

/// Renders for a person.
#[derive(Debug, Clone, Copy)]
pub struct Terminal {
    /// Whether words are coloured.
    pub ink: Ink,
    /// Where the sentences of invariants are.
    pub sentences: Sentences,
}

/// Verbs end in this column, so that the names stand below each other.
const VERB_WIDTH: usize = 12;

impl Terminal {
    /// The line of a case that is over: `PASS [   0.412s] ( 7/38) auth/401-first-call [openai-chat, streamed]`.
    #[must_use]
    pub fn line(&self, case: &Case, number: usize, of: usize) -> String {
        let width = of.to_string().len();
        let counter = format!("({number:>width$}/{of})");
        self.headline(case, &counter)
    }

    /// What is wrong with a case, with evidence, and how to go on; empty where nothing is.
    #[must_use]
    pub fn complaint(&self, case: &Case) -> String {
        complaint::complaint(self, case)
    }

    /// The failures once more and what everything adds up to.
    #[must_use]
    pub fn summary(&self, campaign: &crate::Campaign) -> String {
        summary::summary(self, campaign)
    }

    /// A line with the verb, the time and the name, and what `between` says.
    fn headline(&self, case: &Case, between: &str) -> String {
        let verb = self.verb(case.conclusion());
        let time = match case.conclusion() {
            Conclusion::Skipped => " ".repeat(11),
            _ => format!("[{:>9}]", seconds(case.wall)),
        };
        let gap = if between.is_empty() { "" } else { " " };
        let more = match &case.state {
            _ if case.conclusion() == Conclusion::Skipped => {
                format!("   {}", case.skipped_because().unwrap_or_default())
            }
            State::Skipped { .. } => String::new(),
            State::Judged(_) if case.conclusion() == Conclusion::Holds => String::new(),
            State::Judged(_) | State::Broken { .. } => format!("   seed {:#x}", case.seed),
        };
        format!("{verb} {time} {between}{gap}{}{more}\n", case.label())
    }

    /// The verb, right-aligned before it is coloured, since escapes have no width.
    fn verb(&self, conclusion: Conclusion) -> String {
        let aligned = |verb: &str| format!("{verb:>VERB_WIDTH$}");
        match conclusion {
            Conclusion::Holds => self.ink.good(aligned("PASS")),
            Conclusion::Violated => self.ink.bad(aligned("FAIL")),
            Conclusion::Undecided => self.ink.doubtful(aligned("UNDECIDED")),
            Conclusion::Skipped => self.ink.aside(aligned("SKIP")),
            Conclusion::Broken => self.ink.bad(aligned("ERROR")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example;

    fn sentences(id: &str) -> Option<&'static str> {
        (id == "tool-runs-once").then_some("A tool call runs at most once.")
    }

    const PLAIN: Terminal = Terminal {
        ink: Ink::PLAIN,
        sentences,
    };

    #[test]
    fn a_line_per_case() {
        let campaign = example::campaign();
        let numbered = campaign.cases.iter().enumerate();
        let lines: String = numbered
            .map(|(index, case)| PLAIN.line(case, index + 1, 38))
            .collect();
        insta::assert_snapshot!(lines);
    }

    #[test]
    fn colour_adds_nothing_but_colour() {
        let coloured = Terminal {
            ink: Ink::COLOURED,
            ..PLAIN
        };
        for case in &example::campaign().cases {
            let with = coloured.line(case, 1, 1) + &coloured.complaint(case);
            let without = PLAIN.line(case, 1, 1) + &PLAIN.complaint(case);
            assert_ne!(with, without);
            assert_eq!(anstream::adapter::strip_str(&with).to_string(), without);
        }
    }

    #[test]
    fn complaints_show_the_place_the_evidence_and_how_to_go_on() {
        let campaign = example::campaign();
        let complaints: String = campaign
            .cases
            .iter()
            .map(|case| PLAIN.complaint(case))
            .collect();
        insta::assert_snapshot!(complaints);
    }

    #[test]
    fn the_summary_repeats_the_failures_and_adds_up() {
        insta::assert_snapshot!(PLAIN.summary(&example::campaign()));
    }

    #[test]
    fn a_campaign_of_one_does_not_repeat_itself_and_one_without_time_of_its_own_says_none() {
        let mut campaign = example::campaign();
        campaign.cases.truncate(1);
        campaign.selected = 3;
        campaign.virtual_time = false;
        insta::assert_snapshot!(PLAIN.summary(&campaign));
    }
}
