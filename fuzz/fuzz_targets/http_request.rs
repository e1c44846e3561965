//! What comes over a connection: read as requests, however it is split.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fake_provider::fuzzing::http_request(data));
