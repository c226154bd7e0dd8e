//! Collectors for Linux, from `/proc`, `/sys` and netlink.

mod diskstats;
mod filesystem;
mod loadavg;
mod netdev;
mod netlink;

use super::{Spec, textfile};

/// Every collector for Linux, in the order in which a scrape runs them. `textfile` is last: a name that a file
/// shares with another collector is that collector's.
pub const COLLECTORS: &[&Spec] = &[&diskstats::SPEC, &filesystem::SPEC, &loadavg::SPEC, &netdev::SPEC, &textfile::SPEC];
