//! What a driver is told to do. The same words in every language.

use serde::{Deserialize, Serialize};

/// One thing that a client is asked to do, with a client object of its own.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Job {
    /// Comes back with what was seen.
    pub(crate) id: u64,
    /// Where the provider is: `http://127.0.0.1:8080`. Clients that want more in it add that themselves.
    pub(crate) base_url: String,
    pub(crate) dialect: String,
    /// The way of asking: `whole`, `streamed`, `helper`, …
    pub(crate) mode: String,
    /// What is asked: `text`, `tools`, `models`, …
    pub(crate) what: String,
    pub(crate) key: String,
    /// Whether the client is asked to speak HTTP/2, where it has a way to.
    pub(crate) http2: bool,
    /// A file with the certificate to trust, for clients that are told of it by no variable.
    pub(crate) authority: Option<String>,
    /// The client's own timeout in seconds; its default unless said.
    pub(crate) timeout: Option<f64>,
    /// For a client that has no timeout: when its signal aborts everything, in seconds.
    pub(crate) abort: Option<f64>,
    /// How often the client may try again; its default unless said.
    pub(crate) retries: Option<u32>,
    /// After how many seconds a job that is not over is called a hang.
    pub(crate) watchdog: f64,
}
