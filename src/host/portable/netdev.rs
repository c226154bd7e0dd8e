//! Traffic of network devices. Source: sysinfo (`/sys/class/net/*/statistics`, sysctl). Units: bytes, packets.

use super::failed;
use crate::flag::Flag;
use crate::host::filter::Filter;
use crate::host::{CollectError, Collector, Metrics, Spec};
use crate::model::{Desc, Sink};
use sysinfo::{NetworkData, Networks};

const INCLUDE: &str = "collector.netdev.device-include";
const EXCLUDE: &str = "collector.netdev.device-exclude";

static FLAGS: &[Flag] = &[
    Flag::value(INCLUDE, "REGEXP", "", "Regexp of net devices to include (mutually exclusive to device-exclude).")
        .alias(&["collector.netdev.device-whitelist"]),
    Flag::value(EXCLUDE, "REGEXP", "", "Regexp of net devices to exclude (mutually exclusive to device-include).")
        .alias(&["collector.netdev.device-blacklist"]),
];

const fn statistic(name: &'static str, help: &'static str) -> Desc<'static> {
    Desc::counter(name, help, &["device"])
}

static RECEIVE_BYTES: Desc<'static> =
    statistic("node_network_receive_bytes_total", "Network device statistic receive_bytes.");
static RECEIVE_ERRS: Desc<'static> =
    statistic("node_network_receive_errs_total", "Network device statistic receive_errs.");
static RECEIVE_PACKETS: Desc<'static> =
    statistic("node_network_receive_packets_total", "Network device statistic receive_packets.");
static TRANSMIT_BYTES: Desc<'static> =
    statistic("node_network_transmit_bytes_total", "Network device statistic transmit_bytes.");
static TRANSMIT_ERRS: Desc<'static> =
    statistic("node_network_transmit_errs_total", "Network device statistic transmit_errs.");
static TRANSMIT_PACKETS: Desc<'static> =
    statistic("node_network_transmit_packets_total", "Network device statistic transmit_packets.");

/// Each family with the figure that it shows: totals since the device exists.
type Statistic = (&'static Desc<'static>, fn(&NetworkData) -> u64);
static STATISTICS: &[Statistic] = &[
    (&RECEIVE_BYTES, NetworkData::total_received),
    (&RECEIVE_ERRS, NetworkData::total_errors_on_received),
    (&RECEIVE_PACKETS, NetworkData::total_packets_received),
    (&TRANSMIT_BYTES, NetworkData::total_transmitted),
    (&TRANSMIT_ERRS, NetworkData::total_errors_on_transmitted),
    (&TRANSMIT_PACKETS, NetworkData::total_packets_transmitted),
];

/// The collector `netdev`.
pub static SPEC: Spec = Spec {
    name: "netdev",
    about: "bytes, packets and errors of network devices",
    default_enabled: true,
    flags: FLAGS,
    build: |env| {
        let devices = Filter::from_flags(env.flags, INCLUDE, EXCLUDE)?;
        Ok(Box::new(Netdev { devices, networks: None }))
    },
};

/// What it shows.
pub static METRICS: Metrics =
    &[&RECEIVE_BYTES, &RECEIVE_ERRS, &RECEIVE_PACKETS, &TRANSMIT_BYTES, &TRANSMIT_ERRS, &TRANSMIT_PACKETS];

struct Netdev {
    devices: Filter,
    /// sysinfo's list, opened by the first scrape.
    networks: Option<Networks>,
}

impl Collector for Netdev {
    fn collect(&mut self, out: &mut dyn Sink) -> Result<(), CollectError> {
        let networks = match &mut self.networks {
            Some(networks) => networks,
            none => none.insert(Networks::new().map_err(|e| failed("networks", e))?),
        };
        networks.refresh(true);
        let mut devices: Vec<(&str, &NetworkData)> = networks
            .iter()
            .filter_map(|(name, data)| Some((name.to_str()?, data)))
            .filter(|(name, _)| is_device(name) && !self.devices.ignores(name))
            .collect();
        devices.sort_unstable_by_key(|(name, _)| *name);
        for (desc, figure) in STATISTICS {
            let mut family = out.family(desc);
            devices.iter().for_each(|(name, data)| family.sample(&[name], figure(data) as f64));
        }
        Ok(())
    }
}

/// sysinfo takes every entry of `/sys/class/net` for a device; the bonding driver keeps a control file there.
fn is_device(name: &str) -> bool {
    !(cfg!(target_os = "linux") && name == "bonding_masters")
}
