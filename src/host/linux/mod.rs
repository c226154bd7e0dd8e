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
mod arp;
mod bcache;
mod bcachefs;
mod btrfs;
mod conntrack;
mod dmmultipath;
mod entropy;
mod ipvs;
mod kernel_hung;
mod loadavg;
mod mdadm;
mod netstat;
mod nfs;
mod nfsd;
mod pressure;
mod rpc;
mod schedstat;
mod selinux;
mod sockstat;
mod softnet;
mod tapestats;
mod timex;
mod udp_queues;
mod xfs;
mod zfs;

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
    &arp::SPEC,
    &bcache::SPEC,
    &bcachefs::SPEC,
    &btrfs::SPEC,
    &conntrack::SPEC,
    &dmmultipath::SPEC,
    &entropy::SPEC,
    &ipvs::SPEC,
    &kernel_hung::SPEC,
    &loadavg::SPEC,
    &mdadm::SPEC,
    &netstat::SPEC,
    &nfs::SPEC,
    &nfsd::SPEC,
    &pressure::SPEC,
    &schedstat::SPEC,
    &selinux::SPEC,
    &sockstat::SPEC,
    &softnet::SPEC,
    &tapestats::SPEC,
    &timex::SPEC,
    &udp_queues::SPEC,
    &xfs::SPEC,
    &zfs::SPEC,
];
