//! Properties of a block device from udev's database. Source: udevadm(8) `info --export-db`; the files are
//! `/run/udev/data/bMAJOR:MINOR`, of whose lines `E:NAME=value` hold the properties.

use crate::host::{Roots, files};
use std::collections::HashMap;

/// What udev knows of a device; nothing where it has no file.
#[derive(Debug, Default)]
pub struct Properties(HashMap<String, String>);

impl Properties {
    /// Reads the file of the device with these numbers.
    pub fn read(roots: &Roots, major: u32, minor: u32) -> Self {
        match files::read_if_there(&roots.udev(format!("b{major}:{minor}"))) {
            Ok(text) => Self::parse(&text.unwrap_or_default()),
            Err(e) => {
                // Identity is an addition: without it the figures still count.
                log::debug!("collector diskstats: {e}");
                Self::default()
            }
        }
    }

    fn parse(text: &str) -> Self {
        let property = |line: &str| line.strip_prefix("E:")?.split_once('=').map(|(k, v)| (k.into(), v.into()));
        Self(text.lines().filter_map(property).collect())
    }

    /// A property, `""` when it is not there.
    pub fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    /// The serial number as it is printed on the disk, or else the next best: virtio has `ID_SERIAL` only.
    pub fn serial(&self) -> &str {
        let known = ["SCSI_IDENT_SERIAL", "ID_SERIAL_SHORT", "ID_SERIAL"].map(|name| self.get(name));
        known.into_iter().find(|serial| !serial.is_empty()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn properties_are_told_from_other_lines() {
        let text = "S:disk/by-id/x\nE:ID_MODEL=A=B\nE:EMPTY=\nE:NOTHING\nG:systemd\n";
        let got = Properties::parse(text);
        assert_eq!(["ID_MODEL", "EMPTY", "NOTHING", "S"].map(|name| got.get(name)), ["A=B", "", "", ""]);
    }

    #[test]
    fn the_best_serial_counts() {
        for (text, want) in [
            ("", ""),
            ("E:ID_SERIAL=long", "long"),
            ("E:ID_SERIAL=long\nE:ID_SERIAL_SHORT=short", "short"),
            ("E:ID_SERIAL=long\nE:ID_SERIAL_SHORT=short\nE:SCSI_IDENT_SERIAL=scsi", "scsi"),
        ] {
            assert_eq!(Properties::parse(text).serial(), want, "text: {text:?}");
        }
    }
}
