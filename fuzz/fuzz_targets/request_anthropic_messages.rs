//! A request in this dialect: read, checked, refused and answered.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fake_provider::fuzzing::request_anthropic_messages(data));
