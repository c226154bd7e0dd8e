//! When the system started. Source: sysinfo (`/proc/stat`, sysctl `kern.boottime`). Unit: seconds of unix time, whole.

use super::failed;
use crate::host::{CollectError, Collector, Metrics, Spec};
use crate::model::{Desc, Sink};
use sysinfo::System;

/// node_exporter's help differs by system.
static BOOT_TIME: Desc<'static> = Desc::gauge(
    "node_boot_time_seconds",
    if cfg!(target_os = "linux") {
        "Node boot time, in unixtime."
    } else {
        "Unix time of last boot, including microseconds."
    },
    &[],
);

/// The collector `boottime`. On Linux node_exporter has its metric in `stat`, so that is its name there.
pub static SPEC: Spec = Spec {
    name: if cfg!(target_os = "linux") { "stat" } else { "boottime" },
    about: "boot time of the system",
    default_enabled: true,
    flags: &[],
    build: |_| Ok(Box::new(BootTime)),
};

/// What it shows.
pub static METRICS: Metrics = &[&BOOT_TIME];

struct BootTime;

impl Collector for BootTime {
    fn collect(&mut self, out: &mut dyn Sink) -> Result<(), CollectError> {
        let seconds = System::boot_time().map_err(|e| failed("boot_time", e))?;
        out.one(&BOOT_TIME, seconds as f64);
        Ok(())
    }
}
