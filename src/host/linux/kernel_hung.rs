//! Tasks that hung. Source: the kernel's Documentation/admin-guide/sysctl/kernel.rst,
//! `/proc/sys/kernel/hung_task_detect_count`, since Linux 6.13. Unit: tasks.

use crate::host::files::Kept;
use crate::host::{CollectError, Collector, Metrics, Spec};
use crate::model::{Desc, Sink};

static TASKS: Desc<'static> = Desc::counter(
    "node_kernel_hung_tasks_total",
    "Total number of tasks that have been detected as hung since the system booted.",
    &[],
);

/// The collector `kernel_hung`.
pub static SPEC: Spec = Spec {
    name: "kernel_hung",
    about: "tasks detected as hung from /proc/sys/kernel/hung_task_detect_count",
    default_enabled: true,
    flags: &[],
    build: |env| Ok(Box::new(KernelHung(Kept::new(env.roots.proc("sys/kernel/hung_task_detect_count"))))),
};

/// What it shows.
pub static METRICS: Metrics = &[&TASKS];

struct KernelHung(Kept);

impl Collector for KernelHung {
    fn collect(&mut self, out: &mut dyn Sink) -> Result<(), CollectError> {
        out.one(&TASKS, self.0.number().map_err(CollectError::absent_is_no_data)?);
        Ok(())
    }
}
