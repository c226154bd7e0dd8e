//! Collectors for Linux, from `/proc`, `/sys` and netlink.

mod attributes;
mod bonding;
mod cpufreq;
mod fibrechannel;
mod hwmon;
mod infiniband;
mod loadavg;
mod netclass;
mod nvme;
mod powersupplyclass;
mod thermal_zone;
mod watchdog;

use super::Spec;

/// Every collector for Linux, in the order in which a scrape runs them.
pub const COLLECTORS: &[&Spec] = &[
    &bonding::SPEC,
    &cpufreq::SPEC,
    &fibrechannel::SPEC,
    &hwmon::SPEC,
    &infiniband::SPEC,
    &loadavg::SPEC,
    &netclass::SPEC,
    &nvme::SPEC,
    &powersupplyclass::SPEC,
    &thermal_zone::SPEC,
    &watchdog::SPEC,
];
