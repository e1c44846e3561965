//! Scenario files: read with every mistake at once, and turned into plans from a seed.
//!
//! Pure but for reading files. Knows no socket, no runtime, no target. The way of a file: text → [`Scenario`] → [`Plan`],
//! in which every choice is made.

mod bounds;
mod check;
mod dialect;
mod draw;
mod expectation;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
mod load;
mod overlap;
mod place;
mod places;
mod plan;
mod possible;
mod render;
mod scenario;
mod schema;
mod shown;
mod spec;
mod step;

pub use bounds::{Bounds, BoundsOverrides};
pub use dialect::Dialect;
pub use draw::{Draw, PlanRefused};
pub use expectation::{Expectation, Expected};
pub use load::{InvalidScenario, LoadError, discover, load, load_knowing, parse, root_of};
pub use place::Place;
pub use places::Places;
pub use plan::{PLAN_FORMAT, Plan, PlannedRun, Waiver};
pub use possible::Obstacle;
pub use provider_script::reading;
pub use render::render;
pub use scenario::{Need, Scenario};
pub use schema::{schema, schema_text};
pub use shown::ShownLine;
pub use step::{Awaited, Step, TerminalName};
pub use wire_faults::{HumanDuration, Mistake};
