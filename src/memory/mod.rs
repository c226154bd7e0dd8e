//! Little memory, as the agent is a guest on each host it runs on: a limit on it, and what is asked of the C library's
//! allocator.
//!
//! glibc keeps a heap for each thread and gives memory back late. Both are for programs that allocate all the time on many
//! threads at once; here a warm line allocates nothing and scrapes come one after another. Other allocators (musl's,
//! Apple's) have no such heaps, and are left alone.

mod room;
#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod sys;

pub use room::{Resident, Room};

use crate::flag::{Flag, FlagError, Values};

/// The flags.
pub const FLAGS: &[Flag] = &[Flag::value(
    "limit.memory",
    "SIZE",
    "0",
    "Resident memory, in bytes or as 64M or 64MiB, from which on samples that would make a new series are refused and \
     counted, before anything else is; series that are there go on. 0: no limit.",
)];

/// The limit, if there is one.
pub fn limit(flags: &Values) -> Result<Option<usize>, FlagError> {
    Ok(Some(flags.bytes("limit.memory")?).filter(|bytes| *bytes > 0))
}

/// Free memory at the top of the heap goes back to the system from this size on. Source: mallopt(3), `M_TRIM_THRESHOLD`;
/// the default of 128 KiB grows with each large block that is freed.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const TRIM_BYTES: i32 = 64 << 10;

/// One heap for all threads that is kept short. To be called before threads start.
pub fn keep_small() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    sys::keep_small(TRIM_BYTES);
}

/// Gives back what was free for good: what the start alone took.
pub fn give_back() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    sys::give_back();
}
