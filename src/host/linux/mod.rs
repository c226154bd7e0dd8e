//! Collectors for Linux, from `/proc`, `/sys` and netlink.

mod hwmon;
mod loadavg;

use super::Spec;

/// Every collector for Linux, in the order in which a scrape runs them.
pub const COLLECTORS: &[&Spec] = &[&hwmon::SPEC, &loadavg::SPEC];
