//! What collectors declare is what they expose: each family of each golden exposition is in its `METRICS`.
//!
//! `docs/metrics.md` is made from those declarations, so a family that is missing there is missing for the reader.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use tallyd::host::{COLLECTORS, Spec, macos, metrics};
use tallyd::model::Desc;

/// A family of an exposition: its type, and the names of all labels that any of its samples has.
#[derive(Default)]
struct Family {
    kind: String,
    labels: Vec<String>,
}

fn families(exposition: &str) -> BTreeMap<String, Family> {
    let mut families: BTreeMap<String, Family> = BTreeMap::new();
    for line in exposition.lines() {
        if let Some((name, kind)) = line.strip_prefix("# TYPE ").and_then(|rest| rest.split_once(' ')) {
            families.entry(name.into()).or_default().kind = kind.into();
        } else if !line.starts_with('#')
            && let Some((name, labels)) = line.split_once('{')
        {
            let bare = ["_sum", "_count", "_bucket"].iter().find_map(|suffix| name.strip_suffix(suffix));
            let family = [Some(name), bare].into_iter().flatten().find(|name| families.contains_key(*name)).unwrap();
            families.get_mut(family).unwrap().labels.extend(label_names(labels));
        }
    }
    families
}

/// The names in `name="value",name="value"} 1`.
fn label_names(labels: &str) -> Vec<String> {
    let (mut names, mut rest) = (Vec::new(), labels);
    while let Some((name, after)) = rest.split_once("=\"") {
        names.push(name.trim_start_matches(',').to_owned());
        let mut escaped = false;
        let end = after.find(|c| {
            let ends = c == '"' && !escaped;
            escaped = c == '\\' && !escaped;
            ends
        });
        rest = &after[end.unwrap() + 1..];
    }
    names
}

/// Whether a declared name, in which each `*` stands for something, is the name of a family.
fn is_named(declared: &str, name: &str) -> bool {
    match declared.split_once('*') {
        None => declared == name,
        Some((start, rest)) => name.strip_prefix(start).is_some_and(|tail| {
            let ends = tail.char_indices().map(|(at, c)| at + c.len_utf8());
            ends.into_iter().any(|at| is_named(rest, &tail[at..]))
        }),
    }
}

/// Why no declaration covers a family; `None`: one does.
fn uncovered(spec: &Spec, name: &str, family: &Family) -> Option<String> {
    let declared: Vec<&&Desc<'_>> = metrics(spec).iter().filter(|desc| is_named(desc.name, name)).collect();
    let fits = |desc: &&&Desc<'_>| {
        let known = |label: &String| desc.labels.iter().any(|known| *known == "*" || known == label);
        desc.kind.as_str() == family.kind && family.labels.iter().all(known)
    };
    if declared.iter().any(fits) {
        return None;
    }
    let Some(near) = declared.first() else { return Some("has no descriptor of that name".into()) };
    let (kind, labels) = (near.kind.as_str(), near.labels);
    Some(format!(
        "has {} as a {kind} with the labels {labels:?}, but it is a {} with {:?}",
        near.name, family.kind, family.labels
    ))
}

/// What is wrong with the declarations of the collectors whose goldens are in a folder.
fn complaints(folder: &str, collectors: &[&Spec]) -> Vec<String> {
    let mut complaints = Vec::new();
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "prom") {
            continue;
        }
        let case = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let collector = case.split('-').next().unwrap();
        let spec = collectors.iter().find(|spec| spec.name == collector);
        let spec = spec.unwrap_or_else(|| panic!("{folder}/{case}.prom is named after a collector, with -VARIANT"));
        for (name, family) in families(&fs::read_to_string(&path).unwrap()) {
            // What files of users hold is declared by nobody.
            if collector == "textfile" && !name.starts_with("node_textfile_") {
                continue;
            }
            let why = uncovered(spec, &name, &family);
            complaints.extend(why.map(|why| {
                format!("collector {collector} exposes {name} ({folder}/{case}.prom), but its METRICS {why}")
            }));
        }
    }
    complaints.sort();
    complaints
}

#[test]
fn what_collectors_expose_is_what_they_declare() {
    let mut wrong = complaints("tests/golden/host", COLLECTORS);
    wrong.extend(complaints("tests/golden/host/macos", macos::COLLECTORS));
    assert!(wrong.is_empty(), "complete METRICS:\n{}", wrong.join("\n"));
}

#[test]
fn patterns_stand_for_names() {
    for (declared, name, want) in [
        ("node_load1", "node_load1", true),
        ("node_load1", "node_load15", false),
        ("node_netstat_*", "node_netstat_Tcp_InSegs", true),
        ("node_netstat_*", "node_netstat_", false),
        ("node_rapl_*_joules_total", "node_rapl_package_joules_total", true),
        ("node_rapl_*_joules_total", "node_rapl_package_joules", false),
        ("a_*_*_z", "a_b_c_z", true),
        ("a_*_*_z", "a_b_z", false),
    ] {
        assert_eq!(is_named(declared, name), want, "{declared} {name}");
    }
}
