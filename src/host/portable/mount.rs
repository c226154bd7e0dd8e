//! One mounted file system: statfs(2) where it names the device and counts in 64 bits, statvfs(3) elsewhere.
//!
//! sysinfo's own figures are of another kind: its space on macOS counts what could be purged, and on FreeBSD it takes
//! free inodes for free blocks.

use sysinfo::Disk;

/// A mounted file system; no space where the system refused to tell.
pub struct Mount {
    pub device: String,
    pub point: String,
    pub fs_type: String,
    pub space: Result<Space, String>,
}

/// Bytes and inodes.
pub struct Space {
    pub size: f64,
    pub free: f64,
    /// What is free for users other than root.
    pub avail: f64,
    pub files: f64,
    pub files_free: f64,
    pub readonly: bool,
}

impl Mount {
    /// Asks the system about one that sysinfo lists.
    pub fn read(disk: &Disk) -> Self {
        let (device, space) = device_and_space(disk);
        Self {
            device: device.unwrap_or_else(|| disk.name().to_string_lossy().into_owned()),
            point: disk.mount_point().to_string_lossy().into_owned(),
            fs_type: disk.file_system().to_string_lossy().into_owned(),
            space: space.map_err(|e| std::io::Error::from(e).kind().to_string()),
        }
    }
}

/// sysinfo's name is the volume's on macOS and the mount point on FreeBSD; the system has the device's.
#[cfg(any(target_vendor = "apple", target_os = "freebsd"))]
fn device_and_space(disk: &Disk) -> (Option<String>, rustix::io::Result<Space>) {
    let stat = match rustix::fs::statfs(disk.mount_point()) {
        Ok(stat) => stat,
        Err(e) => return (None, Err(e)),
    };
    let device = stat.f_mntfromname.iter().map(|c| u8::from_ne_bytes(c.to_ne_bytes()));
    let device: Vec<u8> = device.take_while(|byte| *byte != 0).collect();
    let block = stat.f_bsize as f64;
    let space = Space {
        size: stat.f_blocks as f64 * block,
        free: stat.f_bfree as f64 * block,
        avail: stat.f_bavail as f64 * block,
        files: stat.f_files as f64,
        files_free: stat.f_ffree as f64,
        // MNT_RDONLY of both, whose fields differ in width.
        readonly: stat.f_flags & 1 != 0,
    };
    (Some(String::from_utf8_lossy(&device).into_owned()), Ok(space))
}

#[cfg(not(any(target_vendor = "apple", target_os = "freebsd")))]
fn device_and_space(disk: &Disk) -> (Option<String>, rustix::io::Result<Space>) {
    let space = rustix::fs::statvfs(disk.mount_point()).map(|stat| {
        let block = stat.f_frsize as f64;
        Space {
            size: stat.f_blocks as f64 * block,
            free: stat.f_bfree as f64 * block,
            avail: stat.f_bavail as f64 * block,
            files: stat.f_files as f64,
            files_free: stat.f_ffree as f64,
            readonly: stat.f_flag.contains(rustix::fs::StatVfsMountFlags::RDONLY),
        }
    });
    (None, space)
}
