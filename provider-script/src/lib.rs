//! What a provider is told to say: entries, replies, conditions and faults, with their places in the file.
//!
//! Pure: knows no socket, no dialect's bytes and no scenario. A script is the `[[provider]]` part of a scenario file
//! ([`EntrySpec`]) and becomes [`Entry`] once every mistake is out of it.

mod asked;
mod chance;
mod entry;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
pub mod pattern;
mod quirk;
pub mod reading;
mod recent;
mod reply;
mod script;
mod tally;
mod when;

pub use asked::{Asked, Carried};
pub use entry::{Entry, EntrySpec};
pub use quirk::Quirk;
pub use recent::Recent;
pub use reply::{Finish, Framing, Reply, ToolCall, Usage};
pub use script::Script;
pub use tally::Tally;
pub use when::{When, WhenSpec, Window};
