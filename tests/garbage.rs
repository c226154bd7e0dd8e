//! Every collector over the fixtures with garbage in the place of each file's text: what comes of it is an error or
//! samples, never a panic, and a body is always one that a scraper can read.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)]

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use tallyd::encode::Encoder;
use tallyd::flag::Values;
use tallyd::host::{COLLECTORS, Env, Host, Roots};
use tallyd::model::name::is_metric_name;

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
        ("letters of more than a byte", "\u{e9}\u{65e5}\u{1f600} ".repeat(40).into_bytes()),
    ]
}

/// Copies a tree with other text in its files.
fn copy(from: &Path, to: &Path, text: &[u8]) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let (kind, to) = (entry.file_type().unwrap(), to.join(entry.file_name()));
        if kind.is_symlink() {
            symlink(fs::read_link(entry.path()).unwrap(), to).unwrap();
        } else if kind.is_dir() {
            copy(&entry.path(), &to, text);
        } else {
            fs::write(to, text).unwrap();
        }
    }
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
    let flags = Values::defaults(COLLECTORS.iter().flat_map(|spec| spec.flags));
    for (what, text) in garbage() {
        let dir = tempfile::tempdir().unwrap();
        copy(&fixtures, dir.path(), &text);
        let at = |name: &str| dir.path().join(name);
        let roots = Roots::new(at("proc"), at("sys"), at("root"), at("udev"));
        for spec in COLLECTORS {
            let env = Env { roots: &roots, flags: &flags };
            let host = Host::new(COLLECTORS, &env, |other| other.name == spec.name).unwrap();
            let (mut encoder, mut body) = (Encoder::default(), Vec::new());
            host.collect(&host.select(&[], &[]).unwrap(), &mut encoder);
            encoder.take(&mut body);
            let body = String::from_utf8(body).unwrap();
            let wrong = body.lines().find(|line| !is_exposition(line));
            assert_eq!(wrong, None, "{} reads {what}", spec.name);
            assert_eq!(encoder.refused(), [], "{} reads {what}", spec.name);
        }
    }
}
