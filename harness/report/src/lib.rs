//! Verdicts as a person, a CI job or another program wants to read them: (plan, journal, verdicts) → text.
//!
//! Pure: knows no file, terminal, clock or environment. A module per format: [`Terminal`], [`json`], [`junit`], [`github`],
//! [`explain`]. [`Teller`] turns a record into a line; [`Campaign`] and [`Case`] are what all of them are given.

mod campaign;
mod case;
#[cfg(test)]
mod example;
mod excerpt;
pub mod explain;
pub mod github;
mod ink;
pub mod json;
pub mod junit;
mod sentence;
mod spell;
mod terminal;

pub use campaign::{Campaign, Rulings, Totals};
pub use case::{Breakage, Case, Conclusion, Judged, State, streaming};
pub use ink::Ink;
pub use sentence::{Teller, sentence};
pub use terminal::{Sentences, Terminal};
