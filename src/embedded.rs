//! The reference agent and its gateway as a target inside this process, on the runtime of each case.
//!
//! The only file that knows both the runner and the agent. Its habits ([`Seams`]) can be replaced, so that tests can hand in
//! a defect and see it convicted.

use std::future::Future;
use std::path::Path;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use reference_agent::agent::{Agent, AgentParts};
use reference_agent::clock::TokioClock;
use reference_agent::config::{AgentConfig, Budgets, RetryBudget, Secret, Timeouts};
use reference_agent::gateway::{Gateway, GatewaySettings, Listener};
use reference_agent::ids::SeededIds;
use reference_agent::lifecycle::{LifecycleFact, LifecycleLog};
use reference_agent::runtime::ToolRuntime;
use reference_agent::seams::Seams;
use runner::{
    EmbeddedTarget, GatewayAddress, GatewayListen, LifecycleSink, RunningEmbedded, Starting,
    Surroundings,
};
use scenario::Dialect;
use tokio::net::{TcpListener, UnixListener};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// The reference agent as a target.
#[derive(Clone)]
pub struct Embedded {
    name: String,
    seams: Arc<dyn Fn() -> Seams + Send + Sync>,
}

impl Embedded {
    /// The agent as it ships.
    #[must_use]
    pub fn reference() -> Self {
        Self::with_seams("reference-agent", Seams::default)
    }

    /// The agent with other habits. They are made anew for each case, so that no case sees another's.
    #[must_use]
    pub fn with_seams(
        name: impl Into<String>,
        seams: impl Fn() -> Seams + Send + Sync + 'static,
    ) -> Self {
        Self {
            name: name.into(),
            seams: Arc::new(seams),
        }
    }

    async fn begin(&self, given: Surroundings) -> Result<Box<dyn RunningEmbedded>, String> {
        let (listener, address) = listen(&given.gateway_listen).await?;
        let parts = AgentParts {
            log: Arc::new(Log {
                sink: Arc::clone(&given.lifecycle),
                digests: Mutex::default(),
            }),
            clock: Arc::new(TokioClock::starting_at(given.time_of_day)),
            ids: Arc::new(SeededIds::new(given.seed)),
            seams: (self.seams)(),
            tool_runtime: ToolRuntime::inline(),
        };
        let agent = Agent::start(Arc::new(config(&given)), parts)
            .map_err(|error| format!("failed to start the agent: {error}"))?;
        let settings = GatewaySettings::new(Secret::new(given.gateway_key))
            .map_err(|error| format!("failed to start the gateway: {error}"))?;
        let gateway = Gateway::new(Arc::clone(&agent), settings);
        let stop = CancellationToken::new();
        let told = stop.clone();
        let serving = tokio::spawn(async move { gateway.serve(listener, told).await });
        Ok(Box::new(Running {
            agent,
            address,
            stop,
            serving,
        }))
    }
}

impl EmbeddedTarget for Embedded {
    fn name(&self) -> &str {
        &self.name
    }

    fn dialects(&self) -> &[Dialect] {
        &Dialect::ALL
    }

    fn start(&self, surroundings: Surroundings) -> Starting<'_> {
        Box::pin(self.begin(surroundings))
    }
}

struct Running {
    agent: Arc<Agent>,
    address: GatewayAddress,
    stop: CancellationToken,
    serving: JoinHandle<()>,
}

impl RunningEmbedded for Running {
    fn gateway(&self) -> GatewayAddress {
        self.address.clone()
    }

    fn shutdown(self: Box<Self>) -> Pin<Box<dyn Future<Output = ()>>> {
        Box::pin(async move {
            self.stop.cancel();
            // A panic of the gateway shows in what the clients saw; here only its end matters.
            let _ended = self.serving.await;
            self.agent.shutdown().await;
        })
    }
}

/// Passes the agent's facts on. Digests of its configuration get names in order of appearance: the configuration holds
/// paths of this machine, and all that a judge needs to know is which digests are the same.
struct Log {
    sink: LifecycleSink,
    digests: Mutex<Vec<String>>,
}

impl LifecycleLog for Log {
    fn fact(&self, mut fact: LifecycleFact) {
        if let LifecycleFact::ClientBuilt {
            config_before,
            config_after,
            ..
        } = &mut fact
        {
            *config_before = self.name(config_before);
            *config_after = self.name(config_after);
        }
        let value = serde_json::to_value(fact).expect("a fact has only text, numbers and lists");
        (self.sink)(value);
    }
}

impl Log {
    fn name(&self, digest: &str) -> String {
        // A list that is only ever appended to is whole even if somebody panicked while holding it.
        let mut digests = self.digests.lock().unwrap_or_else(PoisonError::into_inner);
        let known = digests.iter().position(|known| known == digest);
        let place = known.unwrap_or_else(|| {
            digests.push(digest.to_owned());
            digests.len() - 1
        });
        format!("config-{}", place + 1)
    }
}

async fn listen(wanted: &GatewayListen) -> Result<(Listener, GatewayAddress), String> {
    let failed = |error: std::io::Error| format!("failed to listen: {error}");
    match wanted {
        GatewayListen::Tcp(address) => {
            let listener = TcpListener::bind(address).await.map_err(failed)?;
            let address = listener.local_addr().map_err(failed)?;
            Ok((listener.into(), GatewayAddress::Tcp(address)))
        }
        GatewayListen::Unix(path) => {
            let listener = UnixListener::bind(Path::new(path)).map_err(failed)?;
            Ok((listener.into(), GatewayAddress::Unix(path.clone())))
        }
    }
}

/// The agent's name for a dialect.
const fn spoken(dialect: Dialect) -> reference_agent::config::Dialect {
    match dialect {
        Dialect::OpenaiChat => reference_agent::config::Dialect::OpenaiChat,
        Dialect::OpenaiResponses => reference_agent::config::Dialect::OpenaiResponses,
        Dialect::AnthropicMessages => reference_agent::config::Dialect::AnthropicMessages,
        Dialect::Gemini => reference_agent::config::Dialect::Gemini,
        Dialect::Ollama => reference_agent::config::Dialect::Ollama,
    }
}

/// Short limits, so that real time stays short; scenarios are written against these numbers.
fn config(given: &Surroundings) -> AgentConfig {
    AgentConfig {
        dialect: spoken(given.dialect),
        base_url: given.provider_url.clone(),
        api_key: Secret::new(given.api_key.clone()),
        unix_socket: given.provider_socket.clone(),
        ca_file: given.ca_file.clone(),
        model: "fake-model".to_owned(),
        streaming: given.streamed,
        workspace: given.workspace.clone(),
        ledger: given.ledger.clone(),
        timeouts: Timeouts {
            connect: Duration::from_secs(2),
            first_byte: Duration::from_secs(5),
            idle: Duration::from_secs(2),
            tool: Duration::from_secs(10),
            run: Duration::from_secs(300),
            shutdown: Duration::from_secs(5),
        },
        retry: RetryBudget {
            attempts: 3,
            backoff_base: Duration::from_millis(200),
            backoff_cap: Duration::from_secs(5),
            ..RetryBudget::default()
        },
        budgets: Budgets::default(),
        ..AgentConfig::default()
    }
}
