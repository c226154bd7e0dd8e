//! What the figures of a line of `/proc/diskstats` are, and in which unit.

use super::parse::MAX_FIGURES;
use crate::model::Desc;

/// The label of all of them.
pub const DEVICE: &[&str] = &["device"];

pub static READS: Desc<'static> =
    Desc::counter("node_disk_reads_completed_total", "The total number of reads completed successfully.", DEVICE);
pub static READS_MERGED: Desc<'static> =
    Desc::counter("node_disk_reads_merged_total", "The total number of reads merged.", DEVICE);
pub static READ_BYTES: Desc<'static> =
    Desc::counter("node_disk_read_bytes_total", "The total number of bytes read successfully.", DEVICE);
pub static READ_TIME: Desc<'static> =
    Desc::counter("node_disk_read_time_seconds_total", "The total number of seconds spent by all reads.", DEVICE);
pub static WRITES: Desc<'static> =
    Desc::counter("node_disk_writes_completed_total", "The total number of writes completed successfully.", DEVICE);
pub static WRITES_MERGED: Desc<'static> =
    Desc::counter("node_disk_writes_merged_total", "The number of writes merged.", DEVICE);
pub static WRITTEN_BYTES: Desc<'static> =
    Desc::counter("node_disk_written_bytes_total", "The total number of bytes written successfully.", DEVICE);
pub static WRITE_TIME: Desc<'static> = Desc::counter(
    "node_disk_write_time_seconds_total",
    "This is the total number of seconds spent by all writes.",
    DEVICE,
);
pub static IO_NOW: Desc<'static> = Desc::gauge("node_disk_io_now", "The number of I/Os currently in progress.", DEVICE);
pub static IO_TIME: Desc<'static> =
    Desc::counter("node_disk_io_time_seconds_total", "Total seconds spent doing I/Os.", DEVICE);
pub static IO_TIME_WEIGHTED: Desc<'static> =
    Desc::counter("node_disk_io_time_weighted_seconds_total", "The weighted # of seconds spent doing I/Os.", DEVICE);
pub static DISCARDS: Desc<'static> =
    Desc::counter("node_disk_discards_completed_total", "The total number of discards completed successfully.", DEVICE);
pub static DISCARDS_MERGED: Desc<'static> =
    Desc::counter("node_disk_discards_merged_total", "The total number of discards merged.", DEVICE);
pub static DISCARDED_SECTORS: Desc<'static> =
    Desc::counter("node_disk_discarded_sectors_total", "The total number of sectors discarded successfully.", DEVICE);
pub static DISCARD_TIME: Desc<'static> = Desc::counter(
    "node_disk_discard_time_seconds_total",
    "This is the total number of seconds spent by all discards.",
    DEVICE,
);
pub static FLUSHES: Desc<'static> = Desc::counter(
    "node_disk_flush_requests_total",
    "The total number of flush requests completed successfully",
    DEVICE,
);
pub static FLUSH_TIME: Desc<'static> = Desc::counter(
    "node_disk_flush_requests_time_seconds_total",
    "This is the total number of seconds spent by all flush requests.",
    DEVICE,
);

/// Brings a figure into its base unit.
pub type Unit = fn(u64) -> f64;

/// The figures of the kernel's line, in its order.
pub static FIGURES: [(&Desc<'static>, Unit); MAX_FIGURES] = [
    (&READS, count),
    (&READS_MERGED, count),
    (&READ_BYTES, bytes_from_sectors),
    (&READ_TIME, seconds_from_millis),
    (&WRITES, count),
    (&WRITES_MERGED, count),
    (&WRITTEN_BYTES, bytes_from_sectors),
    (&WRITE_TIME, seconds_from_millis),
    (&IO_NOW, count),
    (&IO_TIME, seconds_from_millis),
    (&IO_TIME_WEIGHTED, seconds_from_millis),
    (&DISCARDS, count),
    (&DISCARDS_MERGED, count),
    (&DISCARDED_SECTORS, count),
    (&DISCARD_TIME, seconds_from_millis),
    (&FLUSHES, count),
    (&FLUSH_TIME, seconds_from_millis),
];

fn count(n: u64) -> f64 {
    n as f64
}

/// The kernel counts in sectors of 512 bytes, whatever the device's own are.
fn bytes_from_sectors(sectors: u64) -> f64 {
    sectors as f64 * 512.0
}

fn seconds_from_millis(millis: u64) -> f64 {
    millis as f64 / 1000.0
}
