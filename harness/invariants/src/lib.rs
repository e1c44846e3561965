//! Rules that hold for every scenario, and the expectations of one, judged from a plan and a journal.
//!
//! Pure: knows no runtime, socket or clock. A stored journal can be judged again years later. [`judge`] gives every verdict
//! on a case; [`registry`] lists the rules; each rule is one file below `rules`, and looks at a case through `case`, `run`
//! and `exchange`.

mod case;
mod cause;
mod composition;
mod example;
mod exchange;
mod expectations;
mod findings;
mod registry;
mod rules;
mod run;
mod tool_calls;
mod verdict;

#[cfg(test)]
mod good;

pub use registry::{judge, registry, rule};
pub use verdict::{Rule, Ruling, Subject, Verdict};
