//! What a provider with an accent says, whole and cut anywhere: read back.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fake_provider::fuzzing::said_accents(data));
