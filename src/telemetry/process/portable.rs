//! The figures of other systems, by sysinfo.

use super::Usage;
#[cfg(not(target_os = "linux"))]
use std::fs;
use sysinfo::{Process, ProcessRefreshKind, ProcessesToUpdate, System, get_current_pid};

/// sysinfo's handle, opened by the first scrape.
#[derive(Debug, Default)]
pub struct UsageReader {
    system: Option<System>,
}

impl UsageReader {
    pub fn read(&mut self) -> Option<Usage> {
        let process = self.process()?;
        Some(Usage {
            cpu_seconds: seconds_from_millis(process.accumulated_cpu_time()),
            resident_bytes: process.memory() as f64,
            virtual_bytes: process.virtual_memory() as f64,
            start_seconds: process.start_time() as f64,
        })
    }

    /// The resident set alone, in bytes.
    #[cfg(not(target_os = "linux"))]
    pub fn resident(&mut self) -> Option<u64> {
        self.process().map(Process::memory)
    }

    fn process(&mut self) -> Option<&Process> {
        let pid = get_current_pid().ok()?;
        let system = match &mut self.system {
            Some(system) => system,
            none => none.insert(System::new().ok()?),
        };
        let what = ProcessRefreshKind::nothing().with_cpu().with_memory();
        system.refresh_processes_specifics(ProcessesToUpdate::Some(&[pid]), true, what);
        system.process(pid)
    }
}

fn seconds_from_millis(millis: u64) -> f64 {
    millis as f64 / 1000.0
}

/// Nobody knows.
#[cfg(not(target_os = "linux"))]
#[derive(Debug, Default)]
pub struct NetworkReader;

#[cfg(not(target_os = "linux"))]
impl NetworkReader {
    pub fn read(&mut self) -> Option<(f64, f64)> {
        None
    }
}

/// How many descriptors are open besides the one that counts them. FreeBSD's `/dev/fd` shows the first three alone.
#[cfg(not(target_os = "linux"))]
pub fn open_descriptors() -> Option<f64> {
    if !cfg!(target_vendor = "apple") {
        return None;
    }
    Some(fs::read_dir("/dev/fd").ok()?.count().saturating_sub(1) as f64)
}
