//! Neighbours of IPv4 by device. Source: proc_pid_net(5), `/proc/net/arp`. Unit: entries.

use crate::flag::Flag;
use crate::host::filter::Filter;
use crate::host::{CollectError, Collector, Roots, Spec, files};
use crate::model::{Desc, Sink};
use std::collections::BTreeMap;

static ENTRIES: Desc<'static> = Desc::gauge("node_arp_entries", "ARP entries by device", &["device"]);

const INCLUDE: &str = "collector.arp.device-include";
const EXCLUDE: &str = "collector.arp.device-exclude";

/// The collector `arp`.
pub static SPEC: Spec = Spec {
    name: "arp",
    about: "neighbours of IPv4 by device from /proc/net/arp",
    default_enabled: true,
    flags: &[
        Flag::value(INCLUDE, "REGEXP", "", "Regexp of arp devices to include (mutually exclusive to device-exclude)."),
        Flag::value(EXCLUDE, "REGEXP", "", "Regexp of arp devices to exclude (mutually exclusive to device-include)."),
        Flag::on("collector.arp.netlink", "Use netlink to gather stats instead of /proc/net/arp."),
    ],
    metrics: &[&ENTRIES],
    build: |env| {
        let devices = Filter::from_flags(env.flags, INCLUDE, EXCLUDE)?;
        Ok(Box::new(Arp { roots: env.roots.clone(), devices }))
    },
};

struct Arp {
    roots: Roots,
    devices: Filter,
}

impl Collector for Arp {
    fn collect(&mut self, out: &mut dyn Sink) -> Result<(), CollectError> {
        let mut entries = read_proc(&self.roots)?;
        entries.retain(|device, _| !self.devices.ignores(device));
        emit(&entries, out);
        Ok(())
    }
}

/// `192.168.1.1  0x1  0x2  cc:aa:dd:ee:aa:bb  *  eth0`
fn read_proc(roots: &Roots) -> Result<BTreeMap<String, u32>, CollectError> {
    let path = roots.proc("net/arp");
    let mut entries = BTreeMap::new();
    for (at, line) in files::lines(&files::read(&path)?) {
        let fields: Vec<&str> = line.split_ascii_whitespace().collect();
        match fields.as_slice() {
            ["IP", "address", ..] => {}
            [_, _, _, _, _, device] => *entries.entry((*device).to_owned()).or_default() += 1,
            _ => return Err(CollectError::malformed(&path, at, "expected six fields")),
        }
    }
    Ok(entries)
}

fn emit(entries: &BTreeMap<String, u32>, out: &mut dyn Sink) {
    let mut family = out.family(&ENTRIES);
    for (device, count) in entries {
        family.sample(&[device], f64::from(*count));
    }
}
