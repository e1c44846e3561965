//! What a target inside this process has to offer. Implemented by whoever knows the agent; the runner never does.

use std::future::Future;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use scenario::Dialect;

use crate::gateway::client::GatewayAddress;

/// The time of day at which every case of a target inside this process begins: any fixed one would do.
pub(crate) fn time_of_day() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_800_000_000)
}

/// Takes one lifecycle fact of the target, as a JSON object with the names of the lifecycle log.
pub type LifecycleSink = Arc<dyn Fn(serde_json::Value) + Send + Sync>;

/// A target that runs on the runtime of its case.
pub trait EmbeddedTarget: Send + Sync {
    /// Its name, as reports show it.
    fn name(&self) -> &str;

    /// The protocols it speaks.
    fn dialects(&self) -> &[Dialect] {
        &[Dialect::OpenaiChat]
    }

    /// Starts it. Everything it spawns must be on the current runtime, and in simulated time nothing may be beside it.
    ///
    /// # Errors
    ///
    /// Why it cannot start, as it would tell a person.
    fn start(&self, surroundings: Surroundings) -> Starting<'_>;
}

/// A target that is being started.
pub type Starting<'a> =
    Pin<Box<dyn Future<Output = Result<Box<dyn RunningEmbedded>, String>> + 'a>>;

/// A target that was started.
pub trait RunningEmbedded {
    /// Where its gateway listens.
    fn gateway(&self) -> GatewayAddress;

    /// Shuts it down; once this returns, nothing of it may be left.
    fn shutdown(self: Box<Self>) -> Pin<Box<dyn Future<Output = ()>>>;
}

/// Where the target's gateway has to listen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GatewayListen {
    /// On this address; port 0 for any free one.
    Tcp(SocketAddr),
    /// On a Unix socket at this path.
    Unix(PathBuf),
}

/// Everything a target is given.
#[derive(Clone)]
pub struct Surroundings {
    /// The protocol the provider speaks.
    pub dialect: Dialect,
    /// The provider's base URL, as clients of the dialect are given it: for OpenAI's ones it ends in `/v1`.
    pub provider_url: String,
    /// The socket to reach the provider over, in place of the URL's host.
    pub provider_socket: Option<PathBuf>,
    /// The file with the authority that vouches for the provider, where it is spoken to over TLS.
    pub ca_file: Option<PathBuf>,
    /// The key for the provider.
    pub api_key: String,
    /// The key that clients of the gateway present.
    pub gateway_key: String,
    /// A fresh home.
    pub home: PathBuf,
    /// The folder that tools may see.
    pub workspace: PathBuf,
    /// The file that the `effect` tool appends to.
    pub ledger: PathBuf,
    /// Where to listen.
    pub gateway_listen: GatewayListen,
    /// What time of day it is where the case begins; the clock of its provider shows the same.
    pub time_of_day: SystemTime,
    /// Decides everything that looks random.
    pub seed: u64,
    /// Whether to ask the provider for streams.
    pub streamed: bool,
    /// Takes lifecycle facts.
    pub lifecycle: LifecycleSink,
}

impl std::fmt::Debug for Surroundings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Surroundings")
            .field("dialect", &self.dialect)
            .field("provider_url", &self.provider_url)
            .field("gateway_listen", &self.gateway_listen)
            .field("seed", &self.seed)
            .field("streamed", &self.streamed)
            .finish_non_exhaustive()
    }
}
