//! Collectors for macOS, from sysctl, Mach and IOKit.
//!
//! They are compiled on every system: what decodes the kernel's answers and what emits is tested wherever the tests
//! run. Only the calls themselves, in `kernel` and `iokit`, are macOS's own; elsewhere they answer that there is none.

mod boottime;
mod bytes;
mod cpu;
mod diskstats;
mod filesystem;
mod iokit;
mod kernel;
mod meminfo;
mod netdev;
mod os;
mod powersupplyclass;
#[cfg(test)]
mod tests;
mod thermal;

use super::portable::{loadavg, time, uname};
use super::textfile;

super::collector::collectors! [
    /// Every collector for macOS, in the order in which a scrape runs them.
    boottime,
    cpu,
    diskstats,
    filesystem,
    loadavg,
    meminfo,
    netdev,
    os,
    powersupplyclass,
    thermal,
    time,
    uname,
    // Last: a name that a file shares with another collector is that collector's.
    textfile,
];
