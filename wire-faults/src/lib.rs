//! The vocabulary of faults: where, what, when.
