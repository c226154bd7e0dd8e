//! Network devices. Source: rtnetlink(7), or `/proc/net/dev` with `--no-collector.netdev.netlink`. Units: bytes, packets
//! and events, all counted since the device came up.

mod addresses;
pub mod proc;
mod statistics;

use self::statistics::{ALL, Statistics};
use super::netlink::{dump, link};
use crate::flag::Flag;
use crate::host::addresses as info;
use crate::host::filter::Filter;
use crate::host::{CollectError, Collector, Metrics, Roots, Spec, files};
use crate::model::Sink;

/// The collector `netdev`.
pub static SPEC: Spec = Spec {
    name: "netdev",
    about: "traffic and errors of network devices from netlink or /proc/net/dev",
    default_enabled: true,
    flags: &[
        Flag::value(
            "collector.netdev.device-include",
            "REGEXP",
            "",
            "Regexp of net devices to include (mutually exclusive to device-exclude).",
        )
        .alias(&["collector.netdev.device-whitelist"]),
        Flag::value(
            "collector.netdev.device-exclude",
            "REGEXP",
            "",
            "Regexp of net devices to exclude (mutually exclusive to device-include).",
        )
        .alias(&["collector.netdev.device-blacklist"]),
        Flag::on("collector.netdev.netlink", "Use netlink to gather stats instead of /proc/net/dev."),
        Flag::switch("collector.netdev.address-info", "Collect address-info for every device."),
        Flag::switch("collector.netdev.label-ifalias", "Add ifAlias label."),
        Flag::switch(
            "collector.netdev.enable-detailed-metrics",
            "Use (incompatible) metric names that provide more detailed stats on Linux.",
        ),
    ],
    build: |env| {
        let (include, exclude) = ("collector.netdev.device-include", "collector.netdev.device-exclude");
        let (netlink, detailed) =
            (env.flags.on("collector.netdev.netlink"), env.flags.on("collector.netdev.enable-detailed-metrics"));
        Ok(Box::new(Netdev {
            roots: env.roots.clone(),
            filter: Filter::from_flags(env.flags, include, exclude)?,
            netlink,
            statistics: match (netlink, detailed) {
                (true, false) => statistics::FROM_NETLINK,
                (true, true) => statistics::FROM_NETLINK_DETAILED,
                (false, false) => statistics::FROM_PROC,
                (false, true) => statistics::FROM_PROC_DETAILED,
            },
            alias: env.flags.on("collector.netdev.label-ifalias"),
            addresses: env.flags.on("collector.netdev.address-info"),
        }))
    },
};

/// What it shows.
pub static METRICS: Metrics = ALL;

struct Netdev {
    roots: Roots,
    filter: Filter,
    netlink: bool,
    statistics: Statistics,
    alias: bool,
    addresses: bool,
}

impl Collector for Netdev {
    fn collect(&mut self, out: &mut dyn Sink) -> Result<(), CollectError> {
        let devices = self.read()?;
        let addresses = if self.addresses { addresses::read(&self.filter)? } else { Vec::new() };
        emit(self.statistics, &devices, out);
        info::emit(&addresses, out);
        Ok(())
    }
}

/// A device and its counters in the order of their source.
#[derive(Debug, PartialEq, Eq)]
pub struct Device {
    /// `eth0`
    pub name: String,
    /// Text that the administrator gave it, where it is asked for.
    alias: Option<String>,
    /// Those of netlink, or of a line of `/proc/net/dev`.
    pub counters: Vec<u64>,
}

impl Netdev {
    fn read(&self) -> Result<Vec<Device>, CollectError> {
        let mut devices = if self.netlink {
            let links = dump(&link::QUESTION, link::decode)?.into_iter();
            links.map(|link| Device { name: link.name, alias: None, counters: link.counters }).collect()
        } else {
            let path = self.roots.proc("net/dev");
            proc::devices(&path, &files::read(&path)?)?
        };
        devices.retain(|device| !self.filter.ignores(&device.name));
        if self.alias {
            for device in &mut devices {
                let path = self.roots.sys("class/net").join(&device.name).join("ifalias");
                device.alias = Some(files::if_there(files::value(&path))?.unwrap_or_default());
            }
        }
        Ok(devices)
    }
}

fn emit(statistics: Statistics, devices: &[Device], out: &mut dyn Sink) {
    for (desc, parts) in statistics {
        let mut family = out.family(desc);
        for device in devices {
            let mut known = parts.iter().filter_map(|&part| device.counters.get(part)).peekable();
            // Old kernels lack the counters that were added last.
            if known.peek().is_none() {
                continue;
            }
            let total = known.fold(0, |sum: u64, &part| sum.wrapping_add(part)) as f64;
            match &device.alias {
                Some(alias) => family.labeled(&[("device", &device.name), ("ifalias", alias)], total),
                None => family.sample(&[&device.name], total),
            }
        }
    }
}
