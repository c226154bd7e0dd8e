//! Collectors for Linux, from `/proc`, `/sys` and netlink.

mod arp;
mod conntrack;
mod entropy;
mod ipvs;
mod kernel_hung;
mod loadavg;
mod netstat;
mod nfs;
mod nfsd;
mod pressure;
mod rpc;
mod schedstat;
mod selinux;
mod sockstat;
mod softnet;
mod timex;
mod udp_queues;

use super::Spec;

/// Every collector for Linux, in the order in which a scrape runs them.
pub const COLLECTORS: &[&Spec] = &[
    &arp::SPEC,
    &conntrack::SPEC,
    &entropy::SPEC,
    &ipvs::SPEC,
    &kernel_hung::SPEC,
    &loadavg::SPEC,
    &netstat::SPEC,
    &nfs::SPEC,
    &nfsd::SPEC,
    &pressure::SPEC,
    &schedstat::SPEC,
    &selinux::SPEC,
    &sockstat::SPEC,
    &softnet::SPEC,
    &timex::SPEC,
    &udp_queues::SPEC,
];
