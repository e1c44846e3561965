//! The client that asks for summaries is cached where no shutdown looks.
//!
//! As in opencode#48188 and hermes-agent#18766.

use std::sync::{Arc, Mutex, PoisonError};

use futures_util::future::BoxFuture;
use journal::Fact;
use reference_agent::failure::Failure;
use reference_agent::registry::{
    CallClient, ClientCard, ClientOrder, Closer, Incoming, Outgoing, RequestClient, SendError,
};
use reference_agent::seams::{ClientFactory, Seams};

use crate::defect::{Defect, Meant, Stage};

/// The defect.
pub(crate) const DEFECT: Defect = Defect {
    name: "unregistered-auxiliary",
    sentence: "Clients for summaries are kept in a cache of their own, which the shutdown does not know.",
    replaces: &["client_factory"],
    stage: Stage::Gateway,
    meant: &[Meant {
        rule: "every-client-closed",
        mistake: |fact| {
            matches!(
                fact,
                Fact::ClientBuilt {
                    role: journal::ClientRole::Auxiliary,
                    ..
                }
            )
        },
    }],
    also: &[],
    shown_by: &["compaction/overflow-recovers"],
    seams,
};

fn seams() -> Seams {
    Seams {
        client_factory: Arc::new(Caching::default()),
        ..Seams::default()
    }
}

#[derive(Default)]
struct Caching(Mutex<Vec<Arc<RequestClient>>>);

impl ClientFactory for Caching {
    fn auxiliary(&self, order: &ClientOrder) -> Result<Arc<dyn CallClient>, Failure> {
        let client = Arc::new(RequestClient::build(order)?);
        let mut cache = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        cache.push(Arc::clone(&client));
        Ok(Arc::new(Borrowed(client)))
    }
}

/// A client that belongs to the cache: whoever borrows it does not close it.
struct Borrowed(Arc<RequestClient>);

impl CallClient for Borrowed {
    fn card(&self) -> &ClientCard {
        self.0.card()
    }

    fn send(&self, request: Outgoing) -> BoxFuture<'_, Result<Incoming, SendError>> {
        self.0.send(request)
    }

    fn close(&self, _: Closer) {}
}
