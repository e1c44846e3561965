//! Makes clients, and lets go of them. The default makes each one from its order alone.

use std::sync::Arc;

use super::client::{CallClient, Primary, PrimaryClient, RequestClient};
use super::order::{ClientOrder, Closer};
use crate::failure::Failure;

/// Makes clients.
pub trait ClientFactory: Send + Sync {
    /// The long-lived client.
    ///
    /// # Errors
    /// It could not be made.
    fn primary(&self, order: &ClientOrder) -> Result<Arc<dyn PrimaryClient>, Failure> {
        Ok(Arc::new(Primary::build(order)?))
    }

    /// A client for one provider call.
    ///
    /// # Errors
    /// It could not be made.
    fn request(&self, order: &ClientOrder) -> Result<Arc<dyn CallClient>, Failure> {
        Ok(Arc::new(RequestClient::build(order)?))
    }

    /// A client for one auxiliary call.
    ///
    /// # Errors
    /// It could not be made.
    fn auxiliary(&self, order: &ClientOrder) -> Result<Arc<dyn CallClient>, Failure> {
        Ok(Arc::new(RequestClient::build(order)?))
    }

    /// The call that a client was made for has ended: it is closed.
    fn release(&self, client: Arc<dyn CallClient>) {
        client.close(Closer::Owner);
    }
}

/// Every client gets a transport of its own.
#[derive(Debug, Default, Clone, Copy)]
pub struct OwnTransportEach;

impl ClientFactory for OwnTransportEach {}
