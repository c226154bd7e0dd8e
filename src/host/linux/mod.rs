//! Collectors for Linux, from `/proc`, `/sys` and netlink.

mod buddyinfo;
mod cgroups;
mod cpu;
mod diskstats;
mod cpu_vulnerabilities;
mod filefd;
mod interrupts;
mod ksmd;
mod loadavg;
mod meminfo;
mod meminfo_numa;
mod os;
mod processes;
mod slabinfo;
mod softirqs;
mod stat;
mod time;
mod uname;
mod vmstat;
mod zoneinfo;

use super::Spec;

/// Every collector for Linux, in the order in which a scrape runs them.
pub const COLLECTORS: &[&Spec] = &[
    &buddyinfo::SPEC,
    &cgroups::SPEC,
    &cpu::SPEC,
    &diskstats::SPEC,
    &cpu_vulnerabilities::SPEC,
    &filefd::SPEC,
    &interrupts::SPEC,
    &ksmd::SPEC,
    &loadavg::SPEC,
    &meminfo::SPEC,
    &meminfo_numa::SPEC,
    &os::SPEC,
    &processes::SPEC,
    &slabinfo::SPEC,
    &softirqs::SPEC,
    &stat::SPEC,
    &time::SPEC,
    &uname::SPEC,
    &vmstat::SPEC,
    &zoneinfo::SPEC,
];
