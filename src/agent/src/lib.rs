//! A complete agent and gateway that survives what providers do to it.
//!
//! The module list is a map. What a run is: [`outcome`], [`event`], [`failure`], [`message`], [`halt`], [`terminal`].
//! What runs it: [`agent`] with its [`config`], [`seams`], [`runtime`], [`clock`] and [`ids`]. What serves it to
//! programs: [`gateway`]; to people: [`command`]. What the process tells of its own life: [`lifecycle`].

pub mod agent;
pub mod clock;
pub mod command;
mod compaction;
pub mod config;
mod error_text;
pub mod event;
pub mod failure;
pub mod gateway;
pub mod halt;
mod history;
pub mod ids;
mod interactive;
pub mod lifecycle;
pub mod message;
pub mod outcome;
pub mod provider;
pub mod redact;
pub mod registry;
pub mod retry;
pub mod runtime;
pub mod seams;
mod session;
mod settings;
mod shutdown;
pub mod store;
pub mod terminal;
pub mod tools;
