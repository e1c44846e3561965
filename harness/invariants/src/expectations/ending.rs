//! Demands on how a run ends: its terminal, its output, its error, its tokens.

use journal::Terminal;
use scenario::TerminalName;

use super::Seen;
use crate::case::Case;
use crate::findings::quoted;
use crate::run::{Ending, Run};

/// The run ends like this.
pub(super) fn terminal(case: &Case<'_>, run: &Run<'_>, wanted: TerminalName) -> Seen {
    let wanted = match wanted {
        TerminalName::Completed => Terminal::Completed,
        TerminalName::Failed => Terminal::Failed,
        TerminalName::Cancelled => Terminal::Cancelled,
    };
    with_ending(case, run, |ending| {
        let error = ending.error.map(|error| format!(": {}", quoted(error)));
        let name = ending.terminal.as_str();
        let because = format!("was `{name}`{}", error.unwrap_or_default());
        let last = run.exchanges.last().map(|exchange| exchange.last());
        let last = last.filter(|_| ending.terminal != wanted);
        let shown = last.into_iter().chain([ending.record]);
        Seen::of(ending.terminal == wanted, because, shown)
    })
}

/// The answer is such.
pub(super) fn output(case: &Case<'_>, run: &Run<'_>, is_right: impl Fn(&str) -> bool) -> Seen {
    with_ending(case, run, |ending| {
        let delivered = run.delivered();
        let output = ending.output.unwrap_or(&delivered);
        let because = match (output.is_empty(), ending.error) {
            (false, _) => format!("answered {}", quoted(output)),
            (true, Some(error)) => format!("gave no answer: {}", quoted(error)),
            (true, None) => "gave no answer".to_owned(),
        };
        Seen::of(is_right(output), because, [ending.record])
    })
}

/// The error contains this.
pub(super) fn error_contains(case: &Case<'_>, run: &Run<'_>, text: &str) -> Seen {
    with_ending(case, run, |ending| match ending.error {
        Some(error) => Seen::of(
            error.contains(text),
            format!("failed with {}", quoted(error)),
            [ending.record],
        ),
        None => {
            let because = format!("was `{}` without an error", ending.terminal.as_str());
            Seen::of(false, because, [ending.record])
        }
    })
}

/// The tokens that the run reports.
pub(super) fn usage(case: &Case<'_>, run: &Run<'_>, wanted: (u64, u64)) -> Seen {
    with_ending(case, run, |ending| {
        let endings = run.endings();
        let told = endings.iter().find_map(|ending| ending.usage);
        match told {
            Some(told) => {
                let because = format!("told {} and {} tokens", told.input, told.output);
                let kept = (told.input, told.output) == wanted;
                Seen::of(kept, because, [ending.record])
            }
            None => Seen::not_applicable("the target tells no tokens"),
        }
    })
}

/// Looks at a run's ending, if it has one.
pub(super) fn with_ending(
    case: &Case<'_>,
    run: &Run<'_>,
    look: impl FnOnce(Ending<'_>) -> Seen,
) -> Seen {
    if let Some(ending) = run.ending() {
        return look(ending);
    }
    if let Some(refused) = run.refused() {
        return Seen::of(false, "was refused by the target", [run.submitted, refused]);
    }
    let timed_out = run.timed_out();
    let shown = [run.submitted].into_iter().chain(timed_out);
    if timed_out.is_some() || case.ended {
        return Seen::of(false, "did not end", shown);
    }
    Seen::undecided("had not ended yet", shown)
}

#[cfg(test)]
mod tests {
    use journal::Fact;
    use scenario::Expected;

    use super::*;
    use crate::example::{Example, says};
    use crate::expectations::tests::{judged, ruled};
    use crate::verdict::Ruling;

    fn failed() -> Example {
        Example::new()
            .turn(1)
            .asks((1, 1, 1))
            .errs((1, 1, 1), 401, None)
            .fails(1, "401 code_401")
    }

    fn answered() -> Example {
        let said = says("Two files.");
        Example::new()
            .turn(1)
            .exchange((1, 1, 1), said)
            .completes(1, "Two files.")
    }

    #[test]
    fn a_terminal_is_as_demanded_or_shown_with_its_error() {
        let wanted = || Expected::Terminal(TerminalName::Completed);
        assert_eq!(ruled(answered(), wanted()), Ruling::Holds);
        let verdict = judged(failed(), wanted());
        assert_eq!(verdict.ruling, Ruling::Violated);
        assert_eq!(verdict.because, "was `failed`: `401 code_401`");
    }

    #[test]
    fn an_output_is_compared_and_shown() {
        let whole = |text: &str| Expected::Output(text.to_owned());
        let part = |text: &str| Expected::OutputContains(text.to_owned());
        assert_eq!(ruled(answered(), whole("Two files.")), Ruling::Holds);
        assert_eq!(ruled(answered(), whole("Two")), Ruling::Violated);
        assert_eq!(ruled(answered(), part("Two")), Ruling::Holds);
        let verdict = judged(answered(), part("three"));
        assert_eq!(verdict.because, "answered `Two files.`");
    }

    #[test]
    fn an_error_is_searched() {
        let error = |text: &str| Expected::ErrorContains(text.to_owned());
        assert_eq!(ruled(failed(), error("401")), Ruling::Holds);
        assert_eq!(ruled(failed(), error("402")), Ruling::Violated);
        assert_eq!(ruled(answered(), error("401")), Ruling::Violated);
    }

    #[test]
    fn tokens_that_nobody_tells_are_not_judged() {
        let usage = Expected::Usage {
            input: 1,
            output: 2,
        };
        assert_eq!(ruled(answered(), usage), Ruling::NotApplicable);
    }

    #[test]
    fn a_run_without_an_ending_breaks_every_demand_on_it() {
        let hung = Example::new()
            .turn(1)
            .client(1, Fact::RunTimedOut { within_ms: 1 });
        let wanted = Expected::Terminal(TerminalName::Failed);
        assert_eq!(ruled(hung, wanted), Ruling::Violated);
    }
}
