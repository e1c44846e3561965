//! Conducting a campaign: the matrix, the folder, the threads. Knows no command line and prints nothing.

pub(crate) mod attempt;
pub(crate) mod folder;
pub(crate) mod matrix;
pub(crate) mod pool;
