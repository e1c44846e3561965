//! What clients told of their own lives, summed up, and held against what there should be.

use std::collections::BTreeMap;

use reference_agent::lifecycle::LifecycleFact;

use super::claim::{Broken, Claim};
use super::model::Model;

/// The sum of the facts so far.
#[derive(Debug, Default)]
pub(crate) struct Account {
    built: Vec<String>,
    transports: BTreeMap<String, u32>,
    digests: Vec<String>,
    closed: BTreeMap<String, u32>,
    dropped: Vec<String>,
    refused_sends: usize,
}

impl Account {
    pub(crate) fn of(facts: &[LifecycleFact]) -> Self {
        let mut account = Self::default();
        for fact in facts {
            account.add(fact);
        }
        account
    }

    fn add(&mut self, fact: &LifecycleFact) {
        match fact {
            LifecycleFact::ClientBuilt {
                client,
                transport,
                config_before,
                config_after,
                ..
            } => {
                self.built.push(client.clone());
                *self.transports.entry(transport.clone()).or_default() += 1;
                self.digests
                    .extend([config_before.clone(), config_after.clone()]);
            }
            LifecycleFact::ClientClosed { client, .. } => {
                *self.closed.entry(client.clone()).or_default() += 1;
            }
            LifecycleFact::ClientDropped { client, .. } => self.dropped.push(client.clone()),
            LifecycleFact::SendOnClosedClient { .. } => self.refused_sends += 1,
            _ => {}
        }
    }

    /// What is not as it should be. `open` is how many clients should be open, and how many are.
    pub(crate) fn broken(&self, expected: &Model, open: (usize, usize)) -> Vec<Broken> {
        let shared = self.transports.iter().find(|(_, times)| **times > 1);
        let changed = self
            .digests
            .iter()
            .find(|digest| **digest != self.digests[0]);
        let closed_twice = self.closed.iter().find(|(_, times)| **times > 1);
        let unclosed = self
            .built
            .iter()
            .find(|client| expected.is_shut && !self.closed.contains_key(*client));
        let refused = (expected.refused_sends, self.refused_sends);
        let built = (expected.built, self.built.len());
        let found = [
            (
                Claim::TransportOfItsOwn,
                shared.map(|(transport, _)| format!("{transport} serves two clients")),
            ),
            (
                Claim::ConfigUnchanged,
                changed.map(|digest| format!("the configuration became {digest}")),
            ),
            (
                Claim::OnlyClosedRefuse,
                differ(refused)
                    .map(|(wanted, seen)| format!("{seen} sends were refused, not {wanted}")),
            ),
            (
                Claim::PrimarySurvives,
                differ(built)
                    .map(|(wanted, seen)| format!("{seen} clients were built, not {wanted}")),
            ),
            (
                Claim::AllClosedAfterShutdown,
                differ(open).map(|(wanted, seen)| format!("{seen} clients are open, not {wanted}")),
            ),
            (
                Claim::AllClosedAfterShutdown,
                closed_twice.map(|(client, times)| format!("{client} was closed {times} times")),
            ),
            (
                Claim::AllClosedAfterShutdown,
                unclosed.map(|client| format!("{client} was never closed")),
            ),
            (
                Claim::AllClosedAfterShutdown,
                self.dropped
                    .first()
                    .map(|client| format!("{client} was dropped unclosed")),
            ),
        ];
        let broken = found
            .into_iter()
            .filter_map(|(claim, seen)| seen.map(|seen| Broken { claim, seen }));
        broken.collect()
    }
}

fn differ((wanted, seen): (usize, usize)) -> Option<(usize, usize)> {
    (wanted != seen).then_some((wanted, seen))
}
