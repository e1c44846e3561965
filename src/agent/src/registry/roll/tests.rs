//! Tests of the registry's rules of ownership.

use super::*;
use crate::config::AgentConfig;
use crate::lifecycle::{LifecycleFact, LifecycleLog};
use crate::registry::{FixedConfig, OwnTransportEach};
use crate::runtime::RuntimeMark;
use std::time::Duration;

#[derive(Default)]
struct Facts(Mutex<Vec<LifecycleFact>>);

impl LifecycleLog for Facts {
    fn fact(&self, fact: LifecycleFact) {
        self.0.lock().unwrap().push(fact);
    }
}

impl Facts {
    fn closed(&self) -> Vec<(String, String)> {
        let facts = self.0.lock().unwrap();
        let closed = facts.iter().filter_map(|fact| match fact {
            LifecycleFact::ClientClosed { client, by } => Some((client.clone(), by.clone())),
            _ => None,
        });
        closed.collect()
    }

    fn built(&self) -> Vec<LifecycleFact> {
        let facts = self.0.lock().unwrap();
        facts
            .iter()
            .filter(|fact| matches!(fact, LifecycleFact::ClientBuilt { .. }))
            .cloned()
            .collect()
    }
}

fn plan() -> TransportPlan {
    TransportPlan {
        unix_socket: None,
        connect: Duration::from_secs(1),
        tls: false,
        ca_file: None,
    }
}

fn registry() -> (Arc<Registry>, Arc<Facts>, RuntimeMark) {
    let facts = Arc::new(Facts::default());
    let mark = RuntimeMark::new("main");
    let config = Arc::new(AgentConfig::default());
    let bench = Bench::new(mark.clone(), facts.clone(), Arc::new(FixedConfig), config);
    (
        Registry::new(Arc::new(bench), Arc::new(OwnTransportEach), plan()).unwrap(),
        facts,
        mark,
    )
}

fn pair(client: &str, by: &str) -> (String, String) {
    (client.to_owned(), by.to_owned())
}

#[test]
fn the_end_of_a_lease_closes_its_client_and_no_other() {
    let (registry, facts, _) = registry();
    let one = registry.lease(ClientRole::Request, plan()).unwrap();
    let other = registry.lease(ClientRole::Auxiliary, plan()).unwrap();
    drop(one);
    assert_eq!(facts.closed(), [pair("client-2", "owner")]);
    assert!(!other.client().card().is_closed());
    assert!(!registry.usable_primary().unwrap().is_closed());
    assert_eq!(registry.open_clients(), 2);
}

#[test]
fn every_client_owns_a_transport_of_its_own_and_changes_no_configuration() {
    let (registry, facts, _) = registry();
    let _one = registry.lease(ClientRole::Request, plan()).unwrap();
    let _other = registry.lease(ClientRole::Request, plan()).unwrap();
    let mut transports = Vec::new();
    for fact in facts.built() {
        let LifecycleFact::ClientBuilt {
            transport,
            config_before,
            config_after,
            ..
        } = fact
        else {
            continue;
        };
        assert_eq!(config_before, config_after);
        transports.push(transport);
    }
    assert_eq!(transports, ["transport-1", "transport-2", "transport-3"]);
}

#[test]
fn a_closed_primary_is_replaced_and_that_is_told() {
    let (registry, facts, _) = registry();
    let first = registry.usable_primary().unwrap();
    assert!(Arc::ptr_eq(&first, &registry.usable_primary().unwrap()));
    first.close(Closer::Owner);
    let second = registry.usable_primary().unwrap();
    assert!(!second.is_closed());
    let last = facts.built().pop().unwrap();
    assert!(
        matches!(last, LifecycleFact::ClientBuilt { replaces: Some(old), .. } if old == "client-1")
    );
    assert_eq!(facts.closed(), [pair("client-1", "owner")]);
}

#[test]
fn shutdown_closes_what_is_open_once_and_nothing_is_made_after_it() {
    let (registry, facts, _) = registry();
    let lease = registry.lease(ClientRole::Request, plan()).unwrap();
    registry.close();
    registry.close();
    drop(lease);
    assert_eq!(
        facts.closed(),
        [pair("client-2", "shutdown"), pair("client-1", "shutdown")]
    );
    assert_eq!(registry.open_clients(), 0);
    assert!(registry.lease(ClientRole::Request, plan()).is_err());
    assert!(registry.usable_primary().is_err());
}

#[test]
fn a_client_that_is_dropped_unclosed_is_told_with_the_state_of_its_runtime() {
    let (registry, facts, mark) = registry();
    let order = ClientOrder::new(
        Arc::clone(registry.bench()),
        plan(),
        ClientRole::Auxiliary,
        None,
    );
    let stray = crate::registry::RequestClient::build(&order).unwrap();
    mark.end();
    drop(stray);
    let last = facts.0.lock().unwrap().last().cloned();
    assert_eq!(
        last,
        Some(LifecycleFact::ClientDropped {
            client: "client-2".to_owned(),
            runtime_alive: false
        })
    );
}
