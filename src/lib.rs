//! The `brownout` command, put together from the harness and the reference agent. The one place that sees both.
//!
//! | module | what |
//! |---|---|
//! | `commands` | a file per subcommand |
//! | `campaign` | the matrix, the threads, the folder |
//! | `selection`, `filter`, `profile`, `dialect_choice`, `target` | what is run, and against what |
//! | [`Embedded`] | the reference agent as a target inside this process |
//! | [`isolation`], `interrupt`, `scratch`, `guard` | what is asked of the machine |
//! | [`Console`], [`ExitCode`], `failure`, `machine_clock` | the edges |

mod campaign;
mod commands;
mod console;
mod dialect_choice;
mod embedded;
mod exit_code;
mod failure;
mod filter;
mod guard;
mod interrupt;
pub mod isolation;
mod machine_clock;
mod profile;
mod scratch;
mod selection;
mod target;

pub use commands::main;
pub use console::{Console, QuietPipe};
pub use embedded::Embedded;
pub use exit_code::ExitCode;
pub use failure::CommandError;
pub use filter::{Filter, FilterError};
