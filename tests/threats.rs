//! Each test, fault and script that docs/threats.md names exists, and each fault is named there.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// Titles of the faults, in the files of scripts/rig.
fn faults() -> BTreeSet<String> {
    let files = fs::read_dir(root().join("scripts/rig")).unwrap().map(|entry| entry.unwrap().path());
    let files = files.filter(|path| path.extension().is_some_and(|extension| extension == "py"));
    let texts: String = files.map(read).collect();
    let declared = texts.split("\n@fault(\"").skip(1);
    declared.map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
}

/// What stands between backquotes in the tables, one cell of which may name several.
fn named() -> Vec<String> {
    let text = read("docs/threats.md");
    let cells = text.lines().filter(|line| line.starts_with('|')).filter_map(|line| line.split('|').nth(2));
    cells.flat_map(|cell| cell.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>()).collect()
}

#[test]
fn what_is_named_exists() {
    let faults = faults();
    let mut tests = 0;
    for name in named() {
        if let Some((file, test)) = name.split_once("::") {
            assert!(read(file).contains(&format!("fn {test}(")), "{file} has no test {test}");
            tests += 1;
        } else if name != "unsafe" && !faults.contains(&name) {
            assert!(root().join(&name).is_file(), "{name} is no fault of scripts/rig and no script");
        }
    }
    assert!(tests > 0, "it names tests");
}

#[test]
fn each_fault_is_named() {
    let named: BTreeSet<String> = named().into_iter().collect();
    let missing: Vec<String> = faults().difference(&named).cloned().collect();
    assert_eq!(missing, Vec::<String>::new(), "they are done, and no threat of docs/threats.md is held by them");
    assert!(!faults().is_empty());
}
