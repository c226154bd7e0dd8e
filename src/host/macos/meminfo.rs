//! Use of memory. Sources: `host_statistics64`, `HOST_VM_INFO64`; sysctl(3), `hw.memsize` and `vm.swapusage`. Unit:
//! bytes, from pages.

use super::bytes::{u32_at, u64_at};
use super::kernel::Question;
use crate::flag::Flag;
use crate::host::{CollectError, Collector, Metrics, Spec};
use crate::model::{Desc, Sink, heads};

const LINUX_NAMES: &str = "collector.meminfo.linux-names";

/// A family whose help names its field.
macro_rules! field {
    ($kind:ident $field:literal) => {
        Desc::$kind(concat!("node_memory_", $field), concat!("Memory information field ", $field, "."), &[])
    };
}

type Figure = fn(&Memory) -> u64;

static TABLE: [(Desc<'static>, Figure); 12] = [
    (field!(gauge "active_bytes"), |memory| memory.active),
    (field!(gauge "compressed_bytes"), |memory| memory.compressed),
    (field!(gauge "free_bytes"), |memory| memory.free + memory.speculative),
    (field!(gauge "inactive_bytes"), |memory| memory.inactive),
    (field!(gauge "internal_bytes"), |memory| memory.internal),
    (field!(gauge "purgeable_bytes"), |memory| memory.purgeable),
    (field!(gauge "swap_total_bytes"), |memory| memory.swap_total),
    (field!(gauge "swap_used_bytes"), |memory| memory.swap_used),
    (field!(counter "swapped_in_bytes_total"), |memory| memory.paged_in),
    (field!(counter "swapped_out_bytes_total"), |memory| memory.paged_out),
    (field!(gauge "total_bytes"), |memory| memory.total),
    (field!(gauge "wired_bytes"), |memory| memory.wired),
];

/// The names of Linux, for dashboards that know no others. What can be had without swapping is available: free pages
/// and those whose content is in a file or may be thrown away. The rest is what Activity Monitor calls memory used.
static LINUX_TABLE: [(Desc<'static>, Figure); 6] = [
    (field!(gauge "Cached_bytes"), Memory::cached),
    (field!(gauge "MemAvailable_bytes"), |memory| memory.free + memory.cached()),
    (field!(gauge "MemFree_bytes"), |memory| memory.free),
    (field!(gauge "MemTotal_bytes"), |memory| memory.total),
    (field!(gauge "SwapFree_bytes"), |memory| memory.swap_total.saturating_sub(memory.swap_used)),
    (field!(gauge "SwapTotal_bytes"), |memory| memory.swap_total),
];

pub static METRICS: Metrics = &{
    let (own, linux) = (heads(&TABLE), heads(&LINUX_TABLE));
    let mut all = [own[0]; 18];
    let mut i = 0;
    while i < all.len() {
        all[i] = if i < own.len() { own[i] } else { linux[i - own.len()] };
        i += 1;
    }
    all
};

/// The collector `meminfo`.
pub static SPEC: Spec = Spec {
    name: "meminfo",
    about: "use of memory and swap",
    default_enabled: true,
    flags: &[Flag::switch(
        LINUX_NAMES,
        "Expose total, free, available and cached memory and swap under the names of Linux too, as in \
         node_memory_MemAvailable_bytes.",
    )],
    build: |env| Ok(Box::new(Meminfo { linux_names: env.flags.on(LINUX_NAMES) })),
};

struct Meminfo {
    linux_names: bool,
}

impl Collector for Meminfo {
    fn collect(&mut self, out: &mut dyn Sink) -> Result<(), CollectError> {
        emit(&read()?, self.linux_names, out);
        Ok(())
    }
}

/// Places in `struct vm_statistics64` and in `struct xsw_usage`.
pub mod place {
    pub const FREE: usize = 0;
    pub const ACTIVE: usize = 4;
    pub const INACTIVE: usize = 8;
    pub const WIRED: usize = 12;
    pub const PAGE_INS: usize = 32;
    pub const PAGE_OUTS: usize = 40;
    pub const PURGEABLE: usize = 88;
    pub const SPECULATIVE: usize = 92;
    pub const COMPRESSOR: usize = 128;
    pub const EXTERNAL: usize = 136;
    pub const INTERNAL: usize = 140;

    pub const SWAP_TOTAL: usize = 0;
    pub const SWAP_USED: usize = 16;
}

/// All in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Memory {
    total: u64,
    /// Without what was read ahead.
    free: u64,
    /// Read ahead from files and not used yet: the kernel counts it as free and as external.
    speculative: u64,
    active: u64,
    inactive: u64,
    wired: u64,
    purgeable: u64,
    compressed: u64,
    /// Whose content is in a file.
    external: u64,
    internal: u64,
    paged_in: u64,
    paged_out: u64,
    swap_total: u64,
    swap_used: u64,
}

impl Memory {
    fn cached(&self) -> u64 {
        self.external.saturating_add(self.purgeable)
    }
}

fn read() -> Result<Memory, CollectError> {
    let page = Question::PageSize.answer(|bytes| u64_at(bytes, 0))?;
    let mut memory = Question::VmStatistics.answer(|bytes| decode(bytes, page))?;
    memory.total = Question::MemorySize.answer(|bytes| u64_at(bytes, 0))?;
    (memory.swap_total, memory.swap_used) = Question::SwapUsage.answer(decode_swap)?;
    Ok(memory)
}

fn decode(statistics: &[u8], page: u64) -> Option<Memory> {
    let pages = |at| u32_at(statistics, at).map(|pages| bytes_from_pages(pages.into(), page));
    let all_pages = |at| u64_at(statistics, at).map(|pages| bytes_from_pages(pages, page));
    let speculative = pages(place::SPECULATIVE)?;
    Some(Memory {
        free: pages(place::FREE)?.saturating_sub(speculative),
        speculative,
        active: pages(place::ACTIVE)?,
        inactive: pages(place::INACTIVE)?,
        wired: pages(place::WIRED)?,
        purgeable: pages(place::PURGEABLE)?,
        compressed: pages(place::COMPRESSOR)?,
        external: pages(place::EXTERNAL)?,
        internal: pages(place::INTERNAL)?,
        paged_in: all_pages(place::PAGE_INS)?,
        paged_out: all_pages(place::PAGE_OUTS)?,
        ..Memory::default()
    })
}

fn decode_swap(usage: &[u8]) -> Option<(u64, u64)> {
    Some((u64_at(usage, place::SWAP_TOTAL)?, u64_at(usage, place::SWAP_USED)?))
}

fn bytes_from_pages(pages: u64, page: u64) -> u64 {
    pages.saturating_mul(page)
}

fn emit(memory: &Memory, linux_names: bool, out: &mut dyn Sink) {
    let linux: &[_] = if linux_names { &LINUX_TABLE } else { &[] };
    for (desc, figure) in TABLE.iter().chain(linux) {
        out.one(desc, figure(memory) as f64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::macos::tests::{golden, survives};

    const PAGE: u64 = 16_384;

    /// As a MacBook with 16 GiB answers.
    fn statistics() -> Vec<u8> {
        let mut bytes = Vec::new();
        // free, active, inactive, wired
        for pages in [9_873_u32, 302_558, 296_421, 148_930] {
            bytes.extend(pages.to_le_bytes());
        }
        // zero_fill, reactivations, pageins, pageouts, faults, cow_faults, lookups, hits, purges
        for count in [1_200_345_678_u64, 45_678_901, 61_234_567, 412_345, 2_345_678_901, 98_765_432, 0, 0, 7_654_321] {
            bytes.extend(count.to_le_bytes());
        }
        // purgeable, speculative
        bytes.extend([7_890_u32, 3_210].map(u32::to_le_bytes).concat());
        // decompressions, compressions, swapins, swapouts
        bytes.extend([45_000_000_u64, 61_000_000, 2_345_678, 2_987_654].map(u64::to_le_bytes).concat());
        // compressor, throttled, external, internal
        bytes.extend([240_123_u32, 0, 198_765, 403_424].map(u32::to_le_bytes).concat());
        // total_uncompressed_pages_in_compressor
        bytes.extend(612_345_u64.to_le_bytes());
        bytes
    }

    fn memory() -> Memory {
        let mut swap = [3_221_225_472_u64, 1_073_741_824, 2_147_483_648].map(u64::to_le_bytes).concat();
        swap.extend(4096_u64.to_le_bytes());
        let (swap_total, swap_used) = decode_swap(&swap).unwrap();
        Memory { total: 17_179_869_184, swap_total, swap_used, ..decode(&statistics(), PAGE).unwrap() }
    }

    #[test]
    fn memory_is_shown_under_its_own_names_and_those_of_linux() {
        golden("meminfo", |out| emit(&memory(), false, out));
        golden("meminfo-linux-names", |out| emit(&memory(), true, out));
    }

    #[test]
    fn what_was_read_ahead_is_counted_once() {
        let memory = memory();
        assert_eq!(memory.free + memory.speculative, 9_873 * PAGE);
        let figure = |name: &str| LINUX_TABLE.iter().find(|(desc, _)| desc.name == name).unwrap().1(&memory);
        assert_eq!(figure("node_memory_MemAvailable_bytes"), (9_873 - 3_210 + 198_765 + 7_890) * PAGE);
        let cached = figure("node_memory_Cached_bytes");
        assert_eq!(figure("node_memory_MemAvailable_bytes"), figure("node_memory_MemFree_bytes") + cached);
    }

    #[test]
    fn structures_that_break_off_are_none() {
        let statistics = statistics();
        assert_eq!(decode(&statistics[..place::INTERNAL + 3], PAGE), None);
        assert!(decode(&statistics[..place::INTERNAL + 4], PAGE).is_some());
        assert_eq!(decode_swap(&[0; 23]), None);
        survives(&statistics, |bytes| {
            decode(bytes, u64::MAX);
            decode_swap(bytes);
        });
    }
}
