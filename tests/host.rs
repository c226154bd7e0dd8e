//! Every collector over a tree of plain files, compared whole with a golden exposition.
//!
//! Fixtures are `tests/fixtures/host/{proc,sys,root,udev}`, goldens `tests/golden/host/CASE.prom`. After a change that
//! is meant, `BLESS=1 cargo test --test host` writes the goldens anew; review what changed.

#![allow(clippy::unwrap_used)]

use regex::Regex;
use std::fs;
use std::path::{Path, PathBuf};
use tallyd::encode::Encoder;
use tallyd::flag::{Flag, Values};
use tallyd::host::{COLLECTORS, Env, Host, Roots};

/// A case: its name, the collector, flags of the collector (`name=value`), and whether values are live, so that only
/// names of series and labels are compared.
struct Case(&'static str, &'static str, &'static [&'static str], Values_);

#[derive(PartialEq)]
enum Values_ {
    Fixed,
    Live,
}
use Values_::{Fixed, Live};

const CASES: &[Case] = &[
    Case("arp", "arp", &["collector.arp.netlink=false", "collector.arp.device-exclude=^docker"], Fixed),
    Case("bcache", "bcache", &["collector.bcache.priorityStats=true"], Fixed),
    Case("bcachefs", "bcachefs", &[], Fixed),
    Case("bonding", "bonding", &[], Fixed),
    Case("btrfs", "btrfs", &[], Fixed),
    Case("buddyinfo", "buddyinfo", &[], Fixed),
    Case("cgroups", "cgroups", &[], Fixed),
    Case("conntrack", "conntrack", &[], Fixed),
    Case("cpu", "cpu", &[], Fixed),
    Case(
        "cpu-info",
        "cpu",
        &[
            "collector.cpu.guest=false",
            "collector.cpu.info.flags-include=^(aes|avx.?)$",
            "collector.cpu.info.bugs-include=^spectre_",
        ],
        Fixed,
    ),
    Case("cpu_vulnerabilities", "cpu_vulnerabilities", &[], Fixed),
    Case("cpufreq", "cpufreq", &[], Fixed),
    Case("diskstats", "diskstats", &[], Fixed),
    Case("diskstats-include", "diskstats", &["collector.diskstats.device-include=^(loop0|sda1)$"], Fixed),
    Case("dmi", "dmi", &[], Fixed),
    Case("dmmultipath", "dmmultipath", &[], Fixed),
    Case("drbd", "drbd", &[], Fixed),
    Case("edac", "edac", &[], Fixed),
    Case("entropy", "entropy", &[], Fixed),
    Case("fibrechannel", "fibrechannel", &[], Fixed),
    Case("filefd", "filefd", &[], Fixed),
    Case("filesystem", "filesystem", &[], Live),
    Case("hwmon", "hwmon", &[], Fixed),
    Case(
        "hwmon-filtered",
        "hwmon",
        &["collector.hwmon.chip-exclude=^acpitz$", "collector.hwmon.sensor-include=;(temp|fan)1$"],
        Fixed,
    ),
    Case("infiniband", "infiniband", &[], Fixed),
    Case("infiniband-excluded", "infiniband", &["collector.infiniband.device-exclude=mlx4"], Fixed),
    Case("interrupts", "interrupts", &[], Fixed),
    Case(
        "interrupts-filtered",
        "interrupts",
        &["collector.interrupts.name-exclude=^(NMI|LOC);|timer$", "collector.interrupts.include-zeros=false"],
        Fixed,
    ),
    Case("ipvs", "ipvs", &[], Fixed),
    Case("ipvs-labels", "ipvs", &["collector.ipvs.backend-labels=proto,local_address"], Fixed),
    Case("kernel_hung", "kernel_hung", &[], Fixed),
    Case("ksmd", "ksmd", &[], Fixed),
    Case("lnstat", "lnstat", &[], Fixed),
    Case("loadavg", "loadavg", &[], Fixed),
    Case("mdadm", "mdadm", &[], Fixed),
    Case("meminfo", "meminfo", &[], Fixed),
    Case("meminfo_numa", "meminfo_numa", &[], Fixed),
    Case("mountstats", "mountstats", &[], Fixed),
    Case("netclass", "netclass", &[], Fixed),
    Case(
        "netclass-valid",
        "netclass",
        &["collector.netclass.ignored-devices=^bond", "collector.netclass.ignore-invalid-speed=true"],
        Fixed,
    ),
    Case("netdev", "netdev", &["collector.netdev.netlink=false", "collector.netdev.label-ifalias=true"], Fixed),
    Case(
        "netdev-detailed",
        "netdev",
        &[
            "collector.netdev.netlink=false",
            "collector.netdev.enable-detailed-metrics=true",
            "collector.netdev.device-exclude=^(lo|veth.*)$",
        ],
        Fixed,
    ),
    Case("netdev-netlink", "netdev", &["collector.netdev.device-include=^lo$"], Live),
    Case("netstat", "netstat", &[], Fixed),
    Case("nfs", "nfs", &[], Fixed),
    Case("nfsd", "nfsd", &[], Fixed),
    Case("nvme", "nvme", &[], Fixed),
    Case("os", "os", &[], Fixed),
    Case("pcidevice", "pcidevice", &[], Fixed),
    Case("pcidevice-names", "pcidevice", &["collector.pcidevice.names=true"], Fixed),
    Case("powersupplyclass", "powersupplyclass", &[], Fixed),
    Case("powersupplyclass-ignored", "powersupplyclass", &["collector.powersupply.ignored-supplies=^AC"], Fixed),
    Case("pressure", "pressure", &[], Fixed),
    Case("processes", "processes", &[], Fixed),
    Case(
        "qdisc",
        "qdisc",
        &["collector.qdisc.fixtures=@FIXTURES@/qdisc", "collector.qdisc.device-exclude=^veth"],
        Fixed,
    ),
    Case("rapl", "rapl", &[], Fixed),
    Case("rapl-zone-label", "rapl", &["collector.rapl.enable-zone-label=true"], Fixed),
    Case("schedstat", "schedstat", &[], Fixed),
    Case("selinux", "selinux", &[], Fixed),
    Case("slabinfo", "slabinfo", &[], Fixed),
    Case("slabinfo-exclude", "slabinfo", &["collector.slabinfo.slabs-exclude=^kmalloc-"], Fixed),
    Case("sockstat", "sockstat", &[], Fixed),
    Case("softirqs", "softirqs", &[], Fixed),
    Case("softnet", "softnet", &[], Fixed),
    Case("stat", "stat", &[], Fixed),
    Case("stat-softirq", "stat", &["collector.stat.softirq=true"], Fixed),
    Case(
        "sysctl",
        "sysctl",
        &[
            "collector.sysctl.include=fs.file-nr",
            "collector.sysctl.include=fs.file-nr:total,free,max",
            "collector.sysctl.include=kernel.threads-max",
            "collector.sysctl.include-info=net.ipv4.tcp_available_congestion_control",
        ],
        Fixed,
    ),
    Case("tapestats", "tapestats", &["collector.tapestats.ignored-devices=^st1$"], Fixed),
    Case("tcpstat", "tcpstat", &["collector.tcpstat.port.source=22", "collector.tcpstat.port.dest=443"], Fixed),
    Case("thermal_zone", "thermal_zone", &[], Fixed),
    Case("time", "time", &[], Live),
    Case("timex", "timex", &[], Live),
    Case("udp_queues", "udp_queues", &[], Fixed),
    Case("uname", "uname", &[], Live),
    Case("vmstat", "vmstat", &[], Fixed),
    Case("vmstat-all", "vmstat", &["collector.vmstat.fields="], Fixed),
    Case("watchdog", "watchdog", &[], Fixed),
    Case("wifi", "wifi", &["collector.wifi.fixtures=@FIXTURES@/wifi"], Fixed),
    Case("xfrm", "xfrm", &[], Fixed),
    Case("xfs", "xfs", &[], Fixed),
    Case("zfs", "zfs", &[], Fixed),
    Case("zoneinfo", "zoneinfo", &[], Fixed),
];

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/host")
}

fn flags(given: &[&str]) -> Values {
    let declared: Vec<&Flag> = COLLECTORS.iter().flat_map(|spec| spec.flags).collect();
    let mut values = Values::defaults(declared.iter().copied());
    let fixtures = fixtures();
    for flag in given {
        let (name, value) = flag.split_once('=').unwrap();
        assert!(declared.iter().any(|f| f.name == name), "--{name} is declared by a collector");
        let mut all = if values.given(name) { values.all(name).to_vec() } else { Vec::new() };
        all.push(value.replace("@FIXTURES@", fixtures.to_str().unwrap()));
        values.set(name, all, true);
    }
    values
}

/// The exposition of one collector without the runner's own families.
fn expose(collector: &str, given: &[&str]) -> String {
    let at = |name: &str| fixtures().join(name);
    let roots = Roots::new(at("proc"), at("sys"), at("root"), at("udev"));
    let env = Env { roots: &roots, flags: &flags(given) };
    let host = Host::new(COLLECTORS, &env, |spec| spec.name == collector).unwrap();
    let mut selection = host.select(&[], &[]).unwrap();
    let (mut encoder, mut body) = (Encoder::default(), Vec::new());
    assert!(host.step(&mut selection, &mut encoder), "{collector} is a collector");
    encoder.take(&mut body);
    assert!(host.step(&mut selection, &mut encoder), "the report follows");
    let mut report = Vec::new();
    encoder.take(&mut report);
    let report = String::from_utf8(report).unwrap();
    assert!(
        report.contains(&format!("node_scrape_collector_success{{collector=\"{collector}\"}} 1\n")),
        "{collector} failed over the fixtures"
    );
    assert_eq!(encoder.refused(), Vec::<String>::new(), "{collector} opens each family once");
    String::from_utf8(body).unwrap().replace(fixtures().to_str().unwrap(), "@FIXTURES@")
}

/// Series without their values and those of their labels.
fn names(body: &str) -> String {
    let quoted = Regex::new(r#""(\\.|[^"\\])*""#).unwrap();
    let line = |line: &str| match line.starts_with('#') {
        true => format!("{line}\n"),
        false => format!("{}\n", quoted.replace_all(line.rsplit_once(' ').unwrap().0, "\"\"")),
    };
    body.lines().map(line).collect()
}

#[test]
fn collectors_expose_what_the_goldens_say() {
    let mut differing = Vec::new();
    for Case(case, collector, given, values) in CASES {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/golden/host/{case}.prom"));
        let mut got = expose(collector, given);
        if *values != Fixed {
            got = names(&got);
        }
        if std::env::var_os("BLESS").is_some() {
            fs::write(&path, &got).unwrap();
        }
        let want = fs::read_to_string(&path).unwrap_or_default();
        if got != want {
            let first = got.lines().zip(want.lines()).find(|(g, w)| g != w);
            differing.push(format!(
                "{case}: {} lines, {} wanted; first: {first:?}",
                got.lines().count(),
                want.lines().count()
            ));
        }
    }
    assert!(differing.is_empty(), "review, then BLESS=1 cargo test --test host:\n{}", differing.join("\n"));
}

#[test]
fn no_collector_is_without_a_golden() {
    for spec in COLLECTORS {
        assert!(CASES.iter().any(|case| case.1 == spec.name), "{} has a case", spec.name);
    }
}

#[test]
fn collectors_are_declared_alike() {
    for spec in COLLECTORS {
        assert!(!spec.about.is_empty() && !spec.about.ends_with('.'), "{}: about is a clause", spec.name);
        assert!(COLLECTORS.iter().filter(|other| other.name == spec.name).count() == 1, "{} is there once", spec.name);
        for flag in spec.flags {
            assert!(flag.name.starts_with("collector."), "--{}", flag.name);
            assert!(flag.help.ends_with('.'), "--{}: help is a sentence", flag.name);
        }
        for desc in spec.metrics {
            assert!(!desc.help.is_empty(), "{} has help", desc.name);
        }
    }
}
