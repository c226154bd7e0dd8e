//! The network of a container. Source: namespaces(7), `/proc/PID/ns/net`; proc_pid_net(5), `/proc/PID/net/dev`.

use super::values::unless_gone;
use crate::host::linux::netdev::{self, Device};
use crate::host::linux::process::if_alive;
use crate::host::{CollectError, Roots, files};
use std::fs;

/// Places of bytes, packets, errors and dropped packets in a line, for what comes and for what goes.
const RECEIVED: usize = 0;
const TRANSMITTED: usize = 8;
/// How many counters of each direction are shown.
pub const COUNTERS: usize = 4;

/// An interface of a container.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Interface {
    /// `eth0`
    pub name: String,
    /// Bytes, packets, errors, dropped packets that came.
    pub received: [f64; COUNTERS],
    /// The same that went.
    pub transmitted: [f64; COUNTERS],
}

/// The interfaces that a process has for itself: none where it shares those of the host, and none where this user may not
/// know. Both are told by links that only root, or a user with `CAP_SYS_PTRACE`, may read.
pub fn read(roots: &Roots, process: &str) -> Result<Vec<Interface>, CollectError> {
    let namespace = |process: &str| fs::read_link(roots.proc(process).join("ns/net")).ok();
    let (Some(own), Some(host)) = (namespace(process), namespace("1")) else { return Ok(Vec::new()) };
    if own == host {
        return Ok(Vec::new());
    }
    let path = roots.proc(process).join("net/dev");
    let Some(text) = unless_gone(if_alive(files::read(&path)))?.flatten() else { return Ok(Vec::new()) };
    let devices = netdev::proc::devices(&path, &text)?;
    // cAdvisor shows no loopback.
    Ok(devices.into_iter().filter(|device| device.name != "lo").map(interface).collect())
}

fn interface(device: Device) -> Interface {
    let four = |from: usize| {
        let mut counters = [0.0; COUNTERS];
        for (counter, count) in counters.iter_mut().zip(device.counters.iter().skip(from)) {
            *counter = *count as f64;
        }
        counters
    };
    Interface { received: four(RECEIVED), transmitted: four(TRANSMITTED), name: device.name }
}
