//! The end of the report: failures once more, then the sums.

use super::{Terminal, VERB_WIDTH};
use crate::campaign::{Campaign, Totals};
use crate::spell::{count, duration, seconds};

pub(super) fn summary(terminal: &Terminal, campaign: &Campaign) -> String {
    let mut out = String::new();
    // A campaign of one case has just shown it.
    if campaign.cases.len() > 1 {
        for case in campaign.unsettled() {
            out += &terminal.headline(case, "");
            out += &terminal.complaint(case);
        }
    }
    out += &format!("{}\n", "─".repeat(VERB_WIDTH));
    out += &sums(terminal, campaign);
    out
}

fn sums(terminal: &Terminal, campaign: &Campaign) -> String {
    let totals = campaign.totals();
    let green = totals.violated + totals.undecided + totals.broken == 0 && totals.holds > 0;
    let word = format!("{:>VERB_WIDTH$}", "Summary");
    let word = if green {
        terminal.ink.good(word)
    } else {
        terminal.ink.bad(word)
    };
    let indent = " ".repeat(VERB_WIDTH);
    let mut out = format!(
        "{word} [{:>9}] {}: {}\n",
        seconds(campaign.wall),
        count(campaign.cases.len(), "case"),
        cases(&totals)
    );
    out += &format!("{indent} {}\n", verdicts(&totals));
    let time = if campaign.virtual_time {
        let simulated = duration(totals.simulated);
        format!("took {}, simulated {simulated}", duration(campaign.wall))
    } else {
        format!("took {} of real time", duration(campaign.wall))
    };
    out += &format!(
        "{indent} target {}, seed {:#x}; {time}\n",
        campaign.target, campaign.seed
    );
    let missing = campaign.selected.saturating_sub(campaign.cases.len());
    if missing > 0 {
        out += &format!("{indent} {} not run\n", count(missing, "selected case"));
    }
    out + &reasons(campaign)
}

fn cases(totals: &Totals) -> String {
    let parts = [
        (totals.holds, "hold"),
        (totals.violated, "violated"),
        (totals.undecided, "undecided"),
        (totals.broken, "not brought to an end"),
        (totals.skipped, "skipped"),
    ];
    said(&parts)
}

fn verdicts(totals: &Totals) -> String {
    let rulings = totals.verdicts;
    let parts = [
        (rulings.holds, "hold"),
        (rulings.violated, "violated"),
        (rulings.undecided, "undecided"),
        (rulings.not_applicable, "not applicable"),
        (rulings.waived, "waived"),
    ];
    format!("verdicts: {}", said(&parts))
}

/// The first part always, the others where there are any.
fn said(parts: &[(usize, &str)]) -> String {
    let shown = parts.iter().enumerate();
    let shown = shown.filter(|(index, (number, _))| *index == 0 || *number > 0);
    let words: Vec<_> = shown
        .map(|(_, (number, what))| format!("{number} {what}"))
        .collect();
    words.join(", ")
}

/// Why cases were skipped, each reason once.
fn reasons(campaign: &Campaign) -> String {
    let mut reasons: std::collections::BTreeMap<String, usize> = std::collections::BTreeMap::new();
    for case in &campaign.cases {
        if let Some(reason) = case.skipped_because() {
            *reasons.entry(reason).or_default() += 1;
        }
    }
    let indent = " ".repeat(VERB_WIDTH);
    let lines = reasons.into_iter();
    lines
        .map(|(reason, number)| format!("{indent} skipped {number}: {reason}\n"))
        .collect()
}
