//! The journal: everything observed in a case, in one order.
//!
//! Pure but for [`Recorder`], the one writer, which is handed its clock. Knows neither plans nor verdicts: a record says
//! what was seen, never what it means. The kinds of [`Fact`] are grouped by who observes them.

mod fact;
mod file;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
mod record;
mod recorder;

pub use fact::{
    Census, ClientRole, Ended, ErrorSent, Fact, FaultOutcome, How, Said, SaidToolCall,
    SeenToolCall, SeenToolResult, Side, Terminal, Usage,
};
pub use file::{ReadError, read, write};
pub use record::{Actor, FORMAT, Journal, Record, Subject};
pub use recorder::{Clock, Recorder, Sink};
