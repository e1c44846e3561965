//! Scenario files: read with every mistake at once, and turned into plans from a seed.
//!
//! Pure but for reading files. Knows no socket, no runtime, no target. The way of a file: text → [`Scenario`] → [`Plan`],
//! in which every choice is made.

mod bounds;
mod draw;
mod expectation;
mod overlap;
mod place;
mod plan;
mod scenario;
mod step;

pub use bounds::{Bounds, BoundsOverrides};
pub use draw::{Draw, PlanRefused};
pub use expectation::{Expectation, Expected};
pub use place::Place;
pub use plan::{Dialect, PLAN_FORMAT, Plan, PlannedRun, Waiver};
pub use scenario::{Need, Scenario};
pub use step::{Awaited, Step, TerminalName};
