//! Descriptors and memory stay bounded. Knows the runner's count.

use journal::{Census, Fact, Journal};
use scenario::Plan;

use crate::case::Case;
use crate::example::Example;
use crate::findings::Findings;
use crate::verdict::{Rule, Verdict};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "growth-is-bounded",
    group: "resources",
    sentence: "Open descriptors and memory stay bounded.",
    why: "Two descriptors a turn are 256 after a working day, and then nothing can be opened any more.",
    how: "After quiescence at most 16 more descriptors are open than before the first run, which leaves room for logs and a database; resident memory never exceeds 2 GiB. Not applicable where neither was counted.",
    causes: "A client, a pool or a file is opened for each call and left to the garbage collector; an answer is buffered without a limit.",
    judge,
    violation,
};

/// How many more descriptors a target may keep open: logs and stores that it opens on first use.
const MOST_DESCRIPTORS: i64 = 16;

/// How much memory a target may ever hold, in KiB: far above any honest agent, far below what an unbounded buffer takes.
const MOST_MEMORY_KIB: u64 = 2 * 1024 * 1024;

fn judge(plan: &Plan, journal: &Journal) -> Verdict {
    let case = Case::new(plan, journal);
    let mut findings = Findings::default();
    for record in case.records {
        let Fact::Census(census) = record.fact else {
            continue;
        };
        match census.descriptors_grown {
            Some(grown) if grown > MOST_DESCRIPTORS => {
                let because = format!("{grown} more descriptors were open than before");
                findings.violated(because, [record]);
            }
            Some(_) => findings.kept(),
            None => {}
        }
        match census.memory_peak_kib {
            Some(peak) if peak > MOST_MEMORY_KIB => {
                let because = format!("{} MiB of memory were held", peak / 1024);
                findings.violated(because, [record]);
            }
            Some(_) => findings.kept(),
            None => {}
        }
    }
    findings.verdict("kinds of growth measured")
}

fn grown(descriptors: i64, memory_kib: u64) -> (Plan, Journal) {
    let census = Census {
        descriptors_grown: Some(descriptors),
        memory_peak_kib: Some(memory_kib),
        ..Census::default()
    };
    Example::new().runner(Fact::Census(census)).end()
}

fn violation() -> (Plan, Journal) {
    grown(200, 90_000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example::ruling;
    use crate::verdict::Ruling;

    #[test]
    fn a_little_growth_holds_and_much_convicts() {
        assert_eq!(ruling(&RULE, &grown(-3, 90_000)), Ruling::Holds);
        assert_eq!(ruling(&RULE, &violation()), Ruling::Violated);
        assert_eq!(ruling(&RULE, &grown(0, 3_000_000)), Ruling::Violated);
    }

    #[test]
    fn what_was_not_measured_is_not_applicable() {
        let unmeasured = Example::new().runner(Fact::Census(Census::default()));
        assert_eq!(ruling(&RULE, &unmeasured.end()), Ruling::NotApplicable);
    }
}
