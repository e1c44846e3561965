//! The reference agent with known mistakes built in, which the judges must convict.
