//! A directory of which several files are read. Opening it once saves the kernel the walk along the path, which costs more
//! than a short read and, below `/sys/class`, leads over links.

use super::{count_of, integer_of, open, optional, value_of};
use crate::host::CollectError;
use rustix::fd::OwnedFd;
use rustix::fs::{Mode, OFlags};
use rustix::io::retry_on_intr;
use std::cell::RefCell;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fs::File;
use std::path::{Path, PathBuf};

/// An open directory, whose files stay open as long as it does. What can be asked of them is what [`files`](super) can be
/// asked of paths.
pub struct Dir {
    path: PathBuf,
    fd: OwnedFd,
    files: RefCell<HashMap<&'static str, File, foldhash::fast::RandomState>>,
}

impl Dir {
    /// Opens a directory; anything else is an error.
    pub fn open(path: PathBuf) -> Result<Self, CollectError> {
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        match retry_on_intr(|| rustix::fs::open(&path, flags, Mode::empty())) {
            Ok(fd) => Ok(Self { path, fd, files: RefCell::default() }),
            Err(e) => Err(CollectError::io(&path, e.into())),
        }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// As [`files::label`](super::label).
    pub fn label(&self, name: &'static str) -> Result<String, CollectError> {
        self.told(optional(self.value(name))).map(Option::unwrap_or_default)
    }

    /// As [`files::integer`](super::integer).
    pub fn integer(&self, name: &'static str) -> Result<Option<f64>, CollectError> {
        self.told(integer_of(self.value(name), Path::new(name)))
    }

    /// As [`files::count`](super::count).
    pub fn count(&self, name: &'static str) -> Result<Option<f64>, CollectError> {
        self.told(count_of(self.value(name), Path::new(name)))
    }

    fn value(&self, name: &'static str) -> Result<String, CollectError> {
        let failed = |e| CollectError::io(Path::new(name), e);
        let mut files = self.files.borrow_mut();
        let file = match files.entry(name) {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => entry.insert(open(&self.fd, Path::new(name)).map_err(failed)?),
        };
        value_of(file, Path::new(name))
    }

    fn told<T>(&self, result: Result<T, CollectError>) -> Result<T, CollectError> {
        result.map_err(|e| e.below(&self.path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn errors_tell_the_whole_path() {
        let place = tempfile::tempdir().unwrap();
        fs::write(place.path().join("mtu"), "1500\n").unwrap();
        fs::write(place.path().join("speed"), "fast\n").unwrap();
        let dir = Dir::open(place.path().to_owned()).unwrap();
        assert_eq!(dir.integer("mtu").unwrap(), Some(1500.0));
        assert_eq!(dir.label("speed").unwrap(), "fast");
        assert_eq!(dir.integer("missing").unwrap(), None);
        let told = dir.count("speed").unwrap_err().to_string();
        assert_eq!(told, format!("{}: \"fast\" is not a whole number", place.path().join("speed").display()));
        assert!(Dir::open(place.path().join("mtu")).is_err(), "a file is no directory");
    }
}
