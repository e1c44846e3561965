//! The socket that carries faults out, byte-exact, and proves that it did.
//!
//! A [`Response`] is prepared whole, with marks where the points of a fault lie. From it and a fault a [`Contract`] is made:
//! exactly which bytes leave, where silence falls, how it ends. The contract is carried out ([`perform`]) through a [`Tap`],
//! which counts what the kernel takes, and judged ([`verify`]) by code that shares nothing with the actions and asks the
//! kernel. Knows no dialect, no script and no journal file; runs on one thread, in simulated time or real.

mod action;
mod contract;
mod draft;
#[cfg(test)]
mod example;
mod http2;
mod keep_alive;
mod kernel;
mod packed;
mod perform;
mod place;
#[cfg(test)]
mod probe;
mod response;
mod socket;
mod tap;
mod tls;
mod verify;
mod wire;

pub use contract::{Contract, Drafted, Inapplicable, Recorded, RecordedEnding, RecordedPiece};
pub use http2::{Asked, Bounds, Frames, Http2, PREFACE};
pub use keep_alive::KeepAlive;
pub use kernel::{KernelState, listens};
pub use perform::perform;
pub use place::events_before;
pub use response::{Frame, Framing, Marks, Response, Track};
pub use socket::Socket;
pub use tap::{Gap, Left, Observed, OnHead, OnSilence, Tap, Watch};
pub use tls::{Farewell, Identity, TlsVersion, Unusable, alert_name, alert_named};
pub use verify::{Until, Verification, verify};
