//! A scenario: every mistake has a place in it, and what loads can be planned.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| scenario::fuzzing::scenario(data));
