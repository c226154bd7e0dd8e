//! Collectors for any system, from the sysinfo crate: what runs where no native collector exists.
//!
//! Names, types and labels are node_exporter's, so a dashboard does not notice the difference; a figure that sysinfo
//! can't give truly is left out, and its family with it:
//!
//! - `cpu`: sysinfo has the usage since its last look, not the time spent in each mode since boot.
//! - `diskstats`: sysinfo counts bytes per mounted volume and under the volume's name; on macOS each volume shows the
//!   total of the whole disk below it, so that a sum over volumes counts the disk several times.
//! - `node_network_*_{drop,fifo,...}_total`: not known to it.
//!
//! sysinfo asks the system that the process runs on: `--path.procfs` and the other roots have no say here.

mod boottime;
pub(super) mod filesystem;
pub(super) mod loadavg;
mod meminfo;
mod mount;
mod netdev;
mod os;
pub(super) mod time;
pub(super) mod uname;

use super::{CollectError, textfile};
use std::io;

super::collector::collectors! [
    /// Every portable collector, in the order in which a scrape runs them.
    boottime,
    filesystem,
    loadavg,
    meminfo,
    netdev,
    os,
    time,
    uname,
    // Last: a name that a file shares with another collector is that collector's.
    textfile,
];

/// What a failed call of sysinfo means to a collector; `call` names it in the message.
fn failed(call: &str, error: sysinfo::Error) -> CollectError {
    match error {
        sysinfo::Error::Unsupported => CollectError::NoData(format!("{call} is not supported on this system")),
        sysinfo::Error::Io(source) => CollectError::call(call, source),
        sysinfo::Error::Other(why) => CollectError::call(call, io::Error::other(why)),
    }
}
