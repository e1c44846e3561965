//! Runs one case: starts the target, does what the user does, watches, and writes everything into the journal.
//!
//! The runner acts and never judges: it sees neither invariants nor verdicts, and knows targets only by [`EmbeddedTarget`]
//! or by a [`TargetFile`]. Everything begins with [`run_case`].
//!
//! - `case`: the order of events; `awaited`: what a step waits for; `case_log`: where everything is recorded
//! - `driver`: one face for all ways to talk to a target; `gateway`: the client of the runs API
//! - `spoken`: what a client of each dialect is told; `target`: target files; `started`, `process`: targets that are processes; `embedded`: those that are not
//! - `home`, `canary`, `aliases`, `lifecycle`, `heartbeat`: what every case has

mod aliases;
mod awaited;
mod canary;
mod case;
mod case_log;
mod driver;
mod embedded;
mod error;
mod free_address;
mod gateway;
mod heartbeat;
mod home;
mod lifecycle;
mod process;
mod settings;
mod spoken;
mod started;
mod target;

pub use case::run_case;
pub use embedded::{
    EmbeddedTarget, GatewayListen, LifecycleSink, RunningEmbedded, Starting, Surroundings,
};
pub use error::{LastOutput, RunError, RunErrorKind};
pub use gateway::client::GatewayAddress;
pub use process::orphans::{adopt_orphans, kill_adopted};
pub use process::tree::{MARK, kill_cases_below};
pub use settings::{CaseOutcome, CaseSettings, INHERITED, Interrupt};
pub use target::{Adapter, Setup, Target, TargetFile, TargetFileError};
