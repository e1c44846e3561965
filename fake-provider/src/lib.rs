//! A fake LLM provider that says exactly what a script tells it, faults included, and records all it sees and does.
//!
//! Speaks HTTP/1.1 at the wire level, because faults are counted in bytes. Shares no code with any agent: the two sides of
//! a wire meet only in bytes. Start with [`FakeProvider::start`]; what it says is decided by [`ProviderOptions`].

mod addressing;
mod admin;
mod answer;
mod authority;
mod body;
mod breaking;
mod carried;
mod chat;
mod connection;
mod credential;
mod declined;
mod desk;
mod dialects;
mod door;
mod draw;
mod early;
mod edge;
mod embeddings;
#[cfg(any(test, fuzzing))]
mod example;
mod exchange;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
mod gemini;
mod handshake;
mod http;
mod http2;
mod json;
mod listening;
mod lobby;
#[cfg(test)]
mod many_calls;
mod members;
mod memory;
mod messages;
mod metrics;
mod mistakes;
mod namespaces;
mod ollama;
mod openai;
mod options;
mod places;
mod protocol;
mod provider;
#[cfg(test)]
mod read_back;
mod recording;
mod refusal;
mod replay;
mod responses;
mod retry;
mod room;
mod said_call;
mod script_file;
mod scripted;
mod scrub;
mod sent;
mod timing;
mod tool_id;
mod tool_names;
mod unfinished;
mod vector;
mod wall_clock;

pub use admin::Admin;
pub use authority::{Authority, NoAuthority};
pub use fault_io::TlsVersion;
pub use http::Limits;
pub use mistakes::{BadScript, PlacedMistake};
pub use options::{Credential, Dialect, Listen, ProviderOptions};
pub use provider::FakeProvider;
pub use recording::{
    BadUpstream, RecordError, RecordOptions, RecordingProxy, TlsError, Told, Upstream,
};
pub use replay::{BadSpeed, DamagedFile, Match, Replay, ReplayError, ReplayOptions, Speed};
pub use script_file::{ScriptFile, ScriptFileError};
pub use timing::Timing;
pub use tool_names::ToolNames;
pub use wall_clock::WallClock;
