//! The person at the prompt is left in peace. Knows what the target wrote, and how its process fared.

use journal::{Fact, Journal, Record};
use scenario::Plan;

use crate::case::Case;
use crate::example::Example;
use crate::findings::{Findings, quoted};
use crate::verdict::{Rule, Verdict};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "no-stray-output",
    group: "quiet",
    sentence: "No background failure reaches the person at the prompt: no panic, no halt, no stray trace.",
    why: "A trace in the middle of the answer frightens; a prompt that waits for `ENTER` after it halts the work.",
    how: "No line that the target writes is a panic, a traceback, or the complaint of a runtime about a task, a loop or a client that nobody ended; its process does not die unasked; the prompt comes back after each run. Not applicable where neither process nor output is seen.",
    causes: "A task fails and nobody awaits it; a finalizer runs after its loop was closed. Await every task, end clients where they belong, and send what is left to a log.",
    judge,
    violation,
};

/// What only a failure that nobody caught writes.
const MARKS: [&str; 16] = [
    "Traceback (most recent call last)",
    "Task exception was never retrieved",
    "Future exception was never retrieved",
    "Task was destroyed but it is pending",
    "Event loop is closed",
    "Exception ignored in",
    "Unclosed client session",
    "Unclosed connector",
    "was never awaited",
    "' panicked at",
    "stack backtrace:",
    "fatal runtime error",
    "Unhandled promise rejection",
    "UnhandledPromiseRejection",
    "unhandled rejection",
    "fatal error: all goroutines",
];

fn judge(plan: &Plan, journal: &Journal) -> Verdict {
    let case = Case::new(plan, journal);
    let mut findings = Findings::default();
    for record in case.records {
        match &record.fact {
            Fact::Output { stream, line } if is_stray(line) => {
                let because = format!("the target wrote {} to {stream}", quoted(line));
                findings.violated(because, before(&case, record).into_iter().chain([record]));
            }
            Fact::ProcessExited {
                code,
                signal,
                expected: false,
            } => {
                let how = match (code, signal) {
                    (_, Some(signal)) => format!("by signal {signal}"),
                    (Some(code), None) => format!("with exit code {code}"),
                    (None, None) => "in an unknown way".to_owned(),
                };
                findings.violated(format!("the target ended {how}, unasked"), [record]);
            }
            Fact::Output { .. } | Fact::ProcessExited { .. } => findings.kept(),
            _ => {}
        }
    }
    prompt(&case, &mut findings);
    if case.observes("process") {
        findings.kept();
    }
    findings.verdict("lines, exits and prompts looked at")
}

fn is_stray(line: &str) -> bool {
    MARKS.iter().any(|mark| line.contains(mark)) || is_panic(line)
}

/// `thread 'main' (17) panicked at src/main.rs:1:2:` has the thread's number since Rust 1.91.
fn is_panic(line: &str) -> bool {
    line.starts_with("thread '") && line.contains("panicked at")
}

/// The last ending before the line: which run it followed.
fn before<'a>(case: &Case<'a>, line: &Record) -> Option<&'a Record> {
    let is_ending = |fact: &Fact| matches!(fact, Fact::Terminal { .. });
    case.all(is_ending).filter(|one| one.seq < line.seq).last()
}

/// Where there is a prompt, it comes back after each run.
fn prompt(case: &Case<'_>, findings: &mut Findings) {
    let is_prompt = |fact: &Fact| matches!(fact, Fact::PromptShown);
    let prompts: Vec<_> = case.all(is_prompt).collect();
    if prompts.is_empty() {
        return;
    }
    let runs = case.runs();
    for (index, run) in runs.iter().enumerate() {
        let until = runs
            .get(index + 1)
            .map_or(u64::MAX, |next| next.submitted.seq);
        let returned = |prompt: &&&Record| prompt.seq > run.submitted.seq && prompt.seq <= until;
        // A turn that was never typed shows no prompt after it; the one before is to blame.
        if run.refused().is_some() || prompts.iter().any(|prompt| returned(&prompt)) {
            findings.kept();
            continue;
        }
        let because = format!("the prompt did not come back after {}", run.name());
        if case.ended || until != u64::MAX {
            findings.violated(because, [run.submitted]);
        } else {
            findings.undecided(because, [run.submitted]);
        }
    }
}

fn stderr(line: &str) -> Fact {
    Fact::Output {
        stream: "stderr".to_owned(),
        line: line.to_owned(),
    }
}

fn violation() -> (Plan, Journal) {
    Example::new()
        .turn(1)
        .completes(1, "Two files.")
        .runner(stderr("RuntimeError: Event loop is closed"))
        .end()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example::ruling;
    use crate::verdict::Ruling;

    #[test]
    fn ordinary_lines_hold_and_a_trace_convicts() {
        let good = Example::new().runner(stderr("warning: the key is old"));
        assert_eq!(ruling(&RULE, &good.end()), Ruling::Holds);
        assert_eq!(ruling(&RULE, &violation()), Ruling::Violated);
        let panic = "thread 'tokio-rt-worker' (7) panicked at src/main.rs:1:2:";
        let bad = Example::new().runner(stderr(panic));
        assert_eq!(ruling(&RULE, &bad.end()), Ruling::Violated);
    }

    #[test]
    fn a_process_that_dies_unasked_convicts() {
        let exit = |expected| Fact::ProcessExited {
            code: None,
            signal: Some(11),
            expected,
        };
        let died = Example::new().runner(exit(false)).end();
        assert_eq!(ruling(&RULE, &died), Ruling::Violated);
        let ended = Example::new().runner(exit(true)).end();
        assert_eq!(ruling(&RULE, &ended), Ruling::Holds);
    }

    #[test]
    fn a_prompt_that_does_not_come_back_convicts() {
        let first = Example::new()
            .runner(Fact::PromptShown)
            .turn(1)
            .runner(Fact::PromptShown)
            .turn(2);
        assert_eq!(ruling(&RULE, &first.clone().end()), Ruling::Violated);
        assert_eq!(ruling(&RULE, &first.clone().so_far()), Ruling::Undecided);
        let good = first.runner(Fact::PromptShown).end();
        assert_eq!(ruling(&RULE, &good), Ruling::Holds);
    }

    #[test]
    fn without_a_process_there_is_nothing_to_hear() {
        let embedded = Example::observing(&["provider", "terminal"]).end();
        assert_eq!(ruling(&RULE, &embedded), Ruling::NotApplicable);
    }
}
