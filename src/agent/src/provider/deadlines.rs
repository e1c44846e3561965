//! How long silence may last, and what ends it. Only data does: bytes that keep a connection open say nothing.

use std::time::Duration;

use super::items::StreamItem;
use crate::config::Timeouts;

/// The limits of waiting.
pub trait Deadlines: Send + Sync {
    /// From sending to the first data.
    fn first_data(&self, timeouts: &Timeouts) -> Option<Duration> {
        Some(timeouts.first_byte)
    }

    /// Between two pieces of data.
    fn idle(&self, timeouts: &Timeouts) -> Option<Duration> {
        Some(timeouts.idle)
    }

    /// The whole run.
    fn run(&self, timeouts: &Timeouts) -> Option<Duration> {
        Some(timeouts.run)
    }

    /// Whether this item ends a silence. `advanced` says whether it brought any part of an answer.
    fn is_progress(&self, item: &StreamItem, advanced: bool) -> bool {
        matches!(item, StreamItem::Event(_)) && advanced
    }
}

/// Only data counts.
#[derive(Debug, Default, Clone, Copy)]
pub struct DataDeadlines;

impl Deadlines for DataDeadlines {}
