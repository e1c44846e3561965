//! The text of an invariant for a person: the rule, why it matters, how it is decided, and an example that violates it.

use invariants::{Rule, Ruling};

use crate::sentence::Teller;

/// Columns of running text.
const WIDTH: usize = 100;

/// Everything there is to say about a rule, with its violating example judged on the spot.
#[must_use]
pub fn rule(rule: &Rule) -> String {
    let mut out = format!("{} ({})\n\n{}\n", rule.id, rule.group, wrap(rule.sentence));
    for (heading, text) in [
        ("Why it matters", rule.why),
        ("How it is decided", rule.how),
        ("What usually causes it", rule.causes),
    ] {
        out += &format!("\n{heading}\n{}\n", wrap(text));
    }
    out + &example(rule)
}

fn example(rule: &Rule) -> String {
    let (plan, journal) = (rule.violation)();
    let verdict = (rule.judge)(&plan, &journal);
    let teller = Teller::new(&plan);
    // A rule about the harness itself never accuses the target: the worst it can say is that nothing is proved.
    let (heading, word) = match verdict.ruling {
        Ruling::Violated => ("A journal that violates it", "violated"),
        Ruling::Undecided => ("A journal that leaves it undecided", "undecided"),
        _ => (
            "A journal that should violate it",
            "not violated, which is a mistake of ours",
        ),
    };
    let mut out = format!("\n{heading}\n");
    for record in &journal.records {
        let proves = verdict.evidence.contains(&record.seq);
        let mark = if proves { '>' } else { ' ' };
        out += &format!("  {mark} {}\n", teller.line(record));
    }
    out + &format!("\n  {word}: {}\n", verdict.because)
}

/// Indented, at most [`WIDTH`] columns; line breaks of the source mean nothing.
fn wrap(text: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= WIDTH => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(format!("  {word}")),
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example as samples;
    use invariants::Verdict;
    use journal::{Fact, Journal};

    fn two_connections() -> (scenario::Plan, Journal) {
        let (plan, mut journal) = samples::every_fact();
        let shown = |fact: &Fact| matches!(fact, Fact::Terminal { .. } | Fact::CaseEnded);
        journal.records.retain(|record| shown(&record.fact));
        (plan, journal)
    }

    #[test]
    fn a_rule_with_its_example() {
        let invented = Rule {
            id: "one-terminal-event",
            group: "ending",
            sentence: "Every run has exactly one terminal event, and nothing after it.",
            why: "A client that saw one ending and then another does not know which of them to believe, and whichever it takes will be wrong half of the time.",
            how: "By counting.",
            causes: "Two places that both report the end.",
            judge: |_, _| Verdict::of(Ruling::Violated, "two terminal events", [31, 32]),
            violation: two_connections,
        };
        insta::assert_snapshot!(rule(&invented));
    }
}
