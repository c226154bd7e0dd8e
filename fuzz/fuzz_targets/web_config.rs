//! Web config files: each text is settings or one sentence.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::path::Path;
use tallyd::web::secure::file::{MAX_USERS, parse};

fuzz_target!(|text: &str| {
    match parse(text, Path::new("/etc/tallyd")) {
        Ok(file) => {
            assert!(file.users.len() <= MAX_USERS);
            assert!(file.headers.iter().all(|(_, value)| value.bytes().all(|b| (b' '..=b'~').contains(&b))));
        }
        Err(e) => assert!(!e.to_string().is_empty()),
    }
});
