//! Flags of node_exporter and statsd_exporter that tallyd has no use for: taken without effect where nothing is lost by
//! it, else refused with the reason. `docs/migrating-from-node-exporter.md` has the whole list.

use crate::flag::Flag;
use crate::host::absent;

/// Taken, whatever their value, and without effect.
pub const IGNORED: &[Flag] = &[
    Flag::value(
        "runtime.gomaxprocs",
        "COUNT",
        "",
        "CPUs to run on: tallyd sleeps most of the time and needs no limit.",
    ),
    Flag::value("statsd.cache-type", "WORD", "", "Kind of cache for mappings: tallyd has one kind."),
    Flag::value("statsd.event-queue-size", "COUNT", "", "Events in a queue: lines reach their series without one."),
    Flag::value("statsd.event-flush-threshold", "COUNT", "", "Events to flush at once: there is no queue."),
    Flag::value("statsd.event-flush-interval", "DURATION", "", "Time between two flushes: there is no queue."),
    Flag::value("statsd.udp-packet-queue-size", "COUNT", "", "Packets in a queue: they wait in the kernel's."),
];

/// Why a flag that is in no table is refused, if it is one of the two exporters'. The name is without dashes.
pub fn refusal(flag: &str) -> Option<String> {
    absent::collector_of(flag).map(|name| format!("tallyd has no collector {name}"))
}
