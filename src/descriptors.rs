//! How many descriptors the process may have, and how many of them StatsD's connections leave to others: to the web side,
//! which has to show that they have run out, and to the files of the host. Source: getrlimit(2).

use rustix::process::{Resource, getrlimit, setrlimit};
use std::os::fd::{AsFd, AsRawFd};

/// Asked for where the hard limit is none. Source: setrlimit(2) of macOS, which takes no more (`OPEN_MAX`).
const MOST: u64 = 10_240;

/// Kept back at the most: the web side's connections by default and the files of the host that stay open would find room
/// together but for some hundred.
const RESERVE: u64 = 512;

/// Raises the soft limit to the hard one, as Go's runtime does. The soft one is low for the sake of select(2), which nobody
/// calls here. Where that fails, the limit stays as it was.
pub fn raise() {
    let mut limit = getrlimit(Resource::Nofile);
    let most = limit.maximum.unwrap_or(MOST);
    if limit.current.is_some_and(|current| current < most) {
        limit.current = Some(most);
        setrlimit(Resource::Nofile, limit).ok();
    }
}

/// Whether a descriptor that was just made is of those that are kept back: the upper half of the numbers, of many the last
/// 512. The kernel gives out the lowest number that is free, so nobody else's is taken by who gives these back.
pub fn is_kept_back(fd: &impl AsFd) -> bool {
    let number = u64::try_from(fd.as_fd().as_raw_fd()).unwrap_or_default();
    getrlimit(Resource::Nofile).current.is_some_and(|most| number >= most - RESERVE.min(most / 2))
}
