//! Files of flags (`@file`): each is refused with one sentence, or gives every flag its values. Nothing that a value names
//! is opened or looked up.

use std::fs;
use tallyd::cli::{self, Request};
use tempfile::TempDir;

thread_local! {
    static FOLDER: TempDir = tempfile::tempdir().expect("a folder");
}

/// Panics where it does not hold.
pub fn check(text: &[u8]) {
    FOLDER.with(|folder| {
        let path = folder.path().join("args");
        fs::write(&path, text).expect("a file");
        match cli::parse([format!("@{}", path.display())]) {
            Ok(Request::Run(flags)) => {
                assert!(!flags.all("web.listen-address").is_empty() || flags.given("web.listen-address"))
            }
            Ok(Request::Print(text)) => assert!(text.ends_with('\n')),
            Ok(Request::Send(_) | Request::Service(_) | Request::Top(_)) => {}
            Err(e) => assert!(!e.to_string().is_empty()),
        }
    });
}
