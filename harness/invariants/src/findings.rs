//! Collects what a rule finds, and makes one verdict of it. Knows no rule.

use journal::Record;

use crate::verdict::{Ruling, Verdict};

/// What a rule has found so far. The first violation is shown, and how many more there are like it.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    violated: Vec<Verdict>,
    undecided: Option<Verdict>,
    kept: usize,
}

impl Findings {
    /// The rule was broken.
    pub(crate) fn violated<'a>(
        &mut self,
        because: impl Into<String>,
        evidence: impl IntoIterator<Item = &'a Record>,
    ) {
        self.violated
            .push(Verdict::of(Ruling::Violated, because, order(evidence)));
    }

    /// What was recorded does not decide it.
    pub(crate) fn undecided<'a>(
        &mut self,
        because: impl Into<String>,
        evidence: impl IntoIterator<Item = &'a Record>,
    ) {
        let verdict = Verdict::of(Ruling::Undecided, because, order(evidence));
        self.undecided.get_or_insert(verdict);
    }

    /// One thing that the rule is about was seen, and it was as it should be.
    pub(crate) fn kept(&mut self) {
        self.kept += 1;
    }

    /// Whether the rule was broken.
    pub(crate) fn is_violated(&self) -> bool {
        !self.violated.is_empty()
    }

    /// The verdict. `what` names the things the rule is about (`runs that failed`), and is counted.
    pub(crate) fn verdict(self, what: &str) -> Verdict {
        let more = self.violated.len().saturating_sub(1);
        if let Some(mut first) = self.violated.into_iter().next() {
            if more > 0 {
                first.because.push_str(&format!(", and {more} more"));
            }
            return first;
        }
        match (self.undecided, self.kept) {
            (Some(undecided), _) => undecided,
            (None, 0) => Verdict::of(Ruling::NotApplicable, format!("{what}: none"), []),
            (None, kept) => Verdict::of(Ruling::Holds, format!("{what}: {kept}"), []),
        }
    }
}

/// The records' numbers in their order, each once.
pub(crate) fn order<'a>(evidence: impl IntoIterator<Item = &'a Record>) -> Vec<u64> {
    let mut seqs: Vec<_> = evidence.into_iter().map(|record| record.seq).collect();
    seqs.sort_unstable();
    seqs.dedup();
    seqs
}

/// A text for a sentence: one line, in quotes, of a bounded length.
pub(crate) fn quoted(text: &str) -> String {
    const MOST: usize = 100;
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= MOST {
        return format!("`{line}`");
    }
    let start: String = line.chars().take(MOST).collect();
    format!("`{start}…`")
}

/// `1 time`, `2 times`.
pub(crate) fn times(count: usize) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} time{plural}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_violation_outweighs_everything_and_the_others_are_counted() {
        let mut findings = Findings::default();
        findings.kept();
        findings.undecided("unclear", []);
        findings.violated("first", []);
        findings.violated("second", []);
        let verdict = findings.verdict("runs");
        assert_eq!(
            (verdict.ruling, verdict.because.as_str()),
            (Ruling::Violated, "first, and 1 more")
        );
    }

    #[test]
    fn nothing_seen_is_not_applicable_and_never_holds() {
        assert_eq!(
            Findings::default().verdict("runs").ruling,
            Ruling::NotApplicable
        );
    }

    #[test]
    fn a_quoted_text_is_one_short_line() {
        assert_eq!(quoted("a\n  b"), "`a b`");
        assert!(quoted(&"é".repeat(300)).chars().count() < 110);
    }
}
