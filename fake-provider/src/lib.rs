//! A fake LLM provider that says exactly what a script tells it, faults included, and records all it sees and does.
//!
//! Speaks HTTP/1.1 at the wire level, because faults are counted in bytes. Shares no code with any agent: the two sides of
//! a wire meet only in bytes. Start with [`FakeProvider::start`]; what it says is decided by [`ProviderOptions`].

mod addressing;
mod answer;
mod chat;
mod connection;
mod credential;
mod desk;
mod door;
mod draw;
mod exchange;
mod http;
mod options;
mod provider;
mod refusal;
mod scrub;
mod tool_id;
mod tool_names;

pub use options::{Credential, Dialect, Listen, ProviderOptions};
pub use provider::FakeProvider;
pub use tool_names::ToolNames;
