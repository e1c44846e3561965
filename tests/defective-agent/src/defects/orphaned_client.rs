//! Seed two: a tool makes a client on its own runtime, outside the registry; it is collected when that runtime is gone.
//!
//! As in hermes-agent#3436, where `Event loop is closed` halts the prompt.

use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError, mpsc};

use futures_util::future::BoxFuture;
use journal::Fact;
use reference_agent::lifecycle::ClientRole;
use reference_agent::message::ToolCall;
use reference_agent::registry::{ClientOrder, RequestClient, TransportPlan};
use reference_agent::seams::{Seams, ToolGate};
use reference_agent::tools::{ToolOutput, Toolbox};
use serde_json::{Map, Value};
use tokio::runtime::Handle;

use crate::defect::{Defect, Meant, Stage};

/// The defect.
pub(crate) const DEFECT: Defect = Defect {
    name: "orphaned-client",
    sentence: "A client that a tool made for itself lives on in a cache until its runtime is gone, and complains at the prompt.",
    replaces: &["tool_gate"],
    stage: Stage::Prompt(&["prompt/orphaned-client-stays-silent"]),
    meant: &[
        Meant {
            rule: "no-client-outlives-runtime",
            mistake: |fact| matches!(fact, Fact::ClientDropped { .. }),
        },
        Meant {
            rule: "no-stray-output",
            mistake: |fact| matches!(fact, Fact::Output { .. }),
        },
    ],
    also: &["every-client-closed"],
    shown_by: &[],
    seams,
};

fn seams() -> Seams {
    Seams {
        tool_gate: Arc::new(Caching::default()),
        ..Seams::default()
    }
}

/// Clients of tools, kept for the next time.
#[derive(Default)]
struct Caching(Mutex<Vec<Cached>>);

impl Caching {
    fn keep(&self, client: Option<Cached>) {
        let mut cache = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        cache.extend(client);
    }
}

impl ToolGate for Caching {
    fn execute<'a>(
        &'a self,
        tools: &'a Toolbox,
        run_id: &'a str,
        call: &'a ToolCall,
        arguments: Map<String, Value>,
    ) -> BoxFuture<'a, ToolOutput> {
        Box::pin(async move {
            let here = tools.runtime().run(async { Handle::current() }).await;
            let cached = here.ok().and_then(|runtime| Cached::make(tools, runtime));
            self.keep(cached);
            tools.run(run_id, call, arguments).await
        })
    }
}

/// A client and the runtime that it was made on.
struct Cached {
    client: Option<RequestClient>,
    runtime: Handle,
}

impl Cached {
    fn make(tools: &Toolbox, runtime: Handle) -> Option<Self> {
        let config = tools.bench().config();
        let plan = TransportPlan {
            unix_socket: config.unix_socket.clone(),
            connect: config.timeouts.connect,
            tls: config.base_url.starts_with("https:"),
            ca_file: config.ca_file.clone(),
        };
        let bench = Arc::clone(tools.bench());
        let order = ClientOrder::new(bench, plan, ClientRole::Auxiliary, None);
        let client = RequestClient::build(&order).ok();
        Some(Self { client, runtime })
    }
}

impl Drop for Cached {
    /// Closes what it can on the runtime that it belongs to.
    fn drop(&mut self) {
        let (done, closed) = mpsc::channel();
        let client = self.client.take();
        self.runtime.spawn(async move {
            drop(client);
            let _ = done.send(());
        });
        if closed.recv().is_err() {
            let _ = writeln!(
                std::io::stderr(),
                "Exception ignored in: <finaliser of a client>: RuntimeError: Event loop is closed"
            );
        }
    }
}
