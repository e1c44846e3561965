//! The report for CI servers: JUnit XML. A suite per folder of scenarios; undecided is an error there, never green.

use std::collections::BTreeMap;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use crate::campaign::Campaign;
use crate::case::{Case, Conclusion, State};
use crate::ink::Ink;
use crate::terminal::{Sentences, Terminal};

/// The campaign as a JUnit document, with a line end.
#[must_use]
pub fn render(campaign: &Campaign, sentences: Sentences) -> String {
    let terminal = Terminal {
        ink: Ink::PLAIN,
        sentences,
    };
    let mut folders: BTreeMap<&str, Vec<&Case>> = BTreeMap::new();
    for case in &campaign.cases {
        let folder = case
            .scenario
            .rsplit_once('/')
            .map_or("scenarios", |(folder, _)| folder);
        folders.entry(folder).or_default().push(case);
    }
    let mut report = Report::new("brownout");
    report.set_time(campaign.wall);
    for (folder, cases) in folders {
        let mut suite = TestSuite::new(folder);
        suite.set_time(cases.iter().map(|case| case.wall).sum());
        suite.add_property(("target", campaign.target.as_str()));
        suite.add_property(("seed", format!("{:#x}", campaign.seed).as_str()));
        suite.add_test_cases(
            cases
                .into_iter()
                .map(|case| test_case(&terminal, folder, case)),
        );
        report.add_test_suite(suite);
    }
    report
        .to_string()
        .expect("text without a sink that could fail")
        + "\n"
}

fn test_case(terminal: &Terminal, folder: &str, case: &Case) -> TestCase {
    let mut test = TestCase::new(case.label(), status(terminal, case));
    test.set_classname(folder).set_time(case.wall);
    if let Some(judged) = case.judged() {
        test.set_assertions(judged.verdicts.len());
    }
    test
}

fn status(terminal: &Terminal, case: &Case) -> TestCaseStatus {
    let conclusion = case.conclusion();
    let mut status = match conclusion {
        Conclusion::Holds => return TestCaseStatus::success(),
        Conclusion::Skipped => TestCaseStatus::skipped(),
        Conclusion::Violated => TestCaseStatus::non_success(NonSuccessKind::Failure),
        Conclusion::Undecided | Conclusion::Broken => {
            TestCaseStatus::non_success(NonSuccessKind::Error)
        }
    };
    status
        .set_type(conclusion.as_str())
        .set_message(message(case));
    let complaint = terminal.complaint(case);
    if !complaint.is_empty() {
        status.set_description(complaint);
    }
    status
}

/// One line that says what is wrong.
pub(crate) fn message(case: &Case) -> String {
    match &case.state {
        _ if case.conclusion() == Conclusion::Skipped => case.skipped_because().unwrap_or_default(),
        State::Skipped { .. } => String::new(),
        State::Broken { kind, message } => format!("{}: {message}", kind.as_str()),
        State::Judged(_) => {
            let complaints = case.complaints();
            let said: Vec<_> = complaints
                .iter()
                .map(|verdict| format!("{}: {}", verdict.id, verdict.because))
                .collect();
            if said.is_empty() {
                return "nothing could be judged".to_owned();
            }
            said.join("; ")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example;

    #[test]
    fn the_whole_campaign() {
        insta::assert_snapshot!(render(&example::campaign(), |_| None));
    }
}
