//! Collectors for Linux, from `/proc`, `/sys` and netlink.

mod arp;
mod conntrack;
mod ipvs;
mod loadavg;
mod netstat;
mod sockstat;
mod softnet;
mod udp_queues;

use super::Spec;

/// Every collector for Linux, in the order in which a scrape runs them.
pub const COLLECTORS: &[&Spec] = &[
    &arp::SPEC,
    &conntrack::SPEC,
    &ipvs::SPEC,
    &loadavg::SPEC,
    &netstat::SPEC,
    &sockstat::SPEC,
    &softnet::SPEC,
    &udp_queues::SPEC,
];
