//! A place in a scenario file, for showing what failed where it was demanded.

use serde::{Deserialize, Serialize};

/// A stretch of one line.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// Line, from 1.
    pub line: usize,
    /// Column of the first character, from 1.
    pub column: usize,
    /// Characters.
    pub length: usize,
}
