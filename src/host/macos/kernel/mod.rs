//! What the kernel is asked. An answer is the bytes of one or more of its structures, which the collectors decode.

#[cfg(not(target_os = "macos"))]
#[path = "absent.rs"]
mod sys;
#[cfg(target_os = "macos")]
mod sys;

use crate::host::CollectError;
use std::path::Path;

/// A question to the kernel, named for its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    /// `struct timeval`. Source: sysctl(3), `kern.boottime`.
    BootTime,
    /// An array of `struct processor_cpu_load_info`. Source: `host_processor_info`.
    CpuLoads,
    /// An array of `struct statfs`. Source: getfsstat(2), which with `MNT_NOWAIT` asks no file system and never hangs.
    FileSystems,
    /// `struct ifmibdata` of the interface with this index. Source: `net/if_mib.h`.
    Interface(u16),
    /// Routing messages about all interfaces and their addresses. Source: sysctl(3), `NET_RT_IFLIST2`.
    Interfaces,
    /// An unsigned 64-bit number of bytes. Source: sysctl(3), `hw.memsize`.
    MemorySize,
    /// An unsigned 64-bit number of bytes: 16 KiB on Apple silicon, also for a program that runs translated.
    PageSize,
    /// `struct xsw_usage`. Source: sysctl(3), `vm.swapusage`.
    SwapUsage,
    /// `struct vm_statistics64`. Source: `host_statistics64`.
    VmStatistics,
}

impl Question {
    /// What messages call it.
    const fn name(self) -> &'static str {
        match self {
            Self::BootTime => "sysctl kern.boottime",
            Self::CpuLoads => "host_processor_info",
            Self::FileSystems => "getfsstat",
            Self::Interface(_) => "sysctl net.link.generic.ifdata",
            Self::Interfaces => "sysctl net.route.0.0.iflist2",
            Self::MemorySize => "sysctl hw.memsize",
            Self::PageSize => "vm_kernel_page_size",
            Self::SwapUsage => "sysctl vm.swapusage",
            Self::VmStatistics => "host_statistics64",
        }
    }

    /// Asks.
    pub fn ask(self) -> Result<Vec<u8>, CollectError> {
        sys::ask(self).map_err(|e| CollectError::call(self.name(), e))
    }

    /// Asks, and decodes the answer; `None` from `decode` says that it is not of the documented form.
    pub fn answer<T>(self, decode: impl FnOnce(&[u8]) -> Option<T>) -> Result<T, CollectError> {
        decode(&self.ask()?).ok_or_else(|| {
            CollectError::malformed(Path::new(self.name()), 0, "the answer is not of the documented form")
        })
    }
}
