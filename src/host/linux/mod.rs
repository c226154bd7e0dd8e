//! Collectors for Linux, from `/proc`, `/sys` and netlink.

mod cpu;
mod filefd;
mod interrupts;
mod loadavg;
mod meminfo;
mod os;
mod processes;
mod softirqs;
mod stat;
mod time;
mod uname;
mod vmstat;

use super::Spec;

/// Every collector for Linux, in the order in which a scrape runs them.
pub const COLLECTORS: &[&Spec] = &[
    &cpu::SPEC,
    &filefd::SPEC,
    &interrupts::SPEC,
    &loadavg::SPEC,
    &meminfo::SPEC,
    &os::SPEC,
    &processes::SPEC,
    &softirqs::SPEC,
    &stat::SPEC,
    &time::SPEC,
    &uname::SPEC,
    &vmstat::SPEC,
];
