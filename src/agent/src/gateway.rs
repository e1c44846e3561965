//! The gateway: the runs API of hermes-agent 0.19 over an [`Agent`], the same in shape and truthful in content.
//!
//! | file | what |
//! |---|---|
//! | `routes` | HTTP in, HTTP out; the order of checks |
//! | `authorization`, `request`, `idempotency`, `refusal` | what a request says, and how it is refused |
//! | `desk` | takes runs in, drives them, ends them at shutdown |
//! | `runs`, `run` | which runs are known; one run, where stopping and ending meet |
//! | `event_log`, `frame`, `subscription` | what a run told, how it is spelt, how it is read |
//! | `listener`, `server` | sockets and connections |

mod authorization;
mod desk;
mod event_log;
mod frame;
mod idempotency;
mod listener;
mod refusal;
mod request;
mod routes;
mod run;
mod runs;
mod server;
mod settings;
mod subscription;

use std::sync::Arc;

use axum::Router;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::agent::Agent;
use desk::Desk;
use server::Connections;

pub use event_log::LogBound;
pub use listener::Listener;
pub use runs::RunLimits;
pub use settings::{GatewaySettings, KEY_LENGTH_MIN, KeyError};
pub use subscription::{Audience, Everyone};

/// A gateway over one agent. It does not own the agent: whoever started that shuts it down, after the gateway.
pub struct Gateway {
    desk: Arc<Desk>,
}

impl Gateway {
    /// A gateway that serves nobody yet.
    #[must_use]
    pub fn new(agent: Arc<Agent>, settings: GatewaySettings) -> Self {
        let desk = Arc::new(Desk::new(agent, settings));
        Self { desk }
    }

    /// The API as a service, for callers that bring their own server.
    pub fn router(&self) -> Router {
        routes::router(Arc::clone(&self.desk))
    }

    /// Serves until `shutdown`, then goes down in order and returns when no task of it is left.
    ///
    /// In order: the listener closes and new runs are refused; runs under way may finish (`drain`); what is left is told to
    /// end and reports `run.failed` with code `shutting_down` (`grace`), then is given up; connections may take what
    /// was still to be said (`grace`), then are cut. The gateway takes no runs after that.
    pub async fn serve(&self, listener: impl Into<Listener>, shutdown: CancellationToken) {
        let desk = &self.desk;
        let connections = Connections::default();
        connections
            .accept(listener.into(), &self.router(), &shutdown)
            .await;
        let (drain, grace) = (desk.settings.drain, desk.settings.grace);
        if timeout(drain, desk.drain()).await.is_err() {
            desk.abandon_runs();
            let obeyed = timeout(grace, desk.drain()).await;
            if obeyed.is_err() {
                desk.give_up_runs().await;
            }
        }
        connections.close(grace).await;
    }
}
