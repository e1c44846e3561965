//! HTTP/2 (RFC 9113) between a tap and the answers that leave through it at once. Knows no fault, and no dialect.
//!
//! - `connection`: the one who reads and writes; `arriving`: what has come; `block`: what a head is built of; `stream`: one answer's way to it; `shared`: what both
//!   know; `frame`: how frames are written; `departed`: the independent reader of those that have left

mod arriving;
mod block;
mod connection;
mod departed;
mod frame;
mod shared;
mod stream;

pub use arriving::Asked;
pub use connection::{Http2, PREFACE};
pub use departed::Frames;
pub(crate) use stream::Stream;
