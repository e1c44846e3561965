//! What is wrong with one case: each violated or undecided verdict with its evidence, then the ways to go on.

use invariants::{Ruling, Subject, Verdict};

use super::Terminal;
use crate::case::{Case, Judged, State};
use crate::excerpt::excerpt;
use crate::sentence::Teller;

/// Evidence lines shown for one verdict; the journal has the rest.
const MOST_EVIDENCE: usize = 12;

pub(super) fn complaint(terminal: &Terminal, case: &Case) -> String {
    let mut out = String::new();
    match &case.state {
        State::Skipped { .. } => return out,
        State::Broken { kind, message } => {
            out += &format!("\n  {}: {message}\n", terminal.ink.bad(kind.as_str()));
        }
        State::Judged(judged) => {
            for verdict in case.complaints() {
                out += &charge(terminal, case, judged, verdict);
            }
            if out.is_empty() && case.conclusion() == crate::Conclusion::Undecided {
                let word = terminal.ink.doubtful("undecided");
                out += &format!("\n  {word}: nothing in this case could be judged\n");
            }
        }
    }
    if !out.is_empty() {
        out += &ways_on(case);
    }
    out
}

fn charge(terminal: &Terminal, case: &Case, judged: &Judged, verdict: &Verdict) -> String {
    let word = match verdict.ruling {
        Ruling::Violated => terminal.ink.bad("violated"),
        _ => terminal.ink.doubtful("undecided"),
    };
    let mut out = format!("\n  {word}: {}\n", verdict.id);
    out += &match verdict.place {
        Some(place) => excerpt(
            &case.file,
            judged.source.as_deref(),
            place,
            &verdict.because,
        ),
        None => plain(terminal, verdict),
    };
    out += &evidence(judged, verdict);
    out
}

fn plain(terminal: &Terminal, verdict: &Verdict) -> String {
    match (terminal.sentences)(&verdict.id) {
        Some(sentence) => format!("    {sentence}\n    = {}\n", verdict.because),
        None => format!("    = {}\n", verdict.because),
    }
}

fn evidence(judged: &Judged, verdict: &Verdict) -> String {
    let lines = Teller::new(&judged.plan).lines(&judged.journal, &verdict.evidence);
    if lines.is_empty() {
        return String::new();
    }
    let mut out = "  evidence\n".to_owned();
    for line in lines.iter().take(MOST_EVIDENCE) {
        out += &format!("     {line}\n");
    }
    let hidden = lines.len().saturating_sub(MOST_EVIDENCE);
    if hidden > 0 {
        out += &format!("     … and {hidden} more records in the journal\n");
    }
    out
}

/// Two different repeats: `again` does it again, the journal can be judged again.
fn ways_on(case: &Case) -> String {
    let mut out = String::new();
    let complaints = case.complaints();
    let rule = complaints
        .iter()
        .find(|verdict| verdict.subject == Subject::Invariant);
    if let Some(verdict) = rule {
        out += &format!("  explain   brownout explain {}\n", verdict.id);
    }
    out += &format!("  again     {}\n", case.again);
    if let Some(folder) = &case.folder {
        out += &format!("  journal   {folder}/journal.ndjson\n");
    }
    out + "\n"
}
