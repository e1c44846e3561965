//! A journal: refused, or read and written again.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| journal::fuzzing::journal(data));
