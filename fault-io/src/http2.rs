//! HTTP/2 (RFC 9113) between a tap and the answers that leave through it at once. Knows no fault, and no dialect.
//!
//! - `connection`: the one who reads and writes; `stream`: one answer's way to it; `shared`: what both know
//! - `arriving`: what has come; `head`: what it asks; `block`: what a head is built of; `conduct`: how much may be said for nothing
//! - `frame`: how frames are written; `departed`: the independent reader of those that have left

mod arriving;
mod block;
mod conduct;
mod connection;
mod departed;
mod frame;
mod head;
mod shared;
mod stream;

pub use connection::{Bounds, Http2, PREFACE};
pub use departed::Frames;
pub use head::Asked;
pub(crate) use stream::Stream;
