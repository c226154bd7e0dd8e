//! One collector over a tree of files, without an agent.

#![allow(dead_code, clippy::unwrap_used, clippy::expect_used)]

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use tallyd::encode::Encoder;
use tallyd::flag::{Flag, Takes, Values};
use tallyd::host::{COLLECTORS, Env, Host, Roots};

/// What a collector shows of a tree.
#[derive(Debug, PartialEq)]
pub struct Shown {
    /// Its own families.
    pub body: String,
    /// Whether it succeeded.
    pub success: bool,
}

/// The flags of all collectors, those given as `name=value`.
pub fn flags(given: &[&str]) -> Values {
    let declared: Vec<&Flag> = COLLECTORS.iter().flat_map(|spec| spec.flags).collect();
    let mut values = Values::defaults(declared.iter().copied());
    for flag in given {
        let (name, value) = flag.split_once('=').unwrap();
        let declared = declared.iter().find(|flag| flag.name == name);
        values.give(declared.expect("it is declared by a collector"), value.to_owned(), None);
    }
    values
}

/// The roots of a tree of `proc`, `sys`, `root` and `udev`.
pub fn roots(tree: &Path) -> Roots {
    Roots::new(tree.join("proc"), tree.join("sys"), tree.join("root"), tree.join("udev"))
}

/// Runs one collector once. It must open each family once.
pub fn run(collector: &str, roots: &Roots, flags: &Values) -> Shown {
    let env = Env { roots, flags };
    let host = Host::new(COLLECTORS, &env, |spec| spec.name == collector).unwrap();
    let (mut encoder, mut body) = (Encoder::default(), Vec::new());
    host.collect(&host.select(&[], &[]).unwrap(), &mut encoder);
    assert_eq!(encoder.refused().first(), None, "{collector} opens each family once");
    encoder.take(&mut body);
    let body = String::from_utf8(body).unwrap();
    let (body, report) = body.split_at(body.find("# HELP node_scrape_collector_duration_seconds").unwrap());
    let success = report.contains(&format!("node_scrape_collector_success{{collector=\"{collector}\"}} 1\n"));
    Shown { body: body.to_owned(), success }
}

/// Flags that make each collector read what it does not read by default, below a tree.
pub fn all_on(tree: &Path) -> Vec<String> {
    let switches = COLLECTORS.iter().flat_map(|spec| spec.flags).filter(|flag| flag.takes == Takes::Switch);
    let mut given: Vec<String> = switches.map(|flag| format!("{}={}", flag.name, flag.default != "true")).collect();
    for (name, value) in [
        ("collector.cpu.info.flags-include", "."),
        ("collector.cpu.info.bugs-include", "."),
        ("collector.netstat.fields", "."),
        ("collector.vmstat.fields", "."),
        ("collector.sysctl.include", "fs.file-nr:total,free,max"),
        ("collector.sysctl.include", "kernel.threads-max"),
        ("collector.sysctl.include-info", "net.ipv4.tcp_available_congestion_control"),
        ("collector.tcpstat.port.source", "22"),
    ] {
        given.push(format!("{name}={value}"));
    }
    for (name, place) in [
        ("collector.textfile.directory", "textfile"),
        ("collector.qdisc.fixtures", "qdisc"),
        ("collector.wifi.fixtures", "wifi"),
        ("collector.systemd.socket", "no-bus"),
    ] {
        given.push(format!("{name}={}", tree.join(place).display()));
    }
    given
}

/// Runs `each` for every file of a tree, with the place that it has in a copy.
pub fn for_files(from: &Path, to: &Path, each: &mut impl FnMut(&Path, &Path)) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let (kind, to) = (entry.file_type().unwrap(), to.join(entry.file_name()));
        if kind.is_symlink() {
            symlink(fs::read_link(entry.path()).unwrap(), to).unwrap();
        } else if kind.is_dir() {
            for_files(&entry.path(), &to, each);
        } else {
            each(&entry.path(), &to);
        }
    }
}
