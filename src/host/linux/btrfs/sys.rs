//! The calls that tell of a Btrfs file system's devices. Source: `linux/btrfs.h` in the kernel.
#![allow(unsafe_code)]

use rustix::io::Errno;
use rustix::ioctl::{Getter, Opcode, Updater, ioctl, opcode};
use std::os::fd::BorrowedFd;

/// `BTRFS_IOCTL_MAGIC`
const GROUP: u8 = 0x94;

/// `struct btrfs_ioctl_fs_info_args`, as far as it is read here.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct FsInfo {
    pub max_id: u64,
    pub num_devices: u64,
    pub fsid: [u8; 16],
    rest: [u8; 992],
}

/// `struct btrfs_ioctl_dev_info_args`
#[repr(C)]
#[derive(Clone, Copy)]
pub struct DevInfo {
    devid: u64,
    pub uuid: [u8; 16],
    pub bytes_used: u64,
    pub total_bytes: u64,
    unused: [u8; 3032],
    pub path: [u8; 1024],
}

/// `struct btrfs_ioctl_get_dev_stats`
#[repr(C)]
#[derive(Clone, Copy)]
pub struct DevStats {
    devid: u64,
    nr_items: u64,
    flags: u64,
    /// Errors: write, read, flush, corruption, generation.
    pub values: [u64; 5],
    unused: [u64; 121],
}

// The size is part of the number of a call.
const _: () = assert!(size_of::<FsInfo>() == 1024 && size_of::<DevInfo>() == 4096 && size_of::<DevStats>() == 1032);

/// `BTRFS_IOC_FS_INFO`: a file system, by any file in it.
pub fn fs_info(file: BorrowedFd<'_>) -> Result<FsInfo, Errno> {
    const FS_INFO: Opcode = opcode::read::<FsInfo>(GROUP, 31);
    // SAFETY: the call writes a struct of this type, whose fields are integers; the sizes are checked above.
    unsafe { ioctl(file, Getter::<FS_INFO, FsInfo>::new()) }
}

/// `BTRFS_IOC_DEV_INFO`: a device, by its number.
pub fn dev_info(file: BorrowedFd<'_>, devid: u64) -> Result<DevInfo, Errno> {
    const DEV_INFO: Opcode = opcode::read_write::<DevInfo>(GROUP, 30);
    let mut info = DevInfo { devid, uuid: [0; 16], bytes_used: 0, total_bytes: 0, unused: [0; 3032], path: [0; 1024] };
    // SAFETY: the call reads and writes a struct of this type, whose fields are integers; the sizes are checked above.
    unsafe { ioctl(file, Updater::<'_, DEV_INFO, DevInfo>::new(&mut info)) }?;
    Ok(info)
}

/// `BTRFS_IOC_GET_DEV_STATS`: the errors of a device, by its number. Reads them and resets none.
pub fn dev_stats(file: BorrowedFd<'_>, devid: u64) -> Result<DevStats, Errno> {
    const GET_DEV_STATS: Opcode = opcode::read_write::<DevStats>(GROUP, 52);
    let mut stats = DevStats { devid, nr_items: 5, flags: 0, values: [0; 5], unused: [0; 121] };
    // SAFETY: the call reads and writes a struct of this type, whose fields are integers; the sizes are checked above.
    unsafe { ioctl(file, Updater::<'_, GET_DEV_STATS, DevStats>::new(&mut stats)) }?;
    Ok(stats)
}
