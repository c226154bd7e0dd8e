//! Collectors for Linux, from `/proc`, `/sys` and netlink.

mod cpu;
mod loadavg;
mod stat;
mod time;
mod uname;

use super::Spec;

/// Every collector for Linux, in the order in which a scrape runs them.
pub const COLLECTORS: &[&Spec] = &[&cpu::SPEC, &loadavg::SPEC, &stat::SPEC, &time::SPEC, &uname::SPEC];
