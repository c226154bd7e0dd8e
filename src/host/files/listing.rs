//! A directory whose entries are listed at each scrape, and which stays open in between: to open one costs twice what
//! listing it does.
//!
//! For directories whose paths always lead to the same, as with [`Kept`](super::Kept).

use super::kept::{is_of_kernel, may_keep};
use super::numbers;
use crate::host::CollectError;
use rustix::fd::OwnedFd;
use rustix::fs::{Mode, OFlags, RawDir, SeekFrom, seek};
use rustix::io::retry_on_intr;
use std::io;
use std::mem::MaybeUninit;
use std::path::{Path, PathBuf};

/// Room for the entries that are asked for at once.
const ROOM_BYTES: usize = 4 << 10;

/// What a directory below `/sys` has.
pub struct Listing {
    path: PathBuf,
    dir: Option<OwnedFd>,
}

/// A name in a directory.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Entry {
    /// The name.
    pub name: String,
    /// Number of what has the name, which is a link itself where it is one. What has another number is another, and no
    /// other had it since the system started.
    pub inode: u64,
}

impl Listing {
    /// Opens nothing yet.
    pub fn new(path: PathBuf) -> Self {
        Self { path, dir: None }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether it stays open.
    pub fn is_kept(&self) -> bool {
        self.dir.is_some()
    }

    /// As [`files::list`](super::list).
    pub fn names(&mut self) -> Result<Vec<String>, CollectError> {
        Ok(self.entries()?.into_iter().map(|entry| entry.name).collect())
    }

    /// As [`files::numbered`](super::numbered).
    pub fn numbered(&mut self, prefix: &str) -> Result<Vec<u32>, CollectError> {
        Ok(numbers(&super::if_there(self.names())?.unwrap_or_default(), prefix))
    }

    /// The entries, sorted; those whose names are not UTF-8 are left out.
    pub fn entries(&mut self) -> Result<Vec<Entry>, CollectError> {
        // One that was removed, with the driver that had made it, has no entries, and there may be another by now.
        if let Some(dir) = self.dir.take()
            && let Ok(found) = read(&dir)
            && !found.is_empty()
        {
            self.dir = Some(dir);
            return Ok(found);
        }
        let failed = |e| CollectError::io(&self.path, e);
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let dir = retry_on_intr(|| rustix::fs::open(&self.path, flags, Mode::empty())).map_err(|e| failed(e.into()))?;
        let found = read(&dir).map_err(failed)?;
        self.dir = Some(dir).filter(|dir| may_keep() && is_of_kernel(dir));
        Ok(found)
    }
}

fn read(dir: &OwnedFd) -> io::Result<Vec<Entry>> {
    seek(dir, SeekFrom::Start(0))?;
    let mut room = [MaybeUninit::uninit(); ROOM_BYTES];
    let (mut entries, mut found) = (RawDir::new(dir, &mut room), Vec::new());
    while let Some(entry) = entries.next() {
        let entry = entry?;
        match entry.file_name().to_str() {
            Ok("." | "..") | Err(_) => {}
            Ok(name) => found.push(Entry { name: name.to_owned(), inode: entry.ino() }),
        }
    }
    found.sort_unstable();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::files;
    use std::fs;
    use std::os::unix::fs::MetadataExt;

    #[test]
    fn a_directory_of_the_kernel_stays_open_and_is_listed_from_its_start() {
        let mut class = Listing::new("/sys/class/net".into());
        for _ in 0..2 {
            assert_eq!(class.names().unwrap(), files::list(class.path()).unwrap());
            assert!(class.is_kept());
        }
        let links = class.entries().unwrap();
        let inode = |entry: &Entry| fs::symlink_metadata(class.path().join(&entry.name)).unwrap().ino();
        assert!(links.iter().all(|entry| entry.inode == inode(entry)), "{links:?}");
    }

    #[test]
    fn others_are_opened_each_time() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("cpu");
        let mut listing = Listing::new(path.clone());
        assert_eq!(listing.numbered("cpu").unwrap(), [0; 0], "it may not be there");
        assert!(listing.names().is_err());
        for names in [&["cpu1", "cpu0", "idle"][..], &["cpu2"], &[]] {
            fs::create_dir(&path).unwrap();
            names.iter().for_each(|name| fs::write(path.join(name), "").unwrap());
            assert_eq!(listing.names().unwrap(), files::list(&path).unwrap());
            assert_eq!(listing.numbered("cpu").unwrap(), files::numbered(&path, "cpu").unwrap());
            assert!(!listing.is_kept());
            fs::remove_dir_all(&path).unwrap();
        }
    }
}
