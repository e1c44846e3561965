//! Requests to the admin API: answered.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fake_provider::fuzzing::admin(data));
