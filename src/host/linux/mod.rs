//! Collectors for Linux, from `/proc`, `/sys` and netlink.

mod loadavg;
mod time;
mod uname;

use super::Spec;

/// Every collector for Linux, in the order in which a scrape runs them.
pub const COLLECTORS: &[&Spec] = &[&loadavg::SPEC, &time::SPEC, &uname::SPEC];
