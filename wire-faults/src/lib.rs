//! The vocabulary of faults: *where* (a [`Point`] in the exchange), *what* (an [`Action`]), and which go together.
//!
//! Pure: this crate knows no socket, no runtime and no provider. `fault-io` carries faults out; `provider-script` says
//! *when*. A fault is written as a flat table ([`FaultSpec`]) and becomes a [`Fault`] once it is known to make sense.
//! [`legality`] says what is never possible, [`Shape::allows`] what is not in some dialect, [`Transport::allows`] what is not
//! over some transport, and [`compose`] which faults of one answer contradict each other.

mod action;
mod composition;
mod duration;
mod fault;
mod legality;
mod mistake;
mod point;
mod shape;
mod spec;
mod table;
mod transport;

pub use action::{
    Action, ActionName, Alert, End, ErrorEvent, ErrorShape, RawBytes, StatusAnswer, StreamCode,
};
pub use composition::{Contradiction, compose};
pub use duration::{DurationError, HumanDuration};
pub use fault::Fault;
pub use legality::legality;
pub use mistake::Mistake;
pub use point::{EventPoint, Point, PointName};
pub use shape::{Form, Shape};
pub use spec::FaultSpec;
pub use table::legality_table;
pub use transport::Transport;
