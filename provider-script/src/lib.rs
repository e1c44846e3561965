//! What a provider is told to say: entries, replies, conditions, faults, with their spans.
