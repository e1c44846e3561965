//! The vocabulary of faults: *where* (a [`Point`] in the exchange), *what* (an [`Action`]), and which go together.
//!
//! Pure: this crate knows no socket, no runtime and no provider. `fault-io` carries faults out; `provider-script` says
//! *when*. A fault is written as a flat table ([`FaultSpec`]) and becomes a [`Fault`] once it is known to make sense.

mod action;
mod duration;
mod fault;
mod legality;
mod mistake;
mod point;

pub use action::{Action, ActionName, StatusAnswer};
pub use duration::{DurationError, HumanDuration};
pub use fault::{Fault, FaultSpec};
pub use legality::{Shape, legality};
pub use mistake::Mistake;
pub use point::{EventPoint, Point, PointName};
