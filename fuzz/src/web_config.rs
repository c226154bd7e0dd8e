//! Web config files: each text is settings or one sentence.

use std::path::Path;
use tallyd::web::secure::file::{MAX_USERS, parse};

/// Panics where it does not hold.
pub fn check(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match parse(text, Path::new("/etc/tallyd")) {
        Ok(file) => {
            assert!(file.users.len() <= MAX_USERS);
            assert!(file.headers.iter().all(|(_, value)| value.bytes().all(|b| (b' '..=b'~').contains(&b))));
        }
        Err(e) => assert!(!e.to_string().is_empty()),
    }
}
