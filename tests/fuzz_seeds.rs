//! The seeds of the fuzz targets, of which many were found by fuzzing, through what the targets check.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../fuzz/src/lib.rs"]
mod fuzz;

use std::fs;
use std::path::Path;

/// A target and what it checks.
type Target = (&'static str, fn(&[u8]));

const TARGETS: &[Target] = &[
    ("authorization", fuzz::authorization::check),
    ("certificate", fuzz::certificate::check),
    ("flags_file", fuzz::flags_file::check),
    ("host_files", fuzz::host_files::check),
    ("http_head", fuzz::http_head::check),
    ("line", fuzz::line::check),
    ("mapping", fuzz::mapping::check),
    ("state", fuzz::state::check),
    ("stream", fuzz::stream::check),
    ("textfile", fuzz::textfile::check),
    ("web_config", fuzz::web_config::check),
];

#[test]
fn what_the_targets_check_holds_for_all_seeds() {
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds");
    for (name, check) in TARGETS {
        let mut paths: Vec<_> =
            fs::read_dir(seeds.join(name)).expect(name).map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        assert!(!paths.is_empty(), "{name} has no seeds");
        for path in paths {
            // Told of where it panics, as the test shows what it printed then.
            println!("{}", path.display());
            check(&fs::read(&path).unwrap());
        }
    }
}

#[test]
fn each_target_is_run() {
    let targets = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/fuzz_targets");
    let files = fs::read_dir(targets).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = files.map(|path| path.file_stem().unwrap().to_string_lossy().into_owned()).collect();
    files.sort();
    assert_eq!(TARGETS.iter().map(|(name, _)| *name).collect::<Vec<_>>(), files);
}
