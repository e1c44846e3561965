//! Verdicts as a person, a CI job or another program wants to read them.
