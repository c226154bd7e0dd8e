#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tallyd_fuzz::web_config::check(data));
