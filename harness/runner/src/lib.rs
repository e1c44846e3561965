//! Starts targets, drives clients, watches processes, writes the journal.
