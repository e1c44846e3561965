//! Steps: what is done, under which heading, and how a list of them is run. Knows no particular step.

use std::io::{self, Write};
use std::path::Path;
use std::time::Instant;

use crate::failure::Failure;

type Action = Box<dyn Fn(&Path) -> Result<(), Failure>>;

/// One step.
pub(crate) struct Step {
    heading: String,
    action: Action,
}

impl Step {
    /// A step that does `action` in the root of the workspace.
    pub(crate) fn new(
        heading: impl Into<String>,
        action: impl Fn(&Path) -> Result<(), Failure> + 'static,
    ) -> Self {
        Self {
            heading: heading.into(),
            action: Box::new(action),
        }
    }
}

/// Runs the steps in order up to the first failure. The last line says how many passed and failed.
///
/// # Errors
///
/// What the writer answers.
pub(crate) fn run(steps: &[Step], root: &Path, out: &mut impl Write) -> io::Result<bool> {
    let (mut passed, mut failed) = (0, 0);
    for step in steps {
        writeln!(out, "\n== {}", step.heading)?;
        out.flush()?;
        let start = now();
        let result = (step.action)(root);
        let took = start.elapsed().as_secs_f64();
        match result {
            Ok(()) => {
                passed += 1;
                writeln!(out, "== passed in {took:.1} s: {}", step.heading)?;
            }
            Err(failure) => {
                failed += 1;
                writeln!(out, "== FAILED in {took:.1} s: {}", step.heading)?;
                writeln!(out, "failed to {failure}")?;
                break;
            }
        }
    }
    let left = steps.len() - passed - failed;
    writeln!(out, "\n{left} not reached")?;
    writeln!(out, "{passed} passed, {failed} failed")?;
    Ok(failed == 0)
}

#[expect(
    clippy::disallowed_methods,
    reason = "how long a step took is told to a person, and decides nothing"
)]
fn now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_failure_ends_it_and_the_last_line_counts() {
        let steps = [
            Step::new("one", |_| Ok(())),
            Step::new("two", |_| Err(Failure::Found(vec!["a mess".to_owned()]))),
            Step::new("three", |_| unreachable!("comes after a failure")),
        ];
        let mut out = Vec::new();
        assert!(!run(&steps, Path::new("."), &mut out).unwrap());
        let text = String::from_utf8(out).unwrap();
        assert!(text.contains("failed to pass: a mess"), "{text}");
        assert!(
            text.ends_with("1 not reached\n1 passed, 1 failed\n"),
            "{text}"
        );
    }
}
