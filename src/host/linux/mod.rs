//! Collectors for Linux, from `/proc`, `/sys` and netlink.

mod arp;
mod attributes;
mod bcache;
mod bcachefs;
mod bonding;
mod btrfs;
mod buddyinfo;
mod cgroups;
mod conntrack;
mod containers;
mod cpu;
mod cpu_vulnerabilities;
mod cpufreq;
mod dbus;
mod diskstats;
mod dmi;
mod dmmultipath;
mod drbd;
mod edac;
mod entropy;
mod fibrechannel;
mod filefd;
mod filesystem;
mod hwmon;
mod infiniband;
mod interrupts;
mod ipvs;
mod json;
mod kernel_hung;
mod ksmd;
mod lnstat;
mod loadavg;
mod mdadm;
mod meminfo;
mod meminfo_numa;
mod mountstats;
mod netclass;
mod netdev;
mod netlink;
mod netstat;
mod nfs;
mod nfsd;
mod nvme;
mod os;
mod pcidevice;
mod powersupplyclass;
mod pressure;
mod process;
mod process_top;
mod processes;
mod qdisc;
mod rapl;
mod rpc;
mod schedstat;
mod selinux;
mod slabinfo;
mod sockstat;
mod softirqs;
mod softnet;
mod stat;
mod sysctl;
mod systemd;
mod tapestats;
mod tcpstat;
mod thermal_zone;
mod time;
mod timex;
mod udp_queues;
mod vmstat;
mod watchdog;
mod wifi;
mod xfrm;
mod xfs;
mod zfs;
mod zoneinfo;

use super::portable::uname;
use super::textfile;

super::collector::collectors! [
    /// Every collector for Linux, in the order in which a scrape runs them. `textfile` is last: a name that a file shares
    /// with another collector is that collector's.
    arp,
    bcache,
    bcachefs,
    bonding,
    btrfs,
    buddyinfo,
    cgroups,
    conntrack,
    containers,
    cpu,
    cpu_vulnerabilities,
    cpufreq,
    diskstats,
    dmi,
    dmmultipath,
    drbd,
    edac,
    entropy,
    fibrechannel,
    filefd,
    filesystem,
    hwmon,
    infiniband,
    interrupts,
    ipvs,
    kernel_hung,
    ksmd,
    lnstat,
    loadavg,
    mdadm,
    meminfo,
    meminfo_numa,
    mountstats,
    netclass,
    netdev,
    netstat,
    nfs,
    nfsd,
    nvme,
    os,
    pcidevice,
    powersupplyclass,
    pressure,
    process_top,
    processes,
    qdisc,
    rapl,
    schedstat,
    selinux,
    slabinfo,
    sockstat,
    softirqs,
    softnet,
    stat,
    sysctl,
    systemd,
    tapestats,
    tcpstat,
    thermal_zone,
    time,
    timex,
    udp_queues,
    uname,
    vmstat,
    watchdog,
    wifi,
    xfrm,
    xfs,
    zfs,
    zoneinfo,
    textfile,
];
