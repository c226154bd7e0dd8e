//! What a group read from disks and wrote to them, and the names of disks. Source: the kernel's
//! ABI/testing/sysfs-dev, `/sys/dev/block/MAJOR:MINOR/uevent`.

use crate::host::{Roots, files};
use std::collections::HashMap;

/// What was read from a disk and written to it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Disk {
    /// `8:0`
    pub number: String,
    /// Bytes read.
    pub read_bytes: f64,
    /// Bytes written.
    pub written_bytes: f64,
    /// Reads completed.
    pub reads: f64,
    /// Writes completed.
    pub writes: f64,
}

/// Names of disks, each looked up once a scrape.
pub struct Disks<'r> {
    roots: &'r Roots,
    names: HashMap<String, String>,
}

impl<'r> Disks<'r> {
    /// Of a host.
    pub fn new(roots: &'r Roots) -> Self {
        Self { roots, names: HashMap::new() }
    }

    /// `/dev/sda`; the number itself where the kernel tells no name.
    pub fn name(&mut self, number: &str) -> String {
        let look = || {
            let path = self.roots.sys("dev/block").join(number).join("uevent");
            let text = files::read(&path).unwrap_or_default();
            let name = text.lines().find_map(|line| line.strip_prefix("DEVNAME="));
            name.map_or_else(|| number.to_owned(), |name| format!("/dev/{name}"))
        };
        self.names.entry(number.to_owned()).or_insert_with(look).clone()
    }
}
