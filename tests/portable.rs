//! The portable collectors, live on the system that runs the tests, and held against the native ones where both exist.

#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};
use tallyd::encode::Encoder;
use tallyd::flag::{Flag, Values};
use tallyd::host::{BACKEND_FLAG, Backend, Env, Host, Roots, Spec, collectors, metrics};

/// Families that are the same at any moment, so that native and portable must agree on the values too.
const STEADY: &[&str] = &[
    "node_filesystem_files",
    "node_filesystem_readonly",
    "node_filesystem_size_bytes",
    "node_memory_MemTotal_bytes",
    "node_memory_SwapTotal_bytes",
    "node_uname_info",
];

/// A family of an exposition: its `# HELP` and `# TYPE` lines, and its series with their values.
#[derive(Default)]
struct Family {
    header: String,
    series: BTreeMap<String, f64>,
}

impl Family {
    /// Names of the labels of the first series; no value of these families holds a quote before a comma.
    fn label_names(&self) -> BTreeSet<&str> {
        let labels = self.series.keys().next().and_then(|series| series.split_once('{')).map_or("", |(_, rest)| rest);
        labels.split("\",").filter_map(|pair| Some(pair.split_once('=')?.0)).collect()
    }
}

/// Runs one collector on the real system; `None`: it has no data here.
fn expose(spec: &'static Spec, list: &'static [&'static Spec]) -> Option<BTreeMap<String, Family>> {
    let roots = Roots::new("/proc", "/sys", "/", "/run/udev/data");
    let mut flags = Values::defaults(list.iter().flat_map(|spec| spec.flags));
    // On macOS the names that the portable collector has are asked for.
    for flag in list.iter().flat_map(|spec| spec.flags).filter(|flag| flag.name == "collector.meminfo.linux-names") {
        flags.give(flag, "true".into(), None);
    }
    let host = Host::new(list, &Env { roots: &roots, flags: &flags }, |s| s.name == spec.name).unwrap();
    let (mut encoder, mut body) = (Encoder::default(), Vec::new());
    host.collect(&host.select(&[], &[]).unwrap(), &mut encoder);
    encoder.take(&mut body);
    assert_eq!(encoder.refused(), [], "{} opens each family once", spec.name);
    let body = String::from_utf8(body).unwrap();
    let (body, report) = body.split_at(body.find("# HELP node_scrape_collector_duration_seconds").unwrap());
    let success = format!("node_scrape_collector_success{{collector=\"{}\"}} 1\n", spec.name);
    report.contains(&success).then(|| families(body))
}

fn families(body: &str) -> BTreeMap<String, Family> {
    let mut families: BTreeMap<String, Family> = BTreeMap::new();
    for line in body.lines() {
        if let Some(header) = line.strip_prefix("# ") {
            let name = header.split(' ').nth(1).unwrap();
            families.entry(name.to_owned()).or_default().header += &format!("{line}\n");
        } else {
            let (series, value) = line.rsplit_once(' ').unwrap();
            let family = families.get_mut(series.split('{').next().unwrap()).unwrap();
            let before = family.series.insert(series.to_owned(), value.parse().unwrap());
            assert_eq!(before, None, "{series} is there once");
        }
    }
    families
}

#[test]
fn every_portable_collector_works_on_this_system() {
    for spec in collectors(Backend::Portable) {
        let families = expose(spec, collectors(Backend::Portable));
        let families = families.unwrap_or_else(|| panic!("{} failed", spec.name));
        for (name, family) in &families {
            assert!(metrics(spec).iter().any(|desc| desc.name == name), "{}: {name} is declared", spec.name);
            for (series, value) in &family.series {
                assert!(value.is_finite() && *value >= 0.0, "{series} {value}");
            }
        }
        // A container may have no file system that the filters let through.
        assert!(!families.is_empty() || spec.name == "filesystem", "{} shows something", spec.name);
    }
}

#[test]
fn portable_and_native_collectors_say_the_same() {
    for portable in collectors(Backend::Portable) {
        let Some(native) = collectors(Backend::Native).iter().find(|spec| spec.name == portable.name) else { continue };
        let Some(natives) = expose(native, collectors(Backend::Native)) else { continue };
        let portables = expose(portable, collectors(Backend::Portable)).unwrap();
        for (name, ours) in &portables {
            let theirs = natives.get(name).unwrap_or_else(|| panic!("{name} is a family of the native collector"));
            assert_eq!(ours.header, theirs.header);
            assert_eq!(ours.label_names(), theirs.label_names(), "labels of {name}");
            if STEADY.contains(&name.as_str()) {
                for (series, value) in &ours.series {
                    assert_eq!(theirs.series.get(series), Some(value), "{series}");
                }
            }
        }
    }
}

#[test]
fn flags_that_both_backends_have_are_alike() {
    let of = |backend| collectors(backend).iter().flat_map(|spec| spec.flags);
    let face = |flag: &Flag| (flag.takes, flag.default, flag.aliases);
    for ours in of(Backend::Portable) {
        if let Some(theirs) = of(Backend::Native).find(|flag| flag.name == ours.name) {
            assert_eq!(face(ours), face(theirs), "--{}", ours.name);
        }
    }
}

#[test]
fn portable_collectors_are_declared_alike() {
    let names: Vec<&str> = collectors(Backend::Portable).iter().map(|spec| spec.name).collect();
    let distinct: BTreeSet<&str> = names.iter().copied().collect();
    assert_eq!(names.len(), distinct.len());
    for spec in collectors(Backend::Portable) {
        assert!(!spec.about.is_empty() && !spec.about.ends_with('.'), "{}: about is a clause", spec.name);
        assert!(metrics(spec).iter().all(|desc| !desc.help.is_empty()), "{}: each metric has help", spec.name);
    }
}

#[test]
fn the_flag_chooses_the_backend() {
    let backend = |value: &str| {
        let mut flags = Values::defaults([&BACKEND_FLAG]);
        flags.give(&BACKEND_FLAG, value.into(), None);
        Backend::from_flags(&flags).map_err(|e| e.to_string())
    };
    assert_eq!(Backend::from_flags(&Values::defaults([&BACKEND_FLAG])), Ok(Backend::Native));
    assert_eq!(backend("portable"), Ok(Backend::Portable));
    assert_eq!(backend("sysinfo"), Err("--host.backend=sysinfo: it is native or portable".into()));
}
