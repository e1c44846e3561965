//! Building a client changes nothing that is shared. Knows only the digests that the target logged.

use journal::{ClientRole, Fact, Journal, Record};
use scenario::Plan;

use crate::case::Case;
use crate::example::{Example, built};
use crate::findings::Findings;
use crate::verdict::{Rule, Verdict};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "config-never-changed",
    group: "clients",
    sentence: "Building a client never changes the configuration it was given.",
    why: "What one call does to a shared configuration, the next call inherits: another model, another key, a closed transport.",
    how: "The target logs a digest of its shared configuration before and after each client it builds; both are equal, and equal to those of the client before. Not applicable where it logs no clients.",
    causes: "A client is built by filling defaults into the dictionary that the caller still holds. Copy it first, or make it immutable.",
    judge,
    violation,
};

fn judge(plan: &Plan, journal: &Journal) -> Verdict {
    let case = Case::new(plan, journal);
    if let Some(verdict) = case.cannot_see(&["lifecycle"]) {
        return verdict;
    }
    let mut findings = Findings::default();
    let mut earlier: Option<(&Record, &str)> = None;
    for record in case.records {
        if matches!(record.fact, Fact::ProcessStarted) {
            earlier = None;
        }
        let Fact::ClientBuilt {
            client,
            config_before,
            config_after,
            ..
        } = &record.fact
        else {
            continue;
        };
        if config_before != config_after {
            let because = format!("the configuration changed while `{client}` was built");
            findings.violated(because, [record]);
        } else if let Some((before, digest)) = earlier
            && digest != config_before
        {
            let because = format!("the configuration had changed when `{client}` was built");
            findings.violated(because, [before, record]);
        } else {
            findings.kept();
        }
        earlier = Some((record, config_after));
    }
    findings.verdict("clients built")
}

/// A client that was built while the configuration had these digests.
fn with_digests(client: &str, before: &str, after: &str) -> Fact {
    let mut fact = built(client, ClientRole::Request);
    if let Fact::ClientBuilt {
        config_before,
        config_after,
        ..
    } = &mut fact
    {
        before.clone_into(config_before);
        after.clone_into(config_after);
    }
    fact
}

fn violation() -> (Plan, Journal) {
    Example::new()
        .target(with_digests("client-1", "aa", "aa"))
        .target(with_digests("client-2", "aa", "bb"))
        .end()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example::ruling;
    use crate::verdict::Ruling;

    #[test]
    fn one_digest_throughout_holds() {
        let good = Example::new()
            .target(with_digests("client-1", "aa", "aa"))
            .target(with_digests("client-2", "aa", "aa"));
        assert_eq!(ruling(&RULE, &good.end()), Ruling::Holds);
    }

    #[test]
    fn a_change_while_or_between_building_convicts() {
        assert_eq!(ruling(&RULE, &violation()), Ruling::Violated);
        let between = Example::new()
            .target(with_digests("client-1", "aa", "aa"))
            .target(with_digests("client-2", "bb", "bb"));
        assert_eq!(ruling(&RULE, &between.end()), Ruling::Violated);
    }

    #[test]
    fn another_process_may_have_another_configuration() {
        let good = Example::new()
            .target(with_digests("client-1", "aa", "aa"))
            .runner(Fact::ProcessStarted)
            .target(with_digests("client-1", "bb", "bb"));
        assert_eq!(ruling(&RULE, &good.end()), Ruling::Holds);
        let unseen = Example::observing(&["provider"]).end();
        assert_eq!(ruling(&RULE, &unseen), Ruling::NotApplicable);
    }
}
