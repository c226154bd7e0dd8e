//! Memory and swap. Source: sysinfo (`/proc/meminfo`, `host_statistics64`, sysctl). Unit: bytes.
//!
//! Every system has the names of Linux, so that one dashboard does for all of them.

use super::failed;
use crate::host::{CollectError, Collector, Metrics, Spec};
use crate::model::{Desc, Sink};
use std::io;
use sysinfo::{MemoryRefreshKind, System};

static MEM_AVAILABLE: Desc<'static> =
    Desc::gauge("node_memory_MemAvailable_bytes", "Memory information field MemAvailable_bytes.", &[]);
static MEM_FREE: Desc<'static> =
    Desc::gauge("node_memory_MemFree_bytes", "Memory information field MemFree_bytes.", &[]);
static MEM_TOTAL: Desc<'static> =
    Desc::gauge("node_memory_MemTotal_bytes", "Memory information field MemTotal_bytes.", &[]);
static SWAP_FREE: Desc<'static> =
    Desc::gauge("node_memory_SwapFree_bytes", "Memory information field SwapFree_bytes.", &[]);
static SWAP_TOTAL: Desc<'static> =
    Desc::gauge("node_memory_SwapTotal_bytes", "Memory information field SwapTotal_bytes.", &[]);

/// The collector `meminfo`.
pub static SPEC: Spec = Spec {
    name: "meminfo",
    about: "total, free and available memory and swap",
    default_enabled: true,
    flags: &[],
    build: |_| Ok(Box::new(Meminfo(None))),
};

/// What it shows.
pub static METRICS: Metrics = &[&MEM_AVAILABLE, &MEM_FREE, &MEM_TOTAL, &SWAP_FREE, &SWAP_TOTAL];

/// sysinfo's handle, opened by the first scrape.
struct Meminfo(Option<System>);

impl Collector for Meminfo {
    fn collect(&mut self, out: &mut dyn Sink) -> Result<(), CollectError> {
        emit(&self.read()?, out);
        Ok(())
    }
}

struct Memory {
    total: u64,
    free: u64,
    available: u64,
    swap_total: u64,
    swap_free: u64,
}

impl Meminfo {
    fn read(&mut self) -> Result<Memory, CollectError> {
        let system = match &mut self.0 {
            Some(system) => system,
            none => none.insert(System::new().map_err(|e| failed("memory", e))?),
        };
        system.refresh_memory_specifics(MemoryRefreshKind::everything());
        let memory = Memory {
            total: system.total_memory(),
            free: system.free_memory(),
            available: system.available_memory(),
            swap_total: system.total_swap(),
            swap_free: system.free_swap(),
        };
        // sysinfo keeps a failure to itself; what gives it away is a machine without memory.
        if memory.total == 0 {
            return Err(CollectError::call("memory", io::Error::other("the system gave no figures")));
        }
        Ok(memory)
    }
}

fn emit(memory: &Memory, out: &mut dyn Sink) {
    out.one(&MEM_AVAILABLE, memory.available as f64);
    out.one(&MEM_FREE, memory.free as f64);
    out.one(&MEM_TOTAL, memory.total as f64);
    out.one(&SWAP_FREE, memory.swap_free as f64);
    out.one(&SWAP_TOTAL, memory.swap_total as f64);
}
