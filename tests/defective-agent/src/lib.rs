//! The reference agent with known mistakes built in, which the judges must convict.
//!
//! Each file below `defects` is one mistake that really happened somewhere: it overrides one good habit behind the agent's
//! seams and leaves everything else alone, so that what convicts it convicts that mistake. None forges a record. A [`Defect`]
//! says which rules are meant to convict it; `tests/defects` of the root holds it to that.

mod defect;
mod defects;
mod registry;

pub use defect::{Defect, Meant, Stage};
pub use registry::{find, registry};
