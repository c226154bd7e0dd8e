//! Every collector over a tree of plain files, compared whole with a golden exposition.
//!
//! Fixtures are `tests/fixtures/host/{proc,sys,root,udev}`, goldens `tests/golden/host/CASE.prom`. After a change that
//! is meant, `BLESS=1 cargo test --test host` writes the goldens anew; review what changed.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)]

use regex::Regex;
use std::fs;
use std::io::{Read, Write};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::thread::{self, JoinHandle};
use tallyd::host::{COLLECTORS, metrics};
use tempfile::TempDir;

#[path = "common/collect.rs"]
mod collect;

/// A case: its name, the collector, flags of the collector (`name=value`), and how much of what it exposes is fixed.
struct Case(&'static str, &'static str, &'static [&'static str], Compared);

/// What of an exposition is compared.
#[derive(PartialEq)]
enum Compared {
    /// All of it.
    Whole,
    /// Series without their values, which are this host's.
    Series,
    /// Names of metrics and labels, since values of labels are this host's too.
    Names,
}
use Compared::{Names, Series, Whole};

const CASES: &[Case] = &[
    Case("arp", "arp", &["collector.arp.netlink=false", "collector.arp.device-exclude=^docker"], Whole),
    Case("bcache", "bcache", &["collector.bcache.priorityStats=true"], Whole),
    Case("bcachefs", "bcachefs", &[], Whole),
    Case("bonding", "bonding", &[], Whole),
    Case("btrfs", "btrfs", &[], Whole),
    Case("buddyinfo", "buddyinfo", &[], Whole),
    Case("cgroups", "cgroups", &[], Whole),
    Case("conntrack", "conntrack", &[], Whole),
    Case("containers", "containers", &[], Whole),
    Case(
        "containers-few",
        "containers",
        &["collector.containers.id-include=^/(docker|system.slice)/", "collector.containers.max=2"],
        Whole,
    ),
    Case("cpu", "cpu", &[], Whole),
    Case(
        "cpu-info",
        "cpu",
        &[
            "collector.cpu.guest=false",
            "collector.cpu.info.flags-include=^(aes|avx.?)$",
            "collector.cpu.info.bugs-include=^spectre_",
        ],
        Whole,
    ),
    Case("cpu_vulnerabilities", "cpu_vulnerabilities", &[], Whole),
    Case("cpufreq", "cpufreq", &[], Whole),
    Case("diskstats", "diskstats", &[], Whole),
    Case("diskstats-include", "diskstats", &["collector.diskstats.device-include=^(loop0|sda1)$"], Whole),
    Case("dmi", "dmi", &[], Whole),
    Case("dmmultipath", "dmmultipath", &[], Whole),
    Case("drbd", "drbd", &[], Whole),
    Case("edac", "edac", &[], Whole),
    Case("entropy", "entropy", &[], Whole),
    Case("fibrechannel", "fibrechannel", &[], Whole),
    Case("filefd", "filefd", &[], Whole),
    Case("filesystem", "filesystem", &[], Series),
    Case("hwmon", "hwmon", &[], Whole),
    Case(
        "hwmon-filtered",
        "hwmon",
        &["collector.hwmon.chip-exclude=^acpitz$", "collector.hwmon.sensor-include=;(temp|fan)1$"],
        Whole,
    ),
    Case("infiniband", "infiniband", &[], Whole),
    Case("infiniband-excluded", "infiniband", &["collector.infiniband.device-exclude=mlx4"], Whole),
    Case("interrupts", "interrupts", &[], Whole),
    Case(
        "interrupts-filtered",
        "interrupts",
        &["collector.interrupts.name-exclude=^(NMI|LOC);|timer$", "collector.interrupts.include-zeros=false"],
        Whole,
    ),
    Case("ipvs", "ipvs", &[], Whole),
    Case("ipvs-labels", "ipvs", &["collector.ipvs.backend-labels=proto,local_address"], Whole),
    Case("kernel_hung", "kernel_hung", &[], Whole),
    Case("ksmd", "ksmd", &[], Whole),
    Case("lnstat", "lnstat", &[], Whole),
    Case("loadavg", "loadavg", &[], Whole),
    Case("mdadm", "mdadm", &[], Whole),
    Case("meminfo", "meminfo", &[], Whole),
    Case("meminfo_numa", "meminfo_numa", &[], Whole),
    Case("mountstats", "mountstats", &[], Whole),
    Case("netclass", "netclass", &[], Whole),
    Case(
        "netclass-valid",
        "netclass",
        &["collector.netclass.ignored-devices=^bond", "collector.netclass.ignore-invalid-speed=true"],
        Whole,
    ),
    Case("netdev", "netdev", &["collector.netdev.netlink=false", "collector.netdev.label-ifalias=true"], Whole),
    Case(
        "netdev-detailed",
        "netdev",
        &[
            "collector.netdev.netlink=false",
            "collector.netdev.enable-detailed-metrics=true",
            "collector.netdev.device-exclude=^(lo|veth.*)$",
        ],
        Whole,
    ),
    Case("netdev-netlink", "netdev", &["collector.netdev.device-include=^lo$"], Series),
    Case("netstat", "netstat", &[], Whole),
    Case("nfs", "nfs", &[], Whole),
    Case("nfsd", "nfsd", &[], Whole),
    Case("nvme", "nvme", &[], Whole),
    Case("os", "os", &[], Whole),
    Case("pcidevice", "pcidevice", &[], Whole),
    Case("pcidevice-names", "pcidevice", &["collector.pcidevice.names=true"], Whole),
    Case("powersupplyclass", "powersupplyclass", &[], Whole),
    Case("powersupplyclass-ignored", "powersupplyclass", &["collector.powersupply.ignored-supplies=^AC"], Whole),
    Case("pressure", "pressure", &[], Whole),
    Case("process_top", "process_top", &[], Whole),
    Case("processes", "processes", &[], Whole),
    Case(
        "qdisc",
        "qdisc",
        &["collector.qdisc.fixtures=@FIXTURES@/qdisc", "collector.qdisc.device-exclude=^veth"],
        Whole,
    ),
    Case("rapl", "rapl", &[], Whole),
    Case("rapl-zone-label", "rapl", &["collector.rapl.enable-zone-label=true"], Whole),
    Case("schedstat", "schedstat", &[], Whole),
    Case("selinux", "selinux", &[], Whole),
    Case("slabinfo", "slabinfo", &[], Whole),
    Case("slabinfo-exclude", "slabinfo", &["collector.slabinfo.slabs-exclude=^kmalloc-"], Whole),
    Case("sockstat", "sockstat", &[], Whole),
    Case("softirqs", "softirqs", &[], Whole),
    Case("softnet", "softnet", &[], Whole),
    Case("stat", "stat", &[], Whole),
    Case("stat-softirq", "stat", &["collector.stat.softirq=true"], Whole),
    Case(
        "sysctl",
        "sysctl",
        &[
            "collector.sysctl.include=fs.file-nr",
            "collector.sysctl.include=fs.file-nr:total,free,max",
            "collector.sysctl.include=kernel.threads-max",
            "collector.sysctl.include-info=net.ipv4.tcp_available_congestion_control",
        ],
        Whole,
    ),
    Case(
        "systemd",
        "systemd",
        &[
            "collector.systemd.socket=@BUS@",
            r"collector.systemd.unit-include=(dbus|systemd-journald|systemd-tmpfiles-clean|emergency|dev-mqueue|proc)\..+",
            r"collector.systemd.unit-exclude=.+\.device",
            "collector.systemd.enable-task-metrics=true",
            "collector.systemd.enable-restarts-metrics=true",
            "collector.systemd.enable-start-time-metrics=true",
        ],
        Whole,
    ),
    Case("tapestats", "tapestats", &["collector.tapestats.ignored-devices=^st1$"], Whole),
    Case("tcpstat", "tcpstat", &["collector.tcpstat.port.source=22", "collector.tcpstat.port.dest=443"], Whole),
    Case("textfile", "textfile", &["collector.textfile.directory=@FIXTURES@/text*"], Series),
    Case("thermal_zone", "thermal_zone", &[], Whole),
    Case("time", "time", &[], Names),
    Case("timex", "timex", &[], Names),
    Case("udp_queues", "udp_queues", &[], Whole),
    Case("uname", "uname", &[], Names),
    Case("vmstat", "vmstat", &[], Whole),
    Case("vmstat-all", "vmstat", &["collector.vmstat.fields="], Whole),
    Case("watchdog", "watchdog", &[], Whole),
    Case("wifi", "wifi", &["collector.wifi.fixtures=@FIXTURES@/wifi"], Whole),
    Case("xfrm", "xfrm", &[], Whole),
    Case("xfs", "xfs", &[], Whole),
    Case("zfs", "zfs", &[], Whole),
    Case("zoneinfo", "zoneinfo", &[], Whole),
];

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/host")
}

/// What a systemd 252 was asked and answered, behind its dbus-daemon. It was asked as the case `systemd` does.
const ASKED: &[u8] = include_bytes!("fixtures/dbus/systemd.asked");
const ANSWERED: &[u8] = include_bytes!("fixtures/dbus/systemd.answered");

/// A bus that gives these answers to the first who connects, and must have been asked what they answer.
struct Bus {
    dir: TempDir,
    thread: JoinHandle<Vec<u8>>,
}

impl Bus {
    fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let listener = UnixListener::bind(dir.path().join("bus")).unwrap();
        let thread = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            stream.write_all(ANSWERED).unwrap();
            let mut asked = Vec::new();
            stream.read_to_end(&mut asked).unwrap();
            asked
        });
        Self { dir, thread }
    }

    fn path(&self) -> PathBuf {
        self.dir.path().join("bus")
    }

    fn end(self) {
        let asked = self.thread.join().unwrap();
        assert!(asked == ASKED, "asked otherwise than recorded: {}", asked.escape_ascii());
    }
}

/// The exposition of one collector without the runner's own families.
fn expose(collector: &str, given: &[&str]) -> String {
    let bus = given.iter().any(|flag| flag.ends_with("@BUS@")).then(Bus::start);
    let (place, fixtures) = (bus.as_ref().map(Bus::path).unwrap_or_default(), fixtures());
    let (place, fixtures) = (place.to_str().unwrap(), fixtures.to_str().unwrap());
    let given: Vec<String> =
        given.iter().map(|flag| flag.replace("@BUS@", place).replace("@FIXTURES@", fixtures)).collect();
    let given: Vec<&str> = given.iter().map(String::as_str).collect();
    let shown = collect::run(collector, &collect::roots(fixtures.as_ref()), &collect::flags(&given));
    if let Some(bus) = bus {
        bus.end();
    }
    assert!(shown.success, "{collector} failed over the fixtures");
    shown.body.replace(fixtures, "@FIXTURES@")
}

/// Series without their values, and without those of their labels where they are not fixed either.
fn without_values(body: &str, nor_those_of_labels: bool) -> String {
    let quoted = Regex::new(r#""(\\.|[^"\\])*""#).unwrap();
    let line = |line: &str| match line.rsplit_once(' ') {
        Some((series, _)) if !line.starts_with('#') && nor_those_of_labels => {
            format!("{}\n", quoted.replace_all(series, "\"\""))
        }
        Some((series, _)) if !line.starts_with('#') => format!("{series}\n"),
        _ => format!("{line}\n"),
    };
    body.lines().map(line).collect()
}

#[test]
fn collectors_expose_what_the_goldens_say() {
    let mut differing = Vec::new();
    for Case(case, collector, given, values) in CASES {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/golden/host/{case}.prom"));
        let mut got = expose(collector, given);
        if *values != Whole {
            got = without_values(&got, *values == Names);
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
        for desc in metrics(spec) {
            assert!(!desc.help.is_empty(), "{} has help", desc.name);
        }
    }
}
