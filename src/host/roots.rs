//! Where the kernel's files are. Tests and containers point these somewhere else.

use std::path::{Path, PathBuf};

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
