//! Modules keep to their layers: who may name whom. The picture is in `docs/ARCHITECTURE.md`.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};

/// What the files below a folder, or a file, of `src` must not name.
const FORBIDDEN: &[(&str, &[&str])] = &[
    ("model", &["encode", "host", "statsd", "telemetry", "web", "scrape", "agent", "lifecycle", "cli", "config"]),
    ("encode", &["host", "statsd", "telemetry", "web", "scrape", "agent", "lifecycle", "cli", "config"]),
    ("host", &["encode", "statsd", "telemetry", "web", "scrape", "agent", "lifecycle", "cli", "config"]),
    ("statsd", &["host", "web", "scrape", "agent", "lifecycle", "cli", "config"]),
    ("telemetry", &["encode", "host", "statsd", "web", "scrape", "agent", "lifecycle", "cli", "config"]),
    ("web", &["host", "statsd", "scrape", "agent", "lifecycle", "cli", "config"]),
    (
        "service",
        &["encode", "host", "send", "statsd", "telemetry", "web", "scrape", "agent", "lifecycle", "cli", "config"],
    ),
    ("send", &["encode", "host", "statsd", "telemetry", "web", "scrape", "agent", "lifecycle", "cli", "config"]),
];

fn sources(below: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(below).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

/// The code of a file, without its tests: those may look at a whole.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    text.split("#[cfg(test)]\nmod tests").next().unwrap().to_owned()
}

fn src() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

#[test]
fn no_module_crosses_the_layers() {
    let mut crossed = Vec::new();
    for (layer, forbidden) in FORBIDDEN {
        for path in sources(&src().join(layer)) {
            if path.ends_with("tests.rs") {
                continue;
            }
            let code = code(&path);
            for other in *forbidden {
                if code.contains(&format!("crate::{other}::")) || code.contains(&format!("crate::{{{other}")) {
                    crossed.push(format!("{} names {other}", path.display()));
                }
            }
        }
    }
    assert!(crossed.is_empty(), "{}", crossed.join("\n"));
}

#[test]
fn only_main_ends_the_process_and_only_sys_is_unsafe() {
    for path in sources(&src()) {
        let code = code(&path);
        let name = path.file_name().unwrap().to_str().unwrap();
        assert!(name == "main.rs" || !code.contains("process::exit"), "{} ends the process", path.display());
        assert!(name == "sys.rs" || !code.contains("unsafe {"), "{} is unsafe", path.display());
    }
}

#[test]
fn files_stay_small() {
    let mut lengths: Vec<(usize, PathBuf)> =
        sources(&src()).into_iter().map(|path| (fs::read_to_string(&path).unwrap().lines().count(), path)).collect();
    lengths.sort();
    let (longest, path) = lengths.last().unwrap();
    assert!(*longest <= 400, "{} has {longest} lines", path.display());
}
