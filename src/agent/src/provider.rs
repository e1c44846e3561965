//! The provider's side of a conversation: how a question is written, sent, attempted again and read back.
//!
//! Knows no session, no tool and no gateway.

mod answer_body;
pub mod assembly;
pub mod body;
mod call;
pub mod classify;
mod deadlines;
mod delivery;
mod endpoint;
pub mod error_body;
mod exchange;
pub mod meter;
pub mod retry_after;
pub mod sse;
mod stream;

pub use answer_body::read_document;
pub use assembly::{Answer, Assembly, Finish};
pub use body::Question;
pub use call::{CallEnd, CallParts, ProviderCall};
pub use deadlines::{DataDeadlines, Deadlines};
pub use delivery::{Delivery, VoidWhatBroke};
pub use endpoint::Endpoint;
pub use meter::{Accounts, EverythingCounts, UsageMeter};
pub use sse::{SseEvent, SseItem, SseParser};
pub use stream::{StreamEnd, StreamReader, StrictStream};
