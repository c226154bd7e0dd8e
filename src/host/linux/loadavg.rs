//! Load averages. Source: proc_loadavg(5), `/proc/loadavg`. Unit: runnable and uninterruptible tasks, a mean over time.

use crate::host::files::Kept;
use crate::host::{CollectError, Collector, Metrics, Spec};
use crate::model::{Desc, Sink};

static LOAD1: Desc<'static> = Desc::gauge("node_load1", "1m load average.", &[]);
static LOAD5: Desc<'static> = Desc::gauge("node_load5", "5m load average.", &[]);
static LOAD15: Desc<'static> = Desc::gauge("node_load15", "15m load average.", &[]);

/// The collector `loadavg`.
pub static SPEC: Spec = Spec {
    name: "loadavg",
    about: "load averages from /proc/loadavg",
    default_enabled: true,
    flags: &[],
    build: |env| Ok(Box::new(Loadavg(Kept::new(env.roots.proc("loadavg"))))),
};

/// What it shows.
pub static METRICS: Metrics = &[&LOAD1, &LOAD5, &LOAD15];

struct Loadavg(Kept);

impl Collector for Loadavg {
    fn collect(&mut self, out: &mut dyn Sink) -> Result<(), CollectError> {
        emit(read(&mut self.0)?, out);
        Ok(())
    }
}

/// Means over 1, 5 and 15 minutes.
fn read(file: &mut Kept) -> Result<[f64; 3], CollectError> {
    let text = file.read()?;
    // The procfs crate keeps these as f32, which 0.1 does not survive.
    let mut fields = text.split_ascii_whitespace().map(str::parse);
    match (fields.next(), fields.next(), fields.next()) {
        (Some(Ok(one)), Some(Ok(five)), Some(Ok(fifteen))) => Ok([one, five, fifteen]),
        _ => Err(CollectError::malformed(file.path(), 1, "expected three load averages")),
    }
}

fn emit([one, five, fifteen]: [f64; 3], out: &mut dyn Sink) {
    out.one(&LOAD1, one);
    out.one(&LOAD5, five);
    out.one(&LOAD15, fifteen);
}
