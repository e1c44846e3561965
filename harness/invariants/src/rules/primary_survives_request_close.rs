//! Closing the client of one call leaves every other client alive. Knows only what the target logged and who was asked.

use std::collections::BTreeMap;

use journal::{ClientRole, Fact, Journal, Record};
use scenario::Plan;

use crate::case::Case;
use crate::cause::is_transport;
use crate::example::Example;
use crate::exchange::{Answer, Exchange};
use crate::findings::{Findings, quoted};
use crate::run::Run;
use crate::verdict::{Rule, Verdict};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "primary-survives-request-close",
    group: "clients",
    sentence: "Closing the client of one call never closes the primary client, nor a sibling.",
    why: "The agent answers once and then fails every call with a connection error, until it is restarted.",
    how: "In the target's log, no two living clients share a transport, no primary is rebuilt or found closed unless it was closed by a shutdown or a replacement before, and no client of a call is found closed while the call goes on. At the provider, a run that ends with a connection error has been seen there, unless the provider was closed or had closed a connection itself. Not applicable where the target neither logs its clients nor takes a second call.",
    causes: "A request client that was copied from the primary shares its connection pool, and closing it closes the pool; or the new client was written back into the configuration that the primary is made from. Give each client a transport of its own, and let only its owner close it.",
    judge,
    violation,
};

/// Who may close a primary without harm.
const RIGHTFUL: [&str; 2] = ["shutdown", "replacement"];

fn judge(plan: &Plan, journal: &Journal) -> Verdict {
    let case = Case::new(plan, journal);
    let mut findings = Findings::default();
    if case.observes("lifecycle") {
        Clients::default().walk(&case, &mut findings);
    }
    if case.observes("provider") && case.observes("terminal") {
        at_the_provider(&case, &mut findings);
    }
    findings.verdict("request clients closed, and runs after a first answer")
}

/// The clients of the target's log, as far as it was read.
#[derive(Default)]
struct Clients<'a> {
    living: BTreeMap<&'a str, (&'a str, &'a Record)>,
    primaries: BTreeMap<&'a str, &'a Record>,
    rightfully_closed: Vec<&'a str>,
    closings: BTreeMap<&'a str, [&'a Record; 2]>,
    request_closed: Option<&'a Record>,
    requests: Vec<&'a str>,
}

impl<'a> Clients<'a> {
    fn walk(mut self, case: &Case<'a>, findings: &mut Findings) {
        for record in case.records {
            match &record.fact {
                Fact::ProcessStarted => self = Self::default(),
                Fact::ClientBuilt { .. } => self.built(record, findings),
                Fact::ClientClosed { client, by } => self.closed(record, (client, by), findings),
                Fact::ClientDropped { client, .. } => {
                    self.living.remove(client.as_str());
                }
                Fact::SendOnClosedClient { client } => {
                    self.found_closed(client, record, "was found closed", findings);
                    self.sibling_found_closed(client, record, findings);
                }
                _ => {}
            }
        }
    }

    fn built(&mut self, record: &'a Record, findings: &mut Findings) {
        let Fact::ClientBuilt {
            client,
            role,
            transport,
            replaces,
            ..
        } = &record.fact
        else {
            return;
        };
        let sharing = |(_, (owned, _)): &(&&str, &(&str, &Record))| *owned == transport;
        if let Some((other, (_, built))) = self.living.iter().find(sharing) {
            let because = format!("`{client}` was given {transport}, which `{other}` uses");
            findings.violated(because, [*built, record]);
        }
        if let Some(old) = replaces {
            self.found_closed(old, record, "had to be rebuilt", findings);
        }
        self.living.insert(client, (transport, record));
        match role {
            ClientRole::Primary => {
                self.primaries.insert(client, record);
            }
            ClientRole::Request => self.requests.push(client),
            ClientRole::Auxiliary => {}
        }
    }

    fn closed(
        &mut self,
        record: &'a Record,
        (client, by): (&'a str, &'a str),
        findings: &mut Findings,
    ) {
        if let Some((_, built)) = self.living.remove(client) {
            self.closings.insert(client, [built, record]);
        }
        if RIGHTFUL.contains(&by) {
            self.rightfully_closed.push(client);
        }
        if self.requests.contains(&client) {
            self.request_closed = Some(record);
            findings.kept();
        }
    }

    /// A primary that nobody had a right to close turned out to be closed.
    fn found_closed(&self, client: &str, record: &Record, how: &str, findings: &mut Findings) {
        let (Some(built), Some(closed)) = (self.primaries.get(client), self.request_closed) else {
            return;
        };
        if !self.rightfully_closed.contains(&client) {
            let because = format!("the primary `{client}` {how} after a request client was closed");
            findings.violated(because, [*built, closed, record]);
        }
    }

    /// A client of a call was closed by somebody else than the call, which still sends.
    fn sibling_found_closed(&self, client: &str, record: &Record, findings: &mut Findings) {
        let Some([built, closed]) = self.closings.get(client).copied() else {
            return;
        };
        if self.requests.contains(&client) && !self.rightfully_closed.contains(&client) {
            let because = format!("`{client}` was found closed in the middle of its call");
            findings.violated(because, [built, closed, record]);
        }
    }
}

fn at_the_provider(case: &Case<'_>, findings: &mut Findings) {
    let whole = |exchange: &&Exchange<'_>| exchange.answer() == Answer::Finished;
    let Some(first) = case.exchanges.iter().find(whole) else {
        return;
    };
    for run in case.runs() {
        let last = run.exchanges.last();
        let after_first = run.submitted.seq > first.last().seq;
        let expected = match last {
            None => after_first,
            Some(last) => wants_results(last) && !was_repeated(&run, last),
        };
        if !expected || provider_shut(case, &run) {
            continue;
        }
        let Some(ending) = run.ending() else {
            continue;
        };
        match ending.error.filter(|error| is_transport(error)) {
            Some(error) => {
                let because = format!(
                    "{} failed with {}, and the provider was never asked",
                    run.name(),
                    quoted(error)
                );
                let before = last.unwrap_or(first).last();
                findings.violated(because, [before, run.submitted, ending.record]);
            }
            None => findings.kept(),
        }
    }
}

/// Whether the target has to come back with results.
fn wants_results(exchange: &Exchange<'_>) -> bool {
    exchange.finish() == Some("tool-calls") && exchange.answer() == Answer::Finished
}

/// Whether the same was answered whole before: who asks again cannot read the answers, and may say so in any words.
fn was_repeated(run: &Run<'_>, last: &Exchange<'_>) -> bool {
    let same = |one: &Exchange<'_>| one.call() == last.call() && wants_results(one);
    run.exchanges.iter().filter(|one| same(one)).count() > 1
}

/// Whether the provider may be to blame: it was closed, or had closed a connection that the target may have chosen.
fn provider_shut(case: &Case<'_>, run: &Run<'_>) -> bool {
    let until = run.ending().map_or(u64::MAX, |ending| ending.record.seq);
    let closed = |fact: &Fact| {
        matches!(
            fact,
            Fact::ConnectionClosed {
                by: journal::Side::Provider,
                ..
            }
        )
    };
    let by_provider = case.all(closed).any(|record| record.seq < until);
    by_provider || case.was_unreachable(run.submitted.seq, until) || run.stop_requested().is_some()
}

fn violation() -> (Plan, Journal) {
    let rebuilt = |mut fact: Fact| {
        if let Fact::ClientBuilt { replaces, .. } = &mut fact {
            *replaces = Some("client-1".to_owned());
        }
        fact
    };
    Example::new()
        .builds("client-1", ClientRole::Primary)
        .turn(1)
        .builds("client-2", ClientRole::Request)
        .exchange((1, 1, 1), crate::example::says("Hello."))
        .closes("client-2", "owner")
        .completes(1, "Hello.")
        .turn(2)
        .target(rebuilt(crate::example::built(
            "client-3",
            ClientRole::Primary,
        )))
        .end()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example::{built, calls, ruling, says};
    use crate::verdict::Ruling;

    #[test]
    fn a_primary_that_lives_on_holds_and_a_rebuilt_one_convicts() {
        let good = Example::new()
            .builds("client-1", ClientRole::Primary)
            .builds("client-2", ClientRole::Request)
            .closes("client-2", "owner")
            .closes("client-1", "shutdown");
        assert_eq!(ruling(&RULE, &good.end()), Ruling::Holds);
        let (plan, journal) = violation();
        assert_eq!(judge(&plan, &journal).evidence, [2, 11, 16]);
    }

    #[test]
    fn who_cannot_read_an_answer_did_not_lose_its_client() {
        let call = || calls("effect", "{}");
        let once = Example::new().turn(1).exchange((1, 1, 1), call());
        let told = "the stream ended without a finish reason";
        assert_eq!(
            ruling(&RULE, &once.clone().fails(1, told).end()),
            Ruling::Violated
        );
        let again = once.exchange((1, 1, 2), call()).fails(1, told);
        assert_ne!(ruling(&RULE, &again.end()), Ruling::Violated);
    }

    #[test]
    fn two_living_clients_on_one_transport_convict() {
        let mut second = built("client-2", ClientRole::Request);
        if let Fact::ClientBuilt { transport, .. } = &mut second {
            *transport = "transport-1".to_owned();
        }
        let bad = Example::new()
            .builds("client-1", ClientRole::Primary)
            .target(second);
        assert_eq!(ruling(&RULE, &bad.end()), Ruling::Violated);
    }

    #[test]
    fn a_send_on_a_primary_that_shutdown_closed_is_no_mistake() {
        let send = || Fact::SendOnClosedClient {
            client: "client-1".to_owned(),
        };
        let story = Example::new()
            .builds("client-1", ClientRole::Primary)
            .builds("client-2", ClientRole::Request)
            .closes("client-2", "owner");
        let good = story.clone().closes("client-1", "shutdown").target(send());
        assert_eq!(ruling(&RULE, &good.end()), Ruling::Holds);
        assert_eq!(ruling(&RULE, &story.target(send()).end()), Ruling::Violated);
    }

    #[test]
    fn a_sibling_that_is_found_closed_in_its_call_convicts() {
        let send = Fact::SendOnClosedClient {
            client: "client-3".to_owned(),
        };
        let closed = |by| {
            Example::new()
                .builds("client-1", ClientRole::Primary)
                .builds("client-2", ClientRole::Request)
                .builds("client-3", ClientRole::Request)
                .closes("client-2", "owner")
                .closes("client-3", by)
                .target(send.clone())
                .end()
        };
        assert_eq!(ruling(&RULE, &closed("owner")), Ruling::Violated);
        let (plan, journal) = closed("owner");
        assert_eq!(judge(&plan, &journal).evidence, [4, 6, 7]);
        assert_eq!(ruling(&RULE, &closed("shutdown")), Ruling::Holds);
    }

    #[test]
    fn a_second_run_that_never_reaches_the_provider_convicts_without_a_log() {
        let first = Example::observing(&["provider", "terminal"])
            .turn(1)
            .exchange((1, 1, 1), says("Hello."))
            .completes(1, "Hello.")
            .turn(2);
        let bad = first.clone().fails(2, "Connection error.");
        assert_eq!(ruling(&RULE, &bad.end()), Ruling::Violated);
        let closed = first
            .runner(Fact::ListenerClosed)
            .fails(2, "Connection error.");
        assert_eq!(ruling(&RULE, &closed.end()), Ruling::NotApplicable);
    }

    #[test]
    fn a_second_call_that_never_reaches_the_provider_convicts() {
        let bad = Example::observing(&["provider", "terminal"])
            .turn(1)
            .exchange((1, 1, 1), calls("id-1", "{}"))
            .fails(1, "Cannot send a request, as the client has been closed.");
        assert_eq!(ruling(&RULE, &bad.end()), Ruling::Violated);
    }
}
