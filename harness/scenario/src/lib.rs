//! Scenario files: read, checked, and turned into plans from a seed.
