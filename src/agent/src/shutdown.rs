//! How an agent ends: runs first, then clients, then the tool runtime.

use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio_util::task::TaskTracker;

use crate::registry::Registry;
use crate::runtime::ToolRuntime;

/// Ends what an agent owns.
pub trait Shutdown: Send + Sync {
    /// Waits for the runs that were told to end, but no longer than `bound`.
    fn drain<'a>(&'a self, runs: &'a TaskTracker, bound: Duration) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            runs.close();
            let _ = tokio::time::timeout(bound, runs.wait()).await;
        })
    }

    /// Closes every client that is still open.
    fn close_clients(&self, registry: &Registry) {
        registry.close();
    }

    /// Ends the tool runtime.
    fn end_tools<'a>(&'a self, tools: &'a ToolRuntime, bound: Duration) -> BoxFuture<'a, ()> {
        Box::pin(tools.shutdown(bound))
    }
}

/// Ends everything, in order and within bounds.
#[derive(Debug, Default, Clone, Copy)]
pub struct OrderlyShutdown;

impl Shutdown for OrderlyShutdown {}
