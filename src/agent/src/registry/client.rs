//! The two kinds of client: of one call, and long-lived. Each owns one transport that nothing else can reach; none can be
//! made from another.

use futures_util::future::BoxFuture;

use super::order::{ClientCard, ClientOrder, Closer};
use super::transport::{Incoming, Outgoing, SendError, Transport};
use crate::failure::Failure;

/// A client that serves calls: one provider call, or one auxiliary call.
pub trait CallClient: Send + Sync {
    /// Its card.
    fn card(&self) -> &ClientCard;

    /// Sends one request.
    fn send(&self, request: Outgoing) -> BoxFuture<'_, Result<Incoming, SendError>>;

    /// Closes it and what it owns. Again is no different.
    fn close(&self, by: Closer);
}

/// The long-lived client. It answers questions of its own and hands out nothing.
pub trait PrimaryClient: Send + Sync {
    /// Its card.
    fn card(&self) -> &ClientCard;

    /// Whether it can no longer be used, whoever closed it.
    fn is_closed(&self) -> bool;

    /// Sends the request for the list of models.
    fn models(&self, request: Outgoing) -> BoxFuture<'_, Result<Incoming, SendError>>;

    /// Closes it and what it owns. Again is no different.
    fn close(&self, by: Closer);
}

/// A card and the transport that belongs to it alone.
struct Owned {
    card: ClientCard,
    transport: Transport,
}

impl Owned {
    fn build(order: &ClientOrder) -> Result<Self, Failure> {
        let transport = Transport::open(order.bench(), order.plan())?;
        Ok(Self {
            card: order.card(&transport),
            transport,
        })
    }

    /// The transport first: when the log says closed, it is.
    fn close(&self, by: Closer) {
        self.transport.close();
        self.card.close(by);
    }
}

/// The client of one call: of the conversation, or of something beside it, as its order says.
pub struct RequestClient(Owned);

impl RequestClient {
    /// Makes one, with a transport of its own.
    ///
    /// # Errors
    /// The transport could not be opened.
    pub fn build(order: &ClientOrder) -> Result<Self, Failure> {
        Owned::build(order).map(Self)
    }
}

impl CallClient for RequestClient {
    fn card(&self) -> &ClientCard {
        &self.0.card
    }

    fn send(&self, request: Outgoing) -> BoxFuture<'_, Result<Incoming, SendError>> {
        Box::pin(self.0.card.send(&self.0.transport, request))
    }

    fn close(&self, by: Closer) {
        self.0.close(by);
    }
}

/// The long-lived client of an agent.
pub struct Primary(Owned);

impl Primary {
    /// Makes one, with a transport of its own.
    ///
    /// # Errors
    /// The transport could not be opened.
    pub fn build(order: &ClientOrder) -> Result<Self, Failure> {
        Owned::build(order).map(Self)
    }
}

impl PrimaryClient for Primary {
    fn card(&self) -> &ClientCard {
        &self.0.card
    }

    fn is_closed(&self) -> bool {
        self.0.transport.is_closed()
    }

    fn models(&self, request: Outgoing) -> BoxFuture<'_, Result<Incoming, SendError>> {
        Box::pin(self.0.card.send(&self.0.transport, request))
    }

    fn close(&self, by: Closer) {
        self.0.close(by);
    }
}
