//! Collectors for Linux, from `/proc`, `/sys` and netlink.

mod arp;
mod bcache;
mod bcachefs;
mod btrfs;
mod conntrack;
mod diskstats;
mod dmmultipath;
mod drbd;
mod entropy;
mod filesystem;
mod ipvs;
mod json;
mod kernel_hung;
mod lnstat;
mod loadavg;
mod mdadm;
mod mountstats;
mod netdev;
mod netlink;
mod netstat;
mod nfs;
mod nfsd;
mod pressure;
mod qdisc;
mod rpc;
mod schedstat;
mod selinux;
mod sockstat;
mod softnet;
mod sysctl;
mod tapestats;
mod tcpstat;
mod timex;
mod udp_queues;
mod xfrm;
mod xfs;
mod zfs;

use super::Spec;

/// Every collector for Linux, in the order in which a scrape runs them.
pub const COLLECTORS: &[&Spec] = &[
    &arp::SPEC,
    &bcache::SPEC,
    &bcachefs::SPEC,
    &btrfs::SPEC,
    &conntrack::SPEC,
    &diskstats::SPEC,
    &dmmultipath::SPEC,
    &drbd::SPEC,
    &entropy::SPEC,
    &filesystem::SPEC,
    &ipvs::SPEC,
    &kernel_hung::SPEC,
    &lnstat::SPEC,
    &loadavg::SPEC,
    &mdadm::SPEC,
    &mountstats::SPEC,
    &netdev::SPEC,
    &netstat::SPEC,
    &nfs::SPEC,
    &nfsd::SPEC,
    &pressure::SPEC,
    &qdisc::SPEC,
    &schedstat::SPEC,
    &selinux::SPEC,
    &sockstat::SPEC,
    &softnet::SPEC,
    &sysctl::SPEC,
    &tapestats::SPEC,
    &tcpstat::SPEC,
    &timex::SPEC,
    &udp_queues::SPEC,
    &xfrm::SPEC,
    &xfs::SPEC,
    &zfs::SPEC,
];
