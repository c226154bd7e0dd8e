//! Every collector over the fixtures with garbage in the place of each file's text: what comes of it is an error or
//! samples, never a panic, and a body is always one that a scraper can read.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)]

use collect::Shown;
use std::fs;
use std::path::Path;
use tallyd::host::COLLECTORS;
use tallyd::model::name::is_metric_name;

#[path = "common/collect.rs"]
mod collect;

/// Text that is longer is read once, with all that a collector can read.
const LARGE: usize = 1 << 16;

/// What the files hold instead.
fn garbage() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("nothing", Vec::new()),
        ("a line feed", b"\n".to_vec()),
        ("every byte", (0..=255).collect()),
        ("zeros", vec![0; 4096]),
        ("a negative number", b"-1\n".to_vec()),
        ("a number that fits nowhere", b"99999999999999999999999999999999999999999\n".to_vec()),
        ("no number", b"nan inf 1e999 0x -\n".to_vec()),
        ("separators", b": - , / . = ( ) [ ] \" ' \\ # | \t\n".repeat(9)),
        ("one long line", b"1 ".repeat(2500)),
        ("many short lines", b"a 1\n".repeat(1000)),
        ("a mebibyte", mebibyte()),
        ("letters of more than a byte", "\u{e9}\u{65e5}\u{1f600} ".repeat(40).into_bytes()),
    ]
}

/// A mebibyte of lines, then of every byte.
fn mebibyte() -> Vec<u8> {
    let lines = b"cpu0 18446744073709551615 1: 2 -3\n".iter().cycle().take(1 << 19).copied();
    lines.chain((0..=255).cycle().take(1 << 19)).collect()
}

/// Whether a line of a body is a comment or a sample.
fn is_exposition(line: &str) -> bool {
    let name = line.split(['{', ' ']).next().unwrap_or_default();
    let value = line.rsplit(' ').next().unwrap_or_default();
    line.starts_with("# ") || is_metric_name(name) && value.parse::<f64>().is_ok()
}

#[test]
fn garbage_is_an_error_and_no_panic() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/host");
    for (what, text) in garbage() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("text");
        fs::write(&file, &text).unwrap();
        collect::for_files(&fixtures, dir.path(), &mut |_, to| fs::hard_link(&file, to).unwrap());
        for given in [Vec::new(), collect::all_on(dir.path())].into_iter().skip(usize::from(text.len() > LARGE)) {
            let flags = collect::flags(&given.iter().map(String::as_str).collect::<Vec<_>>());
            for spec in COLLECTORS {
                let Shown { body, .. } = collect::run(spec.name, &collect::roots(dir.path()), &flags);
                let wrong = body.lines().find(|line| !is_exposition(line));
                assert_eq!(wrong, None, "{} reads {what}", spec.name);
            }
        }
    }
}
