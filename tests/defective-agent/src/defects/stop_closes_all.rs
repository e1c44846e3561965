//! A stop closes every client that is open, not only that of the run that was stopped.
//!
//! As in hermes-agent#70773 and #29507.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use futures_util::future::BoxFuture;
use journal::Fact;
use reference_agent::failure::Failure;
use reference_agent::halt::{Halt, HaltReason};
use reference_agent::registry::{CallClient, ClientOrder, Closer, RequestClient};
use reference_agent::seams::{ClientFactory, Interruption, Seams};

use crate::defect::{Defect, Meant, Stage};

/// The defect.
pub(crate) const DEFECT: Defect = Defect {
    name: "stop-closes-all",
    sentence: "To stop one run, the clients of all runs are closed.",
    replaces: &["client_factory", "interruption"],
    stage: Stage::Gateway,
    meant: &[Meant {
        rule: "primary-survives-request-close",
        mistake: |fact| matches!(fact, Fact::SendOnClosedClient { .. }),
    }],
    also: &[],
    shown_by: &["clients/stop-of-one-run-spares-its-sibling"],
    seams,
};

fn seams() -> Seams {
    let clients = AllClients::default();
    Seams {
        client_factory: Arc::new(clients.clone()),
        interruption: Arc::new(clients),
        ..Seams::default()
    }
}

#[derive(Clone, Default)]
struct AllClients(Arc<Mutex<Vec<Weak<dyn CallClient>>>>);

impl AllClients {
    fn list(&self) -> MutexGuard<'_, Vec<Weak<dyn CallClient>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn close(&self) {
        let clients = std::mem::take(&mut *self.list());
        for client in clients.iter().filter_map(Weak::upgrade) {
            client.close(Closer::Owner);
        }
    }
}

impl ClientFactory for AllClients {
    fn request(&self, order: &ClientOrder) -> Result<Arc<dyn CallClient>, Failure> {
        let client: Arc<dyn CallClient> = Arc::new(RequestClient::build(order)?);
        self.list().push(Arc::downgrade(&client));
        Ok(client)
    }
}

impl Interruption for AllClients {
    fn race(
        &self,
        halt: Halt,
        call: BoxFuture<'static, ()>,
    ) -> BoxFuture<'static, Result<(), HaltReason>> {
        let clients = self.clone();
        Box::pin(async move {
            let ended = halt.race(call).await;
            if ended.is_err() {
                clients.close();
            }
            ended
        })
    }
}
