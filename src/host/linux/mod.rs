//! Collectors for Linux, from `/proc`, `/sys` and netlink.

mod diskstats;
mod filesystem;
mod loadavg;
mod netdev;
mod netlink;

use super::Spec;

/// Every collector for Linux, in the order in which a scrape runs them.
pub const COLLECTORS: &[&Spec] = &[&diskstats::SPEC, &filesystem::SPEC, &loadavg::SPEC, &netdev::SPEC];
