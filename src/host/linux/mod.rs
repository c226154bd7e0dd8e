//! Collectors for Linux, from `/proc`, `/sys` and netlink.

mod cpu;
mod diskstats;
mod filefd;
mod loadavg;
mod meminfo;
mod os;
mod stat;
mod time;
mod uname;
mod vmstat;

use super::Spec;

/// Every collector for Linux, in the order in which a scrape runs them.
pub const COLLECTORS: &[&Spec] = &[
    &cpu::SPEC,
    &diskstats::SPEC,
    &filefd::SPEC,
    &loadavg::SPEC,
    &meminfo::SPEC,
    &os::SPEC,
    &stat::SPEC,
    &time::SPEC,
    &uname::SPEC,
    &vmstat::SPEC,
];
