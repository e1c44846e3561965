//! A streamed answer, as the agent reads it, however it is cut.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| reference_agent::provider::fuzzing::stream(data));
