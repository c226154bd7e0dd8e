//! Where the kernel's files are. Tests and containers point these somewhere else.

use super::CollectError;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// No file of the kernel that a collector reads comes near this; a larger one is refused rather than kept in memory.
pub const MAX_FILE_BYTES: u64 = 8 << 20;

/// The mount points of the kernel's file systems and the root of the host's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Roots {
    proc: PathBuf,
    sys: PathBuf,
    root: PathBuf,
    udev: PathBuf,
}

impl Roots {
    /// The given places for `/proc`, `/sys`, `/` and `/run/udev/data`.
    pub fn new(
        proc: impl Into<PathBuf>,
        sys: impl Into<PathBuf>,
        root: impl Into<PathBuf>,
        udev: impl Into<PathBuf>,
    ) -> Self {
        Self { proc: proc.into(), sys: sys.into(), root: root.into(), udev: udev.into() }
    }

    /// A file below `/proc`.
    pub fn proc(&self, path: impl AsRef<Path>) -> PathBuf {
        self.proc.join(path)
    }

    /// A file below `/sys`.
    pub fn sys(&self, path: impl AsRef<Path>) -> PathBuf {
        self.sys.join(path)
    }

    /// A file of the host's own file system, by its absolute path there.
    pub fn host(&self, path: impl AsRef<Path>) -> PathBuf {
        let path = path.as_ref();
        self.root.join(path.strip_prefix("/").unwrap_or(path))
    }

    /// The path as the host knows it, from one that leads there from here: without the root in front.
    pub fn strip<'p>(&self, path: &'p str) -> &'p str {
        let root = self.root.to_str().unwrap_or("/").trim_end_matches('/');
        match path.strip_prefix(root) {
            Some("") => "/",
            Some(rest) if rest.starts_with('/') => rest,
            _ => path,
        }
    }

    /// A file of udev's database.
    pub fn udev(&self, path: impl AsRef<Path>) -> PathBuf {
        self.udev.join(path)
    }
}

/// Reads a file of the kernel whole, into a buffer that is emptied first; what is not UTF-8 becomes U+FFFD.
pub fn read(path: &Path) -> Result<String, CollectError> {
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(|e| CollectError::io(path, e))?;
    file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(|e| CollectError::io(path, e))?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(CollectError::malformed(path, 0, format!("more than {MAX_FILE_BYTES} bytes")));
    }
    Ok(String::from_utf8(bytes).unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned()))
}

/// Reads a file that may not exist.
pub fn read_if_there(path: &Path) -> Result<Option<String>, CollectError> {
    match read(path) {
        Ok(text) => Ok(Some(text)),
        Err(CollectError::Io { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(e),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_lead_below_the_roots_and_back() {
        let roots = Roots::new("/p", "/s", "/host", "/u");
        assert_eq!(roots.proc("net/dev"), Path::new("/p/net/dev"));
        assert_eq!(roots.host("/etc/os-release"), Path::new("/host/etc/os-release"));
        for (path, want) in [("/host", "/"), ("/host/var", "/var"), ("/hostile", "/hostile"), ("/var", "/var")] {
            assert_eq!(roots.strip(path), want, "path: {path:?}");
        }
        let plain = Roots::new("/proc", "/sys", "/", "/run/udev/data");
        for path in ["/", "/var", "/host"] {
            assert_eq!(plain.strip(path), path, "path: {path:?}");
        }
    }
}
