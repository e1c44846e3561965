//! The registry itself: the primary, and the leases of all other clients.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use super::bench::Bench;
use super::client::{CallClient, PrimaryClient};
use super::factory::ClientFactory;
use super::order::{ClientOrder, Closer};
use super::transport::TransportPlan;
use crate::failure::{Failure, FailureCode};
use crate::lifecycle::ClientRole;

/// The clients of one agent.
pub struct Registry {
    bench: Arc<Bench>,
    factory: Arc<dyn ClientFactory>,
    primary_plan: TransportPlan,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    primary: Option<Arc<dyn PrimaryClient>>,
    leased: BTreeMap<String, Weak<dyn CallClient>>,
    closed: bool,
}

impl Registry {
    /// A registry with its first primary.
    ///
    /// # Errors
    /// The primary could not be made.
    pub fn new(
        bench: Arc<Bench>,
        factory: Arc<dyn ClientFactory>,
        primary_plan: TransportPlan,
    ) -> Result<Arc<Self>, Failure> {
        let registry = Self {
            bench,
            factory,
            primary_plan,
            state: Mutex::default(),
        };
        registry.usable_primary()?;
        Ok(Arc::new(registry))
    }

    /// The bench that its clients are made on.
    #[must_use]
    pub fn bench(&self) -> &Arc<Bench> {
        &self.bench
    }

    /// A primary that is not closed. One that somebody closed is replaced: swapped first, closed after, outside the lock.
    ///
    /// # Errors
    /// A new one could not be made, or the registry is closed.
    pub fn usable_primary(&self) -> Result<Arc<dyn PrimaryClient>, Failure> {
        let (fresh, old) = {
            let mut state = self.lock();
            if state.closed {
                return Err(closed());
            }
            match &state.primary {
                Some(primary) if !primary.is_closed() => return Ok(Arc::clone(primary)),
                _ => {}
            }
            let replaces = state
                .primary
                .as_ref()
                .map(|old| old.card().client().to_owned());
            let order = self.order(ClientRole::Primary, self.primary_plan.clone(), replaces);
            let fresh = self.factory.primary(&order)?;
            (Arc::clone(&fresh), state.primary.replace(fresh))
        };
        if let Some(old) = old {
            old.close(Closer::Replacement);
        }
        Ok(fresh)
    }

    /// Leases a new client for one call. It is closed when the lease is dropped.
    ///
    /// # Errors
    /// It could not be made, or the registry is closed.
    pub fn lease(
        self: &Arc<Self>,
        role: ClientRole,
        plan: TransportPlan,
    ) -> Result<ClientLease, Failure> {
        if self.lock().closed {
            return Err(closed());
        }
        let order = self.order(role, plan, None);
        let client = match role {
            ClientRole::Auxiliary => self.factory.auxiliary(&order)?,
            ClientRole::Request | ClientRole::Primary => self.factory.request(&order)?,
        };
        let lease = ClientLease {
            registry: Arc::clone(self),
            client,
        };
        let mut state = self.lock();
        state.leased.insert(
            lease.client.card().client().to_owned(),
            Arc::downgrade(&lease.client),
        );
        let closed_meanwhile = state.closed;
        drop(state);
        // Dropped only here, without the lock: the lease's end takes it.
        if closed_meanwhile {
            Err(closed())
        } else {
            Ok(lease)
        }
    }

    /// Closes every client that is still open and makes no more. Again is no different.
    pub fn close(&self) {
        let (primary, leased) = {
            let mut state = self.lock();
            state.closed = true;
            (state.primary.take(), std::mem::take(&mut state.leased))
        };
        for client in leased.values().filter_map(Weak::upgrade) {
            client.close(Closer::Shutdown);
        }
        if let Some(primary) = primary {
            primary.close(Closer::Shutdown);
        }
    }

    /// How many of its clients are open.
    #[must_use]
    pub fn open_clients(&self) -> usize {
        let state = self.lock();
        let leased = state
            .leased
            .values()
            .filter_map(Weak::upgrade)
            .filter(|client| !client.card().is_closed());
        leased.count()
            + usize::from(
                state
                    .primary
                    .as_ref()
                    .is_some_and(|primary| !primary.is_closed()),
            )
    }

    fn order(
        &self,
        role: ClientRole,
        plan: TransportPlan,
        replaces: Option<String>,
    ) -> ClientOrder {
        ClientOrder::new(Arc::clone(&self.bench), plan, role, replaces)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn closed() -> Failure {
    Failure::new(FailureCode::ShuttingDown, "the agent is shutting down").definite()
}

/// A client for the length of one call. Dropping the lease closes the client, whatever the reason for the drop.
pub struct ClientLease {
    registry: Arc<Registry>,
    client: Arc<dyn CallClient>,
}

impl ClientLease {
    /// The leased client.
    #[must_use]
    pub fn client(&self) -> &dyn CallClient {
        &*self.client
    }
}

impl Drop for ClientLease {
    fn drop(&mut self) {
        self.registry.factory.release(Arc::clone(&self.client));
        if self.client.card().is_closed() {
            self.registry
                .lock()
                .leased
                .remove(self.client.card().client());
        }
    }
}

#[cfg(test)]
mod tests;
