//! The provider's side of a conversation: how a question is written, sent, attempted again and read back.
//!
//! Knows no session, no tool and no gateway.

mod answer_body;
mod assembly;
mod body;
mod call;
mod classify;
mod deadlines;
mod delivery;
mod endpoint;
mod error_body;
mod exchange;
mod meter;
mod retry_after;
mod sse;
mod stream;

pub(crate) use answer_body::read_document;
pub use assembly::{Answer, Assembly, Finish};
pub(crate) use body::Question;
pub(crate) use call::{CallEnd, CallParts, ProviderCall};
pub use deadlines::{DataDeadlines, Deadlines};
pub use delivery::{Delivery, VoidWhatBroke};
pub(crate) use meter::UsageMeter;
pub use meter::{Accounts, EverythingCounts};
pub use sse::{SseEvent, SseItem};
pub use stream::{StreamEnd, StreamReader, StrictStream};
