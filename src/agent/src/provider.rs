//! The provider's side of a conversation: how a question is written, sent, attempted again and read back.
//!
//! Knows no session, no tool and no gateway.

mod answer_body;
mod assembly;
mod call;
mod chat;
mod classify;
mod deadlines;
mod delivery;
mod endpoint;
mod error_body;
mod exchange;
mod fields;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
mod gemini;
mod items;
mod lines;
mod messages;
mod meter;
mod ollama;
mod own_id;
mod piece;
mod protocol;
mod question;
mod responses;
mod retry_after;
mod sse;
mod stream;

pub(crate) use answer_body::read_document;
pub use assembly::{Answer, Assembly, Step};
pub(crate) use call::{CallEnd, CallParts, ProviderCall};
pub use deadlines::{DataDeadlines, Deadlines};
pub use delivery::{Delivery, VoidWhatBroke};
pub use error_body::ErrorBody;
pub use items::{StreamEvent, StreamItem};
pub(crate) use meter::UsageMeter;
pub use meter::{Accounts, EverythingCounts};
pub use piece::{Arguments, CallPiece, Finish, Piece, UsageReport};
pub(crate) use protocol::model_names;
pub use protocol::models_request;
pub(crate) use question::Question;
pub use stream::{StreamEnd, StreamReader, StrictStream};
