//! The journal: records, their one order, reading and writing them.
