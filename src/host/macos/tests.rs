//! What the tests of the collectors share: goldens in `tests/golden/host/macos`, and bytes that are none.

use super::COLLECTORS;
use crate::encode::Encoder;
use crate::flag::Values;
use crate::host::{CollectError, Env, Roots, metrics, portable};
use crate::model::Sink;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use std::collections::HashSet;
use std::fs;
use std::path::Path;

/// Holds an exposition against the golden of this name. After a change that is meant, `BLESS=1 cargo test` writes it
/// anew.
pub fn golden(name: &str, write: impl FnOnce(&mut dyn Sink)) {
    let (mut encoder, mut got) = (Encoder::default(), Vec::new());
    write(&mut encoder);
    encoder.take(&mut got);
    assert!(encoder.refused().is_empty(), "each family is opened once");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/golden/host/macos/{name}.prom"));
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, &got).unwrap();
    }
    let want = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(String::from_utf8(got).unwrap(), want, "{name}");
}

/// Calls a decoder with garbage, and with its sample cut off and changed: it may refuse them, but not end the process.
pub fn survives(sample: &[u8], decode: impl Fn(&[u8])) {
    let mut runner = TestRunner::default();
    let garbage = |bytes: Vec<u8>| {
        decode(&bytes);
        Ok(())
    };
    runner.run(&proptest::collection::vec(any::<u8>(), 0..400), garbage).unwrap();
    let damage = (0..=sample.len(), proptest::collection::vec((0..sample.len(), any::<u8>()), 0..8));
    let damaged = |(cut, changes): (usize, Vec<(usize, u8)>)| {
        let mut bytes = sample.to_vec();
        changes.into_iter().for_each(|(at, byte)| bytes[at] = byte);
        bytes.truncate(cut);
        decode(&bytes);
        Ok(())
    };
    runner.run(&damage, damaged).unwrap();
}

#[test]
fn collectors_are_declared_alike() {
    let names: HashSet<&str> = COLLECTORS.iter().map(|spec| spec.name).collect();
    assert_eq!(names.len(), COLLECTORS.len());
    for spec in COLLECTORS {
        assert!(!spec.about.is_empty() && !spec.about.ends_with('.'), "{}: about is a clause", spec.name);
        assert!(metrics(spec).iter().all(|desc| !desc.help.is_empty()), "{}: each metric has help", spec.name);
        for flag in spec.flags {
            assert!(flag.name.starts_with("collector.") && flag.help.ends_with('.'), "--{}", flag.name);
        }
    }
}

/// On a Mac each collector has figures, or says that the machine lacks the thing; elsewhere those that ask macOS fail.
#[test]
fn every_collector_answers_or_says_why_not() {
    let roots = Roots::new("/proc", "/sys", "/", "/run/udev/data");
    let mut flags = Values::defaults(COLLECTORS.iter().flat_map(|spec| spec.flags));
    let switches = ["collector.meminfo.linux-names", "collector.netdev.address-info"];
    for flag in COLLECTORS.iter().flat_map(|spec| spec.flags).filter(|flag| switches.contains(&&*flag.name)) {
        flags.give(flag, "true".into(), None);
    }
    let here = cfg!(target_os = "macos");
    for spec in COLLECTORS {
        let (mut encoder, mut body) = (Encoder::default(), Vec::new());
        let result = (spec.build)(&Env { roots: &roots, flags: &flags }).unwrap().collect(&mut encoder);
        encoder.take(&mut body);
        assert!(result.is_ok() || body.is_empty(), "{}: it failed and wrote", spec.name);
        let shared = portable::COLLECTORS.iter().any(|other| std::ptr::eq(*other, *spec));
        match result {
            Ok(()) => assert!(here || shared, "{} asks nothing of macOS", spec.name),
            Err(CollectError::NoData(_)) => {}
            Err(e) => assert!(!here, "{}: {e}", spec.name),
        }
    }
}

/// Every family of a golden is declared, with the same help and type, and every family that is declared is in one.
#[test]
fn goldens_hold_every_family() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/host/macos");
    let text: String =
        fs::read_dir(dir).unwrap().map(|file| fs::read_to_string(file.unwrap().path()).unwrap()).collect();
    let shown: HashSet<&str> = text.lines().filter(|line| line.starts_with('#')).collect();
    let shared = ["loadavg", "textfile", "time", "uname"];
    let declared: HashSet<String> = COLLECTORS
        .iter()
        .filter(|spec| !shared.contains(&spec.name))
        .flat_map(|spec| metrics(spec))
        .flat_map(|desc| {
            [format!("# HELP {} {}", desc.name, desc.help), format!("# TYPE {} {}", desc.name, desc.kind.as_str())]
        })
        .collect();
    let declared: HashSet<&str> = declared.iter().map(String::as_str).collect();
    let mut differing: Vec<&&str> = shown.symmetric_difference(&declared).collect();
    differing.sort_unstable();
    assert!(differing.is_empty(), "{differing:#?}");
}
