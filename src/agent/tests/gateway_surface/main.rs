//! The gateway and the command line from outside: real sockets, a real HTTP client, real processes, and a provider that
//! plays a script. Knows the agent by its interfaces only.

#![expect(
    clippy::unwrap_used,
    reason = "what a test takes for granted and does not get is a failed test"
)]

mod bad_habits;
mod process;
mod prompt;
mod provider;
mod refusals;
mod runs;
mod serving;
mod shutdown;
mod virtual_time;
mod world;
