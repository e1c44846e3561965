//! Rules that hold for every scenario, and the expectations of one, judged from a plan and a journal.
//!
//! Pure: knows no runtime, socket or clock. A stored journal can be judged again years later.

mod verdict;

pub use verdict::{Rule, Ruling, Subject, Verdict};
