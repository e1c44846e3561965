//! A complete agent and gateway that survives what providers do to it.
