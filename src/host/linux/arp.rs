//! Neighbours of IPv4 by device. Source: rtnetlink(7), or proc_pid_net(5), `/proc/net/arp`. Unit: entries.

use super::netlink::{dump, neighbour};
use crate::flag::Flag;
use crate::host::filter::Filter;
use crate::host::{CollectError, Collector, Metrics, Roots, Spec, files};
use crate::model::{Desc, Sink};
use rustix::net::netdevice::index_to_name;
use rustix::net::{AddressFamily, SocketFlags, SocketType, socket_with};
use std::collections::BTreeMap;

static ENTRIES: Desc<'static> = Desc::gauge("node_arp_entries", "ARP entries by device", &["device"]);
static STATES: Desc<'static> = Desc::gauge("node_arp_states", "ARP states by device", &["device", "state"]);

const INCLUDE: &str = "collector.arp.device-include";
const NETLINK: &str = "collector.arp.netlink";
const EXCLUDE: &str = "collector.arp.device-exclude";

/// The collector `arp`.
pub static SPEC: Spec = Spec {
    name: "arp",
    about: "neighbours of IPv4 by device from rtnetlink or /proc/net/arp",
    default_enabled: true,
    flags: &[
        Flag::value(INCLUDE, "REGEXP", "", "Regexp of arp devices to include (mutually exclusive to device-exclude)."),
        Flag::value(EXCLUDE, "REGEXP", "", "Regexp of arp devices to exclude (mutually exclusive to device-include)."),
        Flag::on(NETLINK, "Use netlink to gather stats instead of /proc/net/arp."),
    ],
    build: |env| {
        let devices = Filter::from_flags(env.flags, INCLUDE, EXCLUDE)?;
        Ok(Box::new(Arp { roots: env.roots.clone(), devices, netlink: env.flags.on(NETLINK) }))
    },
};

/// What it shows.
pub static METRICS: Metrics = &[&ENTRIES, &STATES];

struct Arp {
    roots: Roots,
    devices: Filter,
    netlink: bool,
}

impl Collector for Arp {
    fn collect(&mut self, out: &mut dyn Sink) -> Result<(), CollectError> {
        let mut devices = if self.netlink { read_kernel()? } else { read_proc(&self.roots)? };
        devices.retain(|device, _| !self.devices.ignores(device));
        emit(&devices, out);
        Ok(())
    }
}

/// Neighbours of a device.
#[derive(Debug, Default, PartialEq)]
struct Neighbours {
    entries: u32,
    /// Entries by state, which only netlink tells.
    states: BTreeMap<&'static str, u32>,
}

fn read_kernel() -> Result<BTreeMap<String, Neighbours>, CollectError> {
    let mut links = BTreeMap::<u32, Neighbours>::new();
    for neighbour in dump(&neighbour::QUESTION, neighbour::decode)?.into_iter().filter(|n| n.is_resolved()) {
        let link = links.entry(neighbour.link).or_default();
        link.entries += 1;
        *link.states.entry(neighbour.state_name()).or_default() += 1;
    }
    // A list of all links would tell the names as well, with all their counters.
    let socket = socket_with(AddressFamily::NETLINK, SocketType::RAW, SocketFlags::CLOEXEC, None);
    let socket = socket.map_err(|e| CollectError::call("socket", e.into()))?;
    // A link may have gone meanwhile.
    let mut devices = BTreeMap::new();
    devices.extend(links.into_iter().filter_map(|(link, found)| Some((index_to_name(&socket, link).ok()?, found))));
    Ok(devices)
}

/// `192.168.1.1  0x1  0x2  cc:aa:dd:ee:aa:bb  *  eth0`
fn read_proc(roots: &Roots) -> Result<BTreeMap<String, Neighbours>, CollectError> {
    let path = roots.proc("net/arp");
    let mut devices = BTreeMap::<String, Neighbours>::new();
    for (at, line) in files::lines(&files::read(&path)?) {
        let fields: Vec<&str> = line.split_ascii_whitespace().collect();
        match fields.as_slice() {
            ["IP", "address", ..] => {}
            [_, _, _, _, _, device] => devices.entry((*device).to_owned()).or_default().entries += 1,
            _ => return Err(CollectError::malformed(&path, at, "expected six fields")),
        }
    }
    Ok(devices)
}

fn emit(devices: &BTreeMap<String, Neighbours>, out: &mut dyn Sink) {
    let mut family = out.family(&ENTRIES);
    for (device, neighbours) in devices {
        family.sample(&[device], f64::from(neighbours.entries));
    }
    let mut family = out.family(&STATES);
    for (device, neighbours) in devices {
        for (state, count) in &neighbours.states {
            family.sample(&[device, state], f64::from(*count));
        }
    }
}
