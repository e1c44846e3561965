//! An answer that left, cut and broken anywhere: read back.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fake_provider::fuzzing::said(data));
