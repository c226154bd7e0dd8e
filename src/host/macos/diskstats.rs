//! Disks. Source: IOKit, the statistics of each `IOBlockStorageDriver`. Units: bytes, seconds (from nanoseconds),
//! sectors of 512 bytes.
//!
//! Sectors are the bytes in sectors, as on Linux, whatever the block size of the disk is.

use super::iokit::{self, Properties};
use crate::flag::Flag;
use crate::host::filter::Filter;
use crate::host::{CollectError, Collector, Metrics, Spec};
use crate::model::{Desc, Sink, heads};

const INCLUDE: &str = "collector.diskstats.device-include";
const EXCLUDE: &str = "collector.diskstats.device-exclude";

const fn counter(name: &'static str, help: &'static str) -> Desc<'static> {
    Desc::counter(name, help, &["device"])
}

/// Where a figure is in the statistics, and what makes it one of the base unit.
type Source = (&'static str, fn(f64) -> f64);

/// Families, each with its source. The keys are those of `IOKit/storage/IOBlockStorageDriver.h`.
static TABLE: [(Desc<'static>, Source); 12] = [
    (
        counter("node_disk_reads_completed_total", "The total number of reads completed successfully."),
        ("Operations (Read)", plain),
    ),
    (
        counter("node_disk_read_sectors_total", "The total number of sectors read successfully."),
        ("Bytes (Read)", sectors_from_bytes),
    ),
    (
        counter("node_disk_read_time_seconds_total", "The total number of seconds spent by all reads."),
        ("Total Time (Read)", seconds_from_nanos),
    ),
    (
        counter("node_disk_writes_completed_total", "The total number of writes completed successfully."),
        ("Operations (Write)", plain),
    ),
    (
        counter("node_disk_written_sectors_total", "The total number of sectors written successfully."),
        ("Bytes (Write)", sectors_from_bytes),
    ),
    (
        counter("node_disk_write_time_seconds_total", "This is the total number of seconds spent by all writes."),
        ("Total Time (Write)", seconds_from_nanos),
    ),
    (counter("node_disk_read_bytes_total", "The total number of bytes read successfully."), ("Bytes (Read)", plain)),
    (
        counter("node_disk_written_bytes_total", "The total number of bytes written successfully."),
        ("Bytes (Write)", plain),
    ),
    (counter("node_disk_read_errors_total", "The total number of read errors."), ("Errors (Read)", plain)),
    (counter("node_disk_write_errors_total", "The total number of write errors."), ("Errors (Write)", plain)),
    (counter("node_disk_read_retries_total", "The total number of read retries."), ("Retries (Read)", plain)),
    (counter("node_disk_write_retries_total", "The total number of write retries."), ("Retries (Write)", plain)),
];

pub static METRICS: Metrics = &heads(&TABLE);

/// The collector `diskstats`.
pub static SPEC: Spec = Spec {
    name: "diskstats",
    about: "reads and writes of disks from IOKit",
    default_enabled: true,
    flags: &[
        Flag::value(
            EXCLUDE,
            "REGEXP",
            "",
            "Regexp of diskstats devices to exclude (mutually exclusive to device-include).",
        )
        .alias(&["collector.diskstats.ignored-devices"]),
        Flag::value(
            INCLUDE,
            "REGEXP",
            "",
            "Regexp of diskstats devices to include (mutually exclusive to device-exclude).",
        ),
    ],
    build: |env| Ok(Box::new(Diskstats { devices: Filter::from_flags(env.flags, INCLUDE, EXCLUDE)? })),
};

struct Diskstats {
    devices: Filter,
}

impl Collector for Diskstats {
    fn collect(&mut self, out: &mut dyn Sink) -> Result<(), CollectError> {
        let mut drives = iokit::drives()?;
        drives.retain(|drive| !self.devices.ignores(&drive.name));
        emit(&drives, out);
        Ok(())
    }
}

/// A disk with the statistics of its driver.
#[derive(Debug)]
pub struct Drive {
    /// BSD name, such as `disk0`.
    pub name: String,
    /// By key.
    pub statistics: Properties,
}

fn emit(drives: &[Drive], out: &mut dyn Sink) {
    for (desc, (key, base)) in &TABLE {
        let mut family = out.family(desc);
        for drive in drives {
            if let Some(figure) = drive.statistics.number(key) {
                family.sample(&[&drive.name], base(figure));
            }
        }
    }
}

fn plain(figure: f64) -> f64 {
    figure
}

/// Whole, as a disk has no part of a sector.
fn sectors_from_bytes(bytes: f64) -> f64 {
    (bytes / 512.0).floor()
}

fn seconds_from_nanos(nanos: f64) -> f64 {
    nanos / 1e9
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::macos::iokit::Value::Number;
    use crate::host::macos::tests::golden;

    #[test]
    fn disks_show_what_their_driver_counts() {
        let whole = [
            ("Operations (Read)", 4_387_202.0),
            ("Bytes (Read)", 111_846_789_120.0),
            ("Total Time (Read)", 3_123_997_486_813.0),
            ("Operations (Write)", 1_853_067.0),
            ("Bytes (Write)", 48_529_477_632.0),
            ("Total Time (Write)", 136_253_331_120.0),
            ("Errors (Read)", 0.0),
            ("Errors (Write)", 1.0),
            ("Retries (Read)", 2.0),
            ("Retries (Write)", 3.0),
            ("Latency Time (Read)", 5.0),
        ];
        let drive = |name: &str, statistics: &[(&str, f64)]| Drive {
            name: name.into(),
            statistics: statistics.iter().map(|(key, figure)| (*key, Number(*figure))).collect(),
        };
        // One lacks the retries, which not every driver counts.
        let drives = [drive("disk0", &whole), drive("disk4", &whole[..8])];
        golden("diskstats", |out| emit(&drives, out));
    }
}
