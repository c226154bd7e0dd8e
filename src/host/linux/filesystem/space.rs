//! What statvfs(3) says of a mount, and how its errors are named.

use rustix::io::Errno;
use std::io;
use std::path::Path;

/// Space and file nodes of a file system.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Space {
    /// Bytes in all.
    pub size: f64,
    /// Bytes free.
    pub free: f64,
    /// Bytes free for users other than root.
    pub avail: f64,
    /// File nodes in all.
    pub files: f64,
    /// File nodes free.
    pub files_free: f64,
}

/// Asks the file system that is mounted at a path. May take for ever.
pub fn of(path: &Path) -> io::Result<Space> {
    let stat = rustix::io::retry_on_intr(|| rustix::fs::statvfs(path))?;
    // Counts are in fragments, as df reads them; f_bsize is a size for reading and differs with FUSE.
    let bytes = |fragments: u64| fragments as f64 * stat.f_frsize as f64;
    Ok(Space {
        size: bytes(stat.f_blocks),
        free: bytes(stat.f_bfree),
        avail: bytes(stat.f_bavail),
        files: stat.f_files as f64,
        files_free: stat.f_ffree as f64,
    })
}

/// An error of statvfs as the label `device_error` names it: the words of Go, whatever libc there is.
pub fn reason(error: &io::Error) -> String {
    let known = match error.raw_os_error().map(Errno::from_raw_os_error) {
        Some(Errno::ACCESS) => "permission denied",
        Some(Errno::PERM) => "operation not permitted",
        Some(Errno::NOENT) => "no such file or directory",
        Some(Errno::IO) => "input/output error",
        Some(Errno::STALE) => "stale NFS file handle",
        Some(Errno::NOTCONN) => "transport endpoint is not connected",
        Some(Errno::TIMEDOUT) => "connection timed out",
        Some(Errno::CONNREFUSED) => "connection refused",
        Some(Errno::CONNABORTED) => "software caused connection abort",
        Some(Errno::HOSTDOWN) => "host is down",
        Some(Errno::HOSTUNREACH) => "no route to host",
        Some(Errno::NODEV) => "no such device",
        Some(Errno::NXIO) => "no such device or address",
        Some(Errno::NOTDIR) => "not a directory",
        Some(Errno::LOOP) => "too many levels of symbolic links",
        Some(Errno::NAMETOOLONG) => "file name too long",
        Some(Errno::NOSYS) => "function not implemented",
        Some(Errno::NOMEM) => "cannot allocate memory",
        Some(Errno::UCLEAN) => "structure needs cleaning",
        Some(Errno::REMOTEIO) => "remote I/O error",
        Some(Errno::OVERFLOW) => "value too large for defined data type",
        _ => return error.to_string().to_lowercase(),
    };
    known.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_has_space_and_a_missing_path_a_reason() {
        let space = of(Path::new("/")).unwrap();
        assert!(space.size >= space.free && space.free >= space.avail && space.size > 0.0, "{space:?}");
        let error = of(Path::new("/nowhere/at/all")).unwrap_err();
        assert_eq!(reason(&error), "no such file or directory");
        assert_eq!(reason(&io::Error::other("Odd")), "odd");
    }
}
