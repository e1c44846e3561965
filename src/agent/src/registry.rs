//! Every client of this process: who made it, which transport it owns, which runtime it belongs to, who closes it.
//!
//! A request client is leased to one provider call and closed when the lease ends. The primary is asked for before each
//! turn and rebuilt if it was closed; it hands out nothing that another client could be made from.

mod bench;
mod client;
mod factory;
mod order;
mod roll;
mod tls;
mod transport;

pub use bench::{Bench, ConfigSource, FixedConfig};
pub use client::{CallClient, Primary, PrimaryClient, RequestClient};
pub use factory::{ClientFactory, OwnTransportEach};
pub use order::{ClientCard, ClientOrder, Closer};
pub use roll::{ClientLease, Registry};
pub use transport::{
    Credential, CredentialHeader, Incoming, Outgoing, SendError, Transport, TransportPlan,
};
