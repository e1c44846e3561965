//! A script: every mistake has a place in it, and what loads can be stored.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| provider_script::fuzzing::script(data));
