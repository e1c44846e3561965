//! A file of a recording: read, written again, made ready to be replayed.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fake_provider::fuzzing::recording(data));
