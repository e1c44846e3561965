//! What was opened is closed by the time of the shutdown. Knows only what the target logged.

use std::collections::BTreeMap;

use journal::{ClientRole, Fact, Journal, Record};
use scenario::Plan;

use crate::case::Case;
use crate::example::Example;
use crate::findings::Findings;
use crate::verdict::{Rule, Verdict};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "every-client-closed",
    group: "clients",
    sentence: "Every client that was made is closed by the end of the shutdown, wherever it was made.",
    why: "Clients that nobody closes keep their connections: a long-lived agent runs out of descriptors within hours.",
    how: "In the target's log each client that was built is closed before its shutdown is finished, none is merely dropped, and the target counts no open one. Undecided if the shutdown was never finished. Not applicable where the target logs no clients.",
    causes: "A client is made outside the place that closes clients: in a worker, for a title, on a fallback. Register each one where it is made, and let the shutdown close what is registered.",
    judge,
    violation,
};

fn judge(plan: &Plan, journal: &Journal) -> Verdict {
    let case = Case::new(plan, journal);
    if let Some(verdict) = case.cannot_see(&["lifecycle"]) {
        return verdict;
    }
    let mut findings = Findings::default();
    let mut open: BTreeMap<&str, &Record> = BTreeMap::new();
    for record in case.records {
        match &record.fact {
            Fact::ProcessStarted => open.clear(),
            Fact::ClientBuilt { client, .. } => {
                open.insert(client, record);
            }
            Fact::ClientClosed { client, .. } if open.remove(client.as_str()).is_some() => {
                findings.kept();
            }
            Fact::ClientDropped { client, .. } => {
                if let Some(built) = open.remove(client.as_str()) {
                    let because = format!("`{client}` was dropped without having been closed");
                    findings.violated(because, [built, record]);
                }
            }
            Fact::ShutdownFinished { open_clients, .. } => {
                at_shutdown(
                    record,
                    *open_clients,
                    &std::mem::take(&mut open),
                    &mut findings,
                );
            }
            _ => {}
        }
    }
    if let Some(left) = open.values().next() {
        let because = "the target's shutdown never finished, so open clients may have been closed";
        findings.undecided(because, [*left]);
    }
    findings.verdict("clients closed")
}

fn at_shutdown(
    record: &Record,
    counted: u64,
    open: &BTreeMap<&str, &Record>,
    findings: &mut Findings,
) {
    for (client, built) in open {
        let because = format!("`{client}` was still open when the shutdown was finished");
        findings.violated(because, [*built, record]);
    }
    if counted > 0 && open.is_empty() {
        let because = format!("the target counts {counted} open clients after its shutdown");
        findings.violated(because, [record]);
    }
}

fn finished(open_clients: u64) -> Fact {
    Fact::ShutdownFinished {
        open_clients,
        open_tasks: 0,
    }
}

fn violation() -> (Plan, Journal) {
    Example::new()
        .builds("client-1", ClientRole::Primary)
        .builds("client-2", ClientRole::Request)
        .closes("client-1", "shutdown")
        .target(finished(1))
        .end()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example::ruling;
    use crate::verdict::Ruling;

    fn one() -> Example {
        Example::new().builds("client-1", ClientRole::Primary)
    }

    #[test]
    fn all_closed_holds_and_one_left_convicts() {
        let good = one().closes("client-1", "shutdown").target(finished(0));
        assert_eq!(ruling(&RULE, &good.end()), Ruling::Holds);
        assert_eq!(ruling(&RULE, &violation()), Ruling::Violated);
    }

    #[test]
    fn a_dropped_client_and_a_count_of_the_targets_own_convict() {
        let dropped = one().target(Fact::ClientDropped {
            client: "client-1".to_owned(),
            runtime_alive: true,
        });
        assert_eq!(ruling(&RULE, &dropped.end()), Ruling::Violated);
        let counted = one().closes("client-1", "shutdown").target(finished(2));
        assert_eq!(ruling(&RULE, &counted.end()), Ruling::Violated);
    }

    #[test]
    fn without_a_finished_shutdown_it_is_undecided() {
        assert_eq!(ruling(&RULE, &one().end()), Ruling::Undecided);
    }
}
