//! The report for GitHub: annotations at the lines that failed, and a table for the step's summary.

use std::fmt::Write as _;

use invariants::Verdict;

use crate::campaign::Campaign;
use crate::case::{Case, Conclusion, State};
use crate::junit::message;
use crate::spell::duration;

/// GitHub shows ten annotations of a kind per step and drops the rest without a word; the tenth says how many more.
const MOST_ANNOTATIONS: usize = 9;

/// GitHub refuses a step summary of more than 1 MiB as a whole; room is left for what other steps wrote there.
const MOST_SUMMARY_BYTES: usize = 900 * 1024;

struct Annotation {
    file: String,
    line: Option<usize>,
    title: String,
    message: String,
}

/// The workflow commands that annotate what failed, one a line; nothing when nothing did.
#[must_use]
pub fn annotations(campaign: &Campaign) -> String {
    let found: Vec<_> = campaign.unsettled().flat_map(of_case).collect();
    let mut out = String::new();
    for annotation in found.iter().take(MOST_ANNOTATIONS) {
        out += &annotation.command();
    }
    let more = found.len().saturating_sub(MOST_ANNOTATIONS);
    if more > 0 {
        out += &format!("::error title=brownout::and {more} more\n");
    }
    out
}

fn of_case(case: &Case) -> Vec<Annotation> {
    let annotation = |title: String, line: Option<usize>, message: String| Annotation {
        file: case.file.clone(),
        line,
        title,
        message: format!("{message}\n{}", case.again),
    };
    let of_verdict = |verdict: &&Verdict| {
        let line = verdict.place.map(|place| place.line);
        let title = format!("{}: {}", case.label(), verdict.id);
        annotation(title, line, verdict.because.clone())
    };
    let complaints = case.complaints();
    if complaints.is_empty() {
        return vec![annotation(case.label(), None, message(case))];
    }
    complaints.iter().map(of_verdict).collect()
}

impl Annotation {
    fn command(&self) -> String {
        let line = self
            .line
            .map_or(String::new(), |line| format!(",line={line}"));
        format!(
            "::error file={}{line},title={}::{}\n",
            property(&self.file),
            property(&self.title),
            data(&self.message)
        )
    }
}

/// Escapes the text of a workflow command.
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// Escapes a property of a workflow command.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

/// The table for `$GITHUB_STEP_SUMMARY`, in Markdown, cut short where GitHub would refuse it.
#[must_use]
pub fn summary_table(campaign: &Campaign) -> String {
    let totals = campaign.totals();
    let mut out = String::new();
    writeln!(
        out,
        "### brownout: {} hold, {} violated, {} undecided, {} not brought to an end, {} skipped\n",
        totals.holds, totals.violated, totals.undecided, totals.broken, totals.skipped
    )
    .expect("a string takes all");
    out += &format!(
        "Target `{}`, seed `{:#x}`, took {}.\n\n",
        campaign.target,
        campaign.seed,
        duration(campaign.wall)
    );
    out += "| | case | what was seen |\n|---|---|---|\n";
    // What needs a look comes first, so that cutting the table short never hides it.
    let mut cases: Vec<_> = campaign.cases.iter().collect();
    cases.sort_by_key(|case| urgency(case.conclusion()));
    for (index, case) in cases.iter().enumerate() {
        let row = row(case);
        if out.len() + row.len() > MOST_SUMMARY_BYTES {
            out += &format!("\n… and {} more cases.\n", cases.len() - index);
            return out;
        }
        out += &row;
    }
    out
}

const fn urgency(conclusion: Conclusion) -> u8 {
    match conclusion {
        Conclusion::Broken => 0,
        Conclusion::Violated => 1,
        Conclusion::Undecided => 2,
        Conclusion::Skipped => 3,
        Conclusion::Holds => 4,
    }
}

fn row(case: &Case) -> String {
    let glyph = match case.conclusion() {
        Conclusion::Holds => "✓",
        Conclusion::Violated => "✗",
        Conclusion::Undecided => "?",
        Conclusion::Skipped => "–",
        Conclusion::Broken => "!",
    };
    let seen = match case.state {
        State::Judged(_) if case.conclusion() == Conclusion::Holds => String::new(),
        _ => cell(&message(case)),
    };
    let conclusion = case.conclusion().as_str();
    format!("| {glyph} {conclusion} | `{}` | {seen} |\n", case.label())
}

/// Text that cannot end the cell, the row or the table.
fn cell(text: &str) -> String {
    let text = text
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('|', "\\|");
    text.replace(['\r', '\n'], " ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example;

    #[test]
    fn the_whole_campaign() {
        let campaign = example::campaign();
        insta::assert_snapshot!(annotations(&campaign));
        insta::assert_snapshot!(summary_table(&campaign));
    }

    #[test]
    fn at_most_nine_and_how_many_more() {
        let mut campaign = example::campaign();
        let failing = campaign
            .cases
            .iter()
            .find(|case| case.scenario == "stream/cut");
        let failing = failing.expect("is one of the examples").clone();
        campaign.cases = vec![failing; 7];
        let text = annotations(&campaign);
        assert_eq!(text.lines().count(), 10);
        assert_eq!(
            text.lines().last(),
            Some("::error title=brownout::and 5 more")
        );
    }

    #[test]
    fn nothing_in_a_message_ends_the_command() {
        assert_eq!(data("50 %\r\na:b,c"), "50 %25%0D%0Aa:b,c");
        assert_eq!(property("50 %\na:b,c"), "50 %25%0Aa%3Ab%2Cc");
    }

    #[test]
    fn a_summary_stays_below_the_limit_and_says_what_it_left_out() {
        let mut campaign = example::campaign();
        let failing = campaign.cases[0].clone();
        campaign.cases = vec![failing; 20_000];
        let table = summary_table(&campaign);
        assert!(table.len() < 1024 * 1024 && table.contains("more cases"));
    }
}
