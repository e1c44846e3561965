//! A client ends before the runtime it belongs to. Knows only what the target logged.

use std::collections::BTreeMap;

use journal::{ClientRole, Fact, Journal, Record};
use scenario::Plan;

use crate::case::Case;
use crate::example::Example;
use crate::findings::Findings;
use crate::verdict::{Rule, Verdict};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "no-client-outlives-runtime",
    group: "clients",
    sentence: "No client outlives the runtime it belongs to.",
    why: "A client that is collected after its event loop was closed throws in the background: `Event loop is closed` at the prompt, and a session that halts.",
    how: "In the target's log no client is built on, closed after, or dropped without, its runtime. Not applicable where the target logs no clients. A client that is never closed at all belongs to `every-client-closed`.",
    causes: "Clients are kept in a cache that lives longer than the loop of the worker that made them. Tie the client to its runtime, and close it there, before the runtime ends.",
    judge,
    violation,
};

fn judge(plan: &Plan, journal: &Journal) -> Verdict {
    let case = Case::new(plan, journal);
    if let Some(verdict) = case.cannot_see(&["lifecycle"]) {
        return verdict;
    }
    let mut findings = Findings::default();
    let mut runtimes = Runtimes::default();
    for record in case.records {
        runtimes.take(record, &mut findings);
    }
    findings.verdict("clients closed or dropped")
}

#[derive(Default)]
struct Runtimes<'a> {
    ended: BTreeMap<&'a str, &'a Record>,
    /// Each open client, with its making and its runtime.
    open: BTreeMap<&'a str, (&'a Record, &'a str)>,
}

impl<'a> Runtimes<'a> {
    fn take(&mut self, record: &'a Record, findings: &mut Findings) {
        match &record.fact {
            Fact::ProcessStarted => *self = Self::default(),
            Fact::RuntimeStarted { runtime } => {
                self.ended.remove(runtime.as_str());
            }
            Fact::RuntimeEnded { runtime } => {
                self.ended.insert(runtime, record);
            }
            Fact::ClientBuilt {
                client, runtime, ..
            } => {
                self.open.insert(client, (record, runtime));
                if let Some(ended) = self.ended.get(runtime.as_str()) {
                    let because = format!("`{client}` was built on `{runtime}`, which had ended");
                    findings.violated(because, [*ended, record]);
                }
            }
            Fact::ClientClosed { client, .. } => self.closed(client, record, findings),
            Fact::ClientDropped {
                client,
                runtime_alive,
            } => self.dropped(client, *runtime_alive, record, findings),
            _ => {}
        }
    }

    fn closed(&mut self, client: &str, record: &Record, findings: &mut Findings) {
        let Some((built, runtime)) = self.open.remove(client) else {
            return;
        };
        match self.ended.get(runtime) {
            Some(ended) if ended.seq > built.seq => {
                let because = format!("`{client}` was closed only after `{runtime}` had ended");
                findings.violated(because, [built, *ended, record]);
            }
            _ => findings.kept(),
        }
    }

    fn dropped(&mut self, client: &str, alive: bool, record: &Record, findings: &mut Findings) {
        let built = self.open.remove(client);
        if alive {
            findings.kept();
            return;
        }
        let because = format!("`{client}` was dropped when its runtime was gone");
        let ended = built.and_then(|(_, runtime)| self.ended.get(runtime).copied());
        let built = built.map(|(built, _)| built);
        findings.violated(because, built.into_iter().chain(ended).chain([record]));
    }
}

fn tools(fact: fn(String) -> Fact) -> Fact {
    fact("tools".to_owned())
}

fn on_tools() -> Fact {
    let mut fact = crate::example::built("client-1", ClientRole::Auxiliary);
    if let Fact::ClientBuilt { runtime, .. } = &mut fact {
        "tools".clone_into(runtime);
    }
    fact
}

fn violation() -> (Plan, Journal) {
    Example::new()
        .target(tools(|runtime| Fact::RuntimeStarted { runtime }))
        .target(on_tools())
        .target(tools(|runtime| Fact::RuntimeEnded { runtime }))
        .target(Fact::ClientDropped {
            client: "client-1".to_owned(),
            runtime_alive: false,
        })
        .end()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example::ruling;
    use crate::verdict::Ruling;

    fn started() -> Example {
        Example::new().target(tools(|runtime| Fact::RuntimeStarted { runtime }))
    }

    fn ended(example: Example) -> Example {
        example.target(tools(|runtime| Fact::RuntimeEnded { runtime }))
    }

    #[test]
    fn a_client_closed_before_its_runtime_ended_holds() {
        let good = ended(started().target(on_tools()).closes("client-1", "owner"));
        assert_eq!(ruling(&RULE, &good.end()), Ruling::Holds);
    }

    #[test]
    fn a_drop_without_a_runtime_convicts_with_the_whole_life_as_evidence() {
        let (plan, journal) = violation();
        let verdict = judge(&plan, &journal);
        assert_eq!(
            (verdict.ruling, verdict.evidence),
            (Ruling::Violated, vec![3, 4, 5])
        );
    }

    #[test]
    fn a_client_closed_late_or_built_late_convicts() {
        let late = ended(started().target(on_tools())).closes("client-1", "shutdown");
        assert_eq!(ruling(&RULE, &late.end()), Ruling::Violated);
        let built_late = ended(started()).target(on_tools());
        assert_eq!(ruling(&RULE, &built_late.end()), Ruling::Violated);
    }
}
