//! A stop closes the connection, and the retry takes that for a broken one.
//!
//! As in litellm#31499 and hermes-agent#6600.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::BoxFuture;
use journal::Fact;
use reference_agent::failure::Failure;
use reference_agent::halt::{Halt, HaltReason};
use reference_agent::registry::{
    CallClient, ClientCard, ClientOrder, Closer, Incoming, Outgoing, SendError, Transport,
};
use reference_agent::seams::{ClientFactory, Interruption, Seams};

use crate::defect::{Defect, Meant, Stage};

/// The defect.
pub(crate) const DEFECT: Defect = Defect {
    name: "own-abort-retried",
    sentence: "The agent aborts its own request, sees an error of the connection, and asks again.",
    replaces: &["client_factory", "interruption"],
    stage: Stage::Gateway,
    meant: &[Meant {
        rule: "own-abort-not-retried",
        mistake: |fact| matches!(fact, Fact::Request { .. }),
    }],
    also: &[],
    shown_by: &[
        "cancel/stop-while-waiting-to-retry",
        "cancel/stop-in-mid-stream",
    ],
    seams,
};

fn seams() -> Seams {
    Seams {
        client_factory: Arc::new(Aborting),
        interruption: Arc::new(Aborting),
        ..Seams::default()
    }
}

/// What a stop of one call has to abort.
type Abortable = Arc<Mutex<Option<Arc<Reconnecting>>>>;

tokio::task_local! {
    static OF_THIS_CALL: Abortable;
}

struct Aborting;

impl ClientFactory for Aborting {
    fn request(&self, order: &ClientOrder) -> Result<Arc<dyn CallClient>, Failure> {
        let client = Arc::new(Reconnecting::build(order)?);
        let here = Arc::clone(&client);
        // Without a call there is nothing to stop.
        let _ = OF_THIS_CALL.try_with(|call| *lock(call) = Some(here));
        Ok(client)
    }
}

impl Interruption for Aborting {
    fn race(
        &self,
        halt: Halt,
        call: BoxFuture<'static, ()>,
    ) -> BoxFuture<'static, Result<(), HaltReason>> {
        let abortable = Abortable::default();
        let mut call = Box::pin(OF_THIS_CALL.scope(Arc::clone(&abortable), call));
        Box::pin(async move {
            match halt.race(&mut call).await {
                Err(HaltReason::Stopped) => {
                    let client = lock(&abortable).take();
                    client.inspect(|client| client.abort());
                    call.await;
                    Ok(())
                }
                other => other,
            }
        })
    }

    fn before_attempt(&self, _: &Halt) -> Option<HaltReason> {
        None
    }

    fn pause(&self, _: Halt, wait: Duration) -> BoxFuture<'static, Result<(), HaltReason>> {
        Box::pin(async move {
            tokio::time::sleep(wait).await;
            Ok(())
        })
    }
}

/// A client that can be aborted and used again.
struct Reconnecting {
    card: ClientCard,
    transport: Mutex<Arc<Transport>>,
    spare: Arc<Transport>,
}

impl Reconnecting {
    fn build(order: &ClientOrder) -> Result<Self, Failure> {
        let transport = Arc::new(Transport::open(order.bench(), order.plan())?);
        Ok(Self {
            card: order.card(&transport),
            transport: Mutex::new(transport),
            spare: Arc::new(Transport::open(order.bench(), order.plan())?),
        })
    }

    fn abort(&self) {
        let aborted = std::mem::replace(&mut *lock(&self.transport), Arc::clone(&self.spare));
        aborted.close();
    }
}

impl CallClient for Reconnecting {
    fn card(&self) -> &ClientCard {
        &self.card
    }

    fn send(&self, request: Outgoing) -> BoxFuture<'_, Result<Incoming, SendError>> {
        let transport = Arc::clone(&lock(&self.transport));
        Box::pin(async move { self.card.send(&transport, request).await })
    }

    fn close(&self, by: Closer) {
        lock(&self.transport).close();
        self.spare.close();
        self.card.close(by);
    }
}

fn lock<T>(shared: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
