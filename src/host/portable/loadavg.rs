//! Load averages. Source: sysinfo (getloadavg(3), `/proc/loadavg`). Unit: runnable tasks, a mean over time.

use super::failed;
use crate::host::{CollectError, Collector, Metrics, Spec};
use crate::model::{Desc, Sink};
use sysinfo::System;

static LOAD1: Desc<'static> = Desc::gauge("node_load1", "1m load average.", &[]);
static LOAD5: Desc<'static> = Desc::gauge("node_load5", "5m load average.", &[]);
static LOAD15: Desc<'static> = Desc::gauge("node_load15", "15m load average.", &[]);

/// The collector `loadavg`.
pub static SPEC: Spec = Spec {
    name: "loadavg",
    about: "load averages over 1, 5 and 15 minutes",
    default_enabled: true,
    flags: &[],
    build: |_| Ok(Box::new(Loadavg)),
};

/// What it shows.
pub static METRICS: Metrics = &[&LOAD1, &LOAD5, &LOAD15];

struct Loadavg;

impl Collector for Loadavg {
    fn collect(&mut self, out: &mut dyn Sink) -> Result<(), CollectError> {
        let load = System::load_average().map_err(|e| failed("load_average", e))?;
        out.one(&LOAD1, load.one);
        out.one(&LOAD5, load.five);
        out.one(&LOAD15, load.fifteen);
        Ok(())
    }
}
