//! Devices of mounted file systems, with what sysfs lacks: space that is not allocated, and errors.

use super::sys::{dev_info, dev_stats, fs_info};
use crate::host::linux::filesystem::mounts;
use crate::host::{CollectError, Roots};
use rustix::io::Errno;
use std::collections::HashMap;
use std::fs::File;
use std::os::fd::AsFd;
use std::path::Path;

/// Numbers of devices are never used again, so that there may be more of them than devices.
const MAX_DEVICE_ID: u64 = 1 << 16;

/// A device of a file system.
#[derive(Debug, PartialEq)]
pub struct Device {
    /// Name without its folder.
    pub name: String,
    /// In hexadecimal.
    pub uuid: String,
    pub size: f64,
    pub unused: f64,
    /// Errors: write, read, flush, corruption, generation.
    pub errors: [u64; 5],
}

/// Devices by file system: its UUID in hexadecimal. One that can't be asked is left out; sysfs has the sizes.
pub fn read(roots: &Roots) -> Result<HashMap<String, Vec<Device>>, CollectError> {
    let mut filesystems = HashMap::new();
    let mut done = Vec::new();
    for mount in mounts::read(roots)?.into_iter().filter(|mount| mount.kind == "btrfs") {
        if done.contains(&mount.device) {
            continue;
        }
        match ask(&roots.host(roots.strip(&mount.point))) {
            Ok((uuid, devices)) => {
                filesystems.entry(uuid).or_insert(devices);
                done.push(mount.device);
            }
            // Another mount of it may be open to us.
            Err(e) => log::debug!("collector btrfs: {e}"),
        }
    }
    Ok(filesystems)
}

fn ask(mount: &Path) -> Result<(String, Vec<Device>), CollectError> {
    let file = File::open(mount).map_err(|e| CollectError::io(mount, e))?;
    let failed = |e: Errno| CollectError::io(mount, e.into());
    let info = fs_info(file.as_fd()).map_err(failed)?;
    let mut devices = Vec::new();
    for id in 0..=info.max_id.min(MAX_DEVICE_ID) {
        if devices.len() as u64 == info.num_devices {
            break;
        }
        let device = match dev_info(file.as_fd(), id) {
            Err(Errno::NODEV) => continue,
            other => other.map_err(failed)?,
        };
        let stats = dev_stats(file.as_fd(), id).map_err(failed)?;
        devices.push(Device {
            name: name(&device.path),
            uuid: hex(&device.uuid),
            size: device.total_bytes as f64,
            unused: device.total_bytes.saturating_sub(device.bytes_used) as f64,
            errors: stats.values,
        });
    }
    Ok((hex(&info.fsid), devices))
}

/// The last part of a path that ends with a NUL.
fn name(path: &[u8]) -> String {
    let end = memchr::memchr(0, path).unwrap_or(path.len());
    let path = String::from_utf8_lossy(&path[..end]);
    path.rsplit('/').next().unwrap_or_default().to_owned()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_goes_by_the_last_part_of_its_path() {
        for (path, want) in [("/dev/sda\0\0", "sda"), ("/rootfs/dev/md1\0x", "md1"), ("", ""), ("sda", "sda")] {
            assert_eq!(name(path.as_bytes()), want, "path: {path:?}");
        }
    }
}
