//! What is shown of a group. Names and help texts are cAdvisor's.

use super::disk::Disk;
use super::network::{COUNTERS, Interface};
use crate::host::Metrics;
use crate::model::{Desc, Sink};

/// A group that is shown.
#[derive(Debug, Default)]
pub struct Group {
    /// The path from the root of the hierarchy.
    pub id: String,
    /// Of the container or unit.
    pub name: String,
    /// CPU and memory.
    pub figures: Figures,
    /// Disks with their names.
    pub disks: Vec<(String, Disk)>,
    /// Interfaces that are the container's own.
    pub network: Vec<Interface>,
}

/// Figures of a group; `None` where its controller is off.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Figures {
    /// Seconds.
    pub cpu_usage: Option<f64>,
    /// Seconds.
    pub cpu_user: Option<f64>,
    /// Seconds.
    pub cpu_system: Option<f64>,
    /// Periods of the quota.
    pub periods: Option<f64>,
    /// Periods in which the quota was used up.
    pub throttled_periods: Option<f64>,
    /// Seconds.
    pub throttled: Option<f64>,
    /// Microseconds in a period.
    pub cpu_quota: Option<f64>,
    /// Microseconds.
    pub cpu_period: Option<f64>,
    /// By the scale of version 1, where 1024 is the default.
    pub cpu_shares: Option<f64>,
    /// Bytes.
    pub memory_usage: Option<f64>,
    /// Bytes that are used and were not long unused.
    pub working_set: Option<f64>,
    /// Bytes.
    pub rss: Option<f64>,
    /// Bytes.
    pub cache: Option<f64>,
    /// Bytes.
    pub mapped_file: Option<f64>,
    /// Bytes.
    pub swap: Option<f64>,
    /// Bytes; 0 is no limit.
    pub memory_limit: Option<f64>,
    /// By number.
    pub disks: Vec<Disk>,
}

const GROUP: &[&str] = &["id", "name"];
const CPU: &[&str] = &["id", "name", "cpu"];
const DEVICE: &[&str] = &["id", "name", "device"];
const INTERFACE: &[&str] = &["id", "name", "interface"];

type Number = (Desc<'static>, fn(&Figures) -> Option<f64>);

const fn counter(name: &'static str, help: &'static str, of: fn(&Figures) -> Option<f64>) -> Number {
    (Desc::counter(name, help, GROUP), of)
}

const fn gauge(name: &'static str, help: &'static str, of: fn(&Figures) -> Option<f64>) -> Number {
    (Desc::gauge(name, help, GROUP), of)
}

static CPU_USAGE: Desc<'static> =
    Desc::counter("container_cpu_usage_seconds_total", "Cumulative cpu time consumed in seconds.", CPU);
static NUMBERS: [Number; 15] = [
    counter("container_cpu_user_seconds_total", "Cumulative user cpu time consumed in seconds.", |f| f.cpu_user),
    counter("container_cpu_system_seconds_total", "Cumulative system cpu time consumed in seconds.", |f| f.cpu_system),
    counter("container_cpu_cfs_periods_total", "Number of elapsed enforcement period intervals.", |f| f.periods),
    counter("container_cpu_cfs_throttled_periods_total", "Number of throttled period intervals.", |f| {
        f.throttled_periods
    }),
    counter(
        "container_cpu_cfs_throttled_seconds_total",
        "Total time duration the container has been throttled.",
        |f| f.throttled,
    ),
    gauge(
        "container_memory_usage_bytes",
        "Current memory usage in bytes, including all memory regardless of when it was accessed",
        |f| f.memory_usage,
    ),
    gauge("container_memory_working_set_bytes", "Current working set in bytes.", |f| f.working_set),
    gauge("container_memory_rss", "Size of RSS in bytes.", |f| f.rss),
    gauge("container_memory_cache", "Number of bytes of page cache memory.", |f| f.cache),
    gauge("container_memory_mapped_file", "Size of memory mapped files in bytes.", |f| f.mapped_file),
    gauge("container_memory_swap", "Container swap usage in bytes.", |f| f.swap),
    gauge("container_spec_memory_limit_bytes", "Memory limit for the container.", |f| f.memory_limit),
    gauge("container_spec_cpu_period", "CPU period of the container.", |f| f.cpu_period),
    gauge("container_spec_cpu_quota", "CPU quota of the container.", |f| f.cpu_quota),
    gauge("container_spec_cpu_shares", "CPU share of the container.", |f| f.cpu_shares),
];

type OfDisk = (Desc<'static>, fn(&Disk) -> f64);
static DISK: [OfDisk; 4] = [
    (Desc::counter("container_fs_reads_bytes_total", "Cumulative count of bytes read", DEVICE), |d| d.read_bytes),
    (Desc::counter("container_fs_writes_bytes_total", "Cumulative count of bytes written", DEVICE), |d| {
        d.written_bytes
    }),
    (Desc::counter("container_fs_reads_total", "Cumulative count of reads completed", DEVICE), |d| d.reads),
    (Desc::counter("container_fs_writes_total", "Cumulative count of writes completed", DEVICE), |d| d.writes),
];

const fn interface(name: &'static str, help: &'static str) -> Desc<'static> {
    Desc::counter(name, help, INTERFACE)
}

/// In the order of [`Interface`]'s counters.
static RECEIVED: [Desc<'static>; COUNTERS] = [
    interface("container_network_receive_bytes_total", "Cumulative count of bytes received"),
    interface("container_network_receive_packets_total", "Cumulative count of packets received"),
    interface("container_network_receive_errors_total", "Cumulative count of errors encountered while receiving"),
    interface("container_network_receive_packets_dropped_total", "Cumulative count of packets dropped while receiving"),
];
static TRANSMITTED: [Desc<'static>; COUNTERS] = [
    interface("container_network_transmit_bytes_total", "Cumulative count of bytes transmitted"),
    interface("container_network_transmit_packets_total", "Cumulative count of packets transmitted"),
    interface("container_network_transmit_errors_total", "Cumulative count of errors encountered while transmitting"),
    interface(
        "container_network_transmit_packets_dropped_total",
        "Cumulative count of packets dropped while transmitting",
    ),
];
static LEFT_OUT: Desc<'static> = Desc::counter(
    "tallyd_containers_left_out_total",
    "Control groups that scrapes did not show, since there were more than --collector.containers.max.",
    &[],
);

/// All of them.
pub static METRICS: Metrics = &[
    &CPU_USAGE,
    &NUMBERS[0].0,
    &NUMBERS[1].0,
    &NUMBERS[2].0,
    &NUMBERS[3].0,
    &NUMBERS[4].0,
    &NUMBERS[5].0,
    &NUMBERS[6].0,
    &NUMBERS[7].0,
    &NUMBERS[8].0,
    &NUMBERS[9].0,
    &NUMBERS[10].0,
    &NUMBERS[11].0,
    &NUMBERS[12].0,
    &NUMBERS[13].0,
    &NUMBERS[14].0,
    &DISK[0].0,
    &DISK[1].0,
    &DISK[2].0,
    &DISK[3].0,
    &RECEIVED[0],
    &RECEIVED[1],
    &RECEIVED[2],
    &RECEIVED[3],
    &TRANSMITTED[0],
    &TRANSMITTED[1],
    &TRANSMITTED[2],
    &TRANSMITTED[3],
    &LEFT_OUT,
];

/// Shows groups.
pub fn emit(groups: &[Group], left_out: u64, out: &mut dyn Sink) {
    let mut family = out.family(&CPU_USAGE);
    for Group { id, name, figures, .. } in groups {
        figures.cpu_usage.iter().for_each(|seconds| family.sample(&[id, name, "total"], *seconds));
    }
    for (desc, of) in &NUMBERS {
        let mut family = out.family(desc);
        for Group { id, name, figures, .. } in groups {
            of(figures).iter().for_each(|number| family.sample(&[id, name], *number));
        }
    }
    for (desc, of) in &DISK {
        let mut family = out.family(desc);
        for Group { id, name, disks, .. } in groups {
            disks.iter().for_each(|(device, disk)| family.sample(&[id, name, device], of(disk)));
        }
    }
    for (descs, of) in [(&RECEIVED, received as fn(&Interface) -> &[f64; COUNTERS]), (&TRANSMITTED, transmitted)] {
        for (place, desc) in descs.iter().enumerate() {
            let mut family = out.family(desc);
            for Group { id, name, network, .. } in groups {
                network.iter().for_each(|device| family.sample(&[id, name, &device.name], of(device)[place]));
            }
        }
    }
    out.one(&LEFT_OUT, left_out as f64);
}

fn received(interface: &Interface) -> &[f64; COUNTERS] {
    &interface.received
}

fn transmitted(interface: &Interface) -> &[f64; COUNTERS] {
    &interface.transmitted
}
