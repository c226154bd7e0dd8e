//! Reads what `/proc` has of each process.

use crate::host::linux::process::{TICKS_PER_SECOND, ids, if_alive, split_stat};
use crate::host::{CollectError, Roots, files};
use std::io::ErrorKind;
use std::path::Path;

/// Processes beyond this are counted as unread. The kernel lets a host have 4 million.
const MAX_PROCESSES: usize = 1 << 16;

/// All processes at a time.
#[derive(Debug, Default, PartialEq)]
pub struct Processes {
    /// Seconds since the kernel started.
    pub uptime: f64,
    /// Those that could be read.
    pub read: Vec<Process>,
    /// How many could not.
    pub unread: usize,
}

/// A process.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Process {
    /// Its number, which the kernel gives to another one later, and its start in ticks, which tells the two apart.
    pub id: (u32, u64),
    /// `comm`
    pub name: String,
    /// Ticks in user mode.
    pub user: u64,
    /// Ticks in the kernel.
    pub system: u64,
    /// Number of threads.
    pub threads: u64,
    /// Bytes of address space.
    pub virtual_size: u64,
    /// Bytes in memory.
    pub resident: u64,
}

/// Reads all of them. One that ends meanwhile is not there; one that this user may not look at (`hidepid`) is unread.
pub fn read(roots: &Roots) -> Result<Processes, CollectError> {
    let path = roots.proc("uptime");
    let text = files::read(&path).map_err(CollectError::absent_is_no_data)?;
    let uptime = files::parse(&path, 1, text.split_ascii_whitespace().next().unwrap_or_default())?;
    let ids = ids(roots)?;
    let mut processes = Processes { uptime, unread: ids.len().saturating_sub(MAX_PROCESSES), ..Processes::default() };
    for id in ids.iter().take(MAX_PROCESSES) {
        let path = roots.proc(id).join("stat");
        match if_alive(files::read(&path)) {
            Ok(Some(text)) => processes.read.push(parse(&path, id, &text)?),
            Ok(None) => {}
            Err(CollectError::Io { source, .. }) if source.kind() == ErrorKind::PermissionDenied => {
                processes.unread += 1;
            }
            Err(e) => return Err(e),
        }
    }
    Ok(processes)
}

/// 17 (khungtaskd) S 2 0 0 0 -1 2129984 0 0 0 0 14 5 0 0 20 0 1 0 24 1728512 310 ...
///     name                                     user         ^    ^  virtual resident
///                                                 system    |    start, in ticks
///                                                           threads
fn parse(path: &Path, id: &str, text: &str) -> Result<Process, CollectError> {
    let (name, fields) =
        split_stat(text).ok_or_else(|| CollectError::malformed(path, 1, "expected a name in brackets"))?;
    let fields: Vec<&str> = fields.collect();
    // The fields count from 3, after number and name, in proc_pid_stat(5).
    let number = |place: usize| files::parse_u64(path, 1, files::field(path, 1, &fields, place - 3)?);
    let id = id.parse().map_err(|_| CollectError::malformed(path, 0, "the number of a process is too long"))?;
    Ok(Process {
        id: (id, number(22)?),
        name: name.to_owned(),
        user: number(14)?,
        system: number(15)?,
        threads: number(20)?,
        virtual_size: number(23)?,
        resident: number(24)?.saturating_mul(rustix::param::page_size() as u64),
    })
}

/// Ticks of `/proc` as seconds.
pub fn seconds_from_ticks(ticks: u64) -> f64 {
    ticks as f64 / TICKS_PER_SECOND
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    const TAIL: &str = "S 2 0 0 0 -1 64 0 0 0 0 14 5 0 0 20 0 3 0 24 1728512 2";

    #[test]
    fn a_process_is_its_fields_by_their_number() {
        let page = rustix::param::page_size() as u64;
        let want = Process {
            id: (17, 24),
            name: "a) R (b".into(),
            user: 14,
            system: 5,
            threads: 3,
            virtual_size: 1_728_512,
            resident: 2 * page,
        };
        assert_eq!(parse(Path::new("stat"), "17", &format!("17 (a) R (b) {TAIL}")).unwrap(), want);
        for text in ["", "17 (a)", "17 (a) S 2 0", "17 a S 2", ")(", "17 (a) S x 0 0 0 0 0 0 0 0 0 0 y z"] {
            let error = parse(Path::new("stat"), "17", text).unwrap_err().to_string();
            assert!(error.starts_with("stat:1: "), "{text:?}: {error}");
        }
    }

    #[test]
    fn what_ends_or_hides_is_no_failure() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("uptime"), "100.25 90.00\n").unwrap();
        // 2 has ended: its folder is there, and its file is not. 3 is there, and is nobody's to read.
        for id in ["1", "2", "3", "self"] {
            fs::create_dir(dir.path().join(id)).unwrap();
        }
        fs::write(dir.path().join("1/stat"), format!("1 (init) {TAIL}")).unwrap();
        fs::create_dir(dir.path().join("3/stat")).unwrap();
        let roots = Roots::new(dir.path(), "/sys", "/", "/udev");
        assert!(read(&roots).unwrap_err().to_string().ends_with("Is a directory (os error 21)"));
        fs::remove_dir(dir.path().join("3/stat")).unwrap();
        let processes = read(&roots).unwrap();
        assert_eq!((processes.uptime, processes.read.len(), processes.unread), (100.25, 1, 0));
        assert!(matches!(
            read(&Roots::new(dir.path().join("none"), "/sys", "/", "/udev")),
            Err(CollectError::NoData(_))
        ));
    }
}
