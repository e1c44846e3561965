//! The key stays secret. Knows where the runner looked for it, and where it was found.

use journal::{Fact, Journal};
use scenario::Plan;

use crate::case::Case;
use crate::example::Example;
use crate::findings::Findings;
use crate::verdict::{Rule, Verdict};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "key-never-appears",
    group: "secrets",
    sentence: "No key given to the target appears in an event, an error, a log or a file.",
    why: "Error texts end up in tickets, chats and other people's browsers; a key in one of them is spent within hours.",
    how: "The runner searches everything that the target wrote for its canary key, raw, in Base64, URL- and JSON-escaped. Undecided where files were too many or too large to be searched. Not applicable where it was not searched for.",
    causes: "Some providers repeat the refused key in the body of a 401, and the body becomes the error. Redact every secret that the configuration knows wherever an error leaves.",
    judge,
    violation,
};

fn judge(plan: &Plan, journal: &Journal) -> Verdict {
    let case = Case::new(plan, journal);
    let mut findings = Findings::default();
    for record in case.records {
        match &record.fact {
            Fact::CanaryFound { place, form } => {
                findings.violated(format!("the key was found in {place}, {form}"), [record]);
            }
            Fact::CanarySearched { unsearched, .. } if *unsearched > 0 => {
                findings.undecided(
                    format!("files not searched to their end: {unsearched}"),
                    [record],
                );
            }
            Fact::CanarySearched { places, .. } if *places > 0 => findings.kept(),
            _ => {}
        }
    }
    findings.verdict("searches for the key")
}

fn violation() -> (Plan, Journal) {
    Example::new()
        .turn(1)
        .asks((1, 1, 1))
        .errs((1, 1, 1), 401, None)
        .fails(1, "Incorrect API key provided: canary-1")
        .runner(Fact::CanaryFound {
            place: "terminal error".to_owned(),
            form: "raw".to_owned(),
        })
        .end()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example::ruling;
    use crate::verdict::Ruling;

    #[test]
    fn a_search_without_a_find_holds_and_a_find_convicts() {
        let searched = |places| {
            let unsearched = 0;
            Example::new()
                .runner(Fact::CanarySearched { places, unsearched })
                .end()
        };
        assert_eq!(ruling(&RULE, &searched(12)), Ruling::Holds);
        let partly = Fact::CanarySearched {
            places: 12,
            unsearched: 1,
        };
        let partly = Example::new().runner(partly).end();
        assert_eq!(ruling(&RULE, &partly), Ruling::Undecided);
        assert_eq!(ruling(&RULE, &searched(0)), Ruling::NotApplicable);
        assert_eq!(ruling(&RULE, &violation()), Ruling::Violated);
    }

    #[test]
    fn without_a_search_it_is_not_applicable() {
        assert_eq!(ruling(&RULE, &Example::new().end()), Ruling::NotApplicable);
    }
}
