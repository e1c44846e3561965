//! A fake LLM provider that says exactly what a script tells it, faults included.
