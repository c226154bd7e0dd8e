//! Collectors for Linux, from `/proc`, `/sys` and netlink.

mod attributes;
mod bonding;
mod cpufreq;
mod dmi;
mod edac;
mod fibrechannel;
mod hwmon;
mod infiniband;
mod loadavg;
mod netclass;
mod nvme;
mod pcidevice;
mod powersupplyclass;
mod rapl;
mod thermal_zone;
mod watchdog;
mod diskstats;
mod loadavg;
mod netdev;
mod netlink;

use super::Spec;

/// Every collector for Linux, in the order in which a scrape runs them.
pub const COLLECTORS: &[&Spec] = &[
    &bonding::SPEC,
    &cpufreq::SPEC,
    &dmi::SPEC,
    &edac::SPEC,
    &fibrechannel::SPEC,
    &hwmon::SPEC,
    &infiniband::SPEC,
    &loadavg::SPEC,
    &netclass::SPEC,
    &nvme::SPEC,
    &pcidevice::SPEC,
    &powersupplyclass::SPEC,
    &rapl::SPEC,
    &thermal_zone::SPEC,
    &watchdog::SPEC,
];
pub const COLLECTORS: &[&Spec] = &[&diskstats::SPEC, &loadavg::SPEC, &netdev::SPEC];
