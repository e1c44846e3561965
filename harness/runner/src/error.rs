//! Why a case could not be run at all. What a target does wrong once it runs is in the journal, never here.

use std::fmt;
use std::io;
use std::time::Duration;

/// A case could not be run, or not to its end.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The target's program does not exist or cannot be executed.
    #[error("start the target: `{command}` cannot be run: {source}")]
    CommandNotFound {
        /// The program, as the target file says it.
        command: String,
        /// Why.
        source: io::Error,
    },
    /// The target's process ended before it was ready.
    #[error("start the target: it ended {} before it was ready{output}", Ending { code: *code, signal: *signal })]
    DiedAtStart {
        /// Its exit code, if it had one.
        code: Option<i32>,
        /// The signal that ended it, if one did.
        signal: Option<i32>,
        /// What it said last.
        output: LastOutput,
    },
    /// The target lives and does not answer.
    #[error("start the target: it was not ready within {} s: {missing}{output}", within.as_secs_f64())]
    NeverReady {
        /// The bound.
        within: Duration,
        /// What was waited for, as it was when the waiting ended.
        missing: String,
        /// What it said last.
        output: LastOutput,
    },
    /// The embedded target refused to start.
    #[error("start the target: {message}")]
    EmbeddedRefused {
        /// What it said.
        message: String,
    },
    /// The target cannot do what the plan needs; the case should have been skipped.
    #[error("run the case: the target lacks {needs}")]
    Unsupported {
        /// What it lacks, separated by commas.
        needs: String,
    },
    /// The target file uses a template whose value the caller did not give.
    #[error("start the target: `{{{template}}}` in `{target}` has no value here")]
    TemplateWithoutValue {
        /// The template.
        template: String,
        /// The target.
        target: String,
    },
    /// The fake provider could not listen.
    #[error("start the fake provider: {0}")]
    ProviderListen(#[source] io::Error),
    /// The target's fresh home could not be written: the disk is full, or may not be written to.
    #[error("write the target's home, {what}: {source}")]
    Home {
        /// What was being written.
        what: String,
        /// Why it could not be.
        source: io::Error,
    },
    /// The machine refused something that every case needs.
    #[error("prepare the case, {what}: {message}")]
    Machine {
        /// What.
        what: &'static str,
        /// Why.
        message: String,
    },
    /// The person asked for it; everything was torn down.
    #[error("finish the case: it was interrupted")]
    Interrupted,
}

/// Which kind of failure it is; each has an exit code of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunErrorKind {
    /// The target could not be started.
    Target,
    /// This machine could not do its part: disk, ports, descriptors.
    Machine,
    /// The case should never have been given to the runner.
    Misuse,
    /// Interrupted on request.
    Interrupted,
}

impl RunError {
    /// Which kind of failure it is.
    #[must_use]
    pub const fn kind(&self) -> RunErrorKind {
        match self {
            Self::CommandNotFound { .. }
            | Self::DiedAtStart { .. }
            | Self::NeverReady { .. }
            | Self::EmbeddedRefused { .. }
            | Self::TemplateWithoutValue { .. } => RunErrorKind::Target,
            Self::ProviderListen(_) | Self::Home { .. } | Self::Machine { .. } => {
                RunErrorKind::Machine
            }
            Self::Unsupported { .. } => RunErrorKind::Misuse,
            Self::Interrupted => RunErrorKind::Interrupted,
        }
    }
}

/// The last lines that a target wrote, keys already replaced by their aliases.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LastOutput(pub Vec<String>);

impl fmt::Display for LastOutput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("; it wrote nothing");
        }
        f.write_str("; its last output:")?;
        self.0
            .iter()
            .try_for_each(|line| write!(f, "\n  {}", harmless(line)))
    }
}

/// The line without what would steer the terminal that it is shown on.
fn harmless(line: &str) -> String {
    let mut shown = String::with_capacity(line.len());
    for letter in line.chars() {
        if letter.is_control() && letter != '\t' {
            shown.extend(letter.escape_default());
        } else {
            shown.push(letter);
        }
    }
    shown
}

struct Ending {
    code: Option<i32>,
    signal: Option<i32>,
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.code, self.signal) {
            (Some(code), _) => write!(f, "with exit code {code}"),
            (None, Some(signal)) => write!(f, "by signal {signal}"),
            (None, None) => f.write_str("for an unknown reason"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_death_at_start_is_told_with_its_last_words() {
        let error = RunError::DiedAtStart {
            code: Some(3),
            signal: None,
            output: LastOutput(vec!["no such \u{1b}[2Jmodel \u{e9}".to_owned()]),
        };
        assert_eq!(
            format!("failed to {error}"),
            "failed to start the target: it ended with exit code 3 before it was ready; its last output:\n  no such \\u{1b}[2Jmodel \u{e9}"
        );
        assert_eq!(error.kind(), RunErrorKind::Target);
    }
}
