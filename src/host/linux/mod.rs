//! Collectors for Linux, from `/proc`, `/sys` and netlink.

mod attributes;
mod bonding;
mod cpufreq;
mod diskstats;
mod dmi;
mod edac;
mod fibrechannel;
mod hwmon;
mod infiniband;
mod loadavg;
mod netclass;
mod netdev;
mod netlink;
mod nvme;
mod pcidevice;
mod powersupplyclass;
mod rapl;
mod thermal_zone;
mod watchdog;

use super::Spec;

/// Every collector for Linux, in the order in which a scrape runs them.
pub const COLLECTORS: &[&Spec] = &[
    &bonding::SPEC,
    &cpufreq::SPEC,
    &diskstats::SPEC,
    &dmi::SPEC,
    &edac::SPEC,
    &fibrechannel::SPEC,
    &hwmon::SPEC,
    &infiniband::SPEC,
    &loadavg::SPEC,
    &netclass::SPEC,
    &netdev::SPEC,
    &nvme::SPEC,
    &pcidevice::SPEC,
    &powersupplyclass::SPEC,
    &rapl::SPEC,
    &thermal_zone::SPEC,
    &watchdog::SPEC,
];
