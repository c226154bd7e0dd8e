//! The texts of `/proc/self/mountstats` and `/proc/self/mountinfo`, as far as NFS goes.

use crate::host::{CollectError, files};
use std::path::Path;

/// Fields of a transport, as TCP has them since Linux 3.x (`statvers=1.1`).
const TRANSPORT_FIELDS: usize = 13;
/// Those of `statvers=1.0` end before this one, and RDMA lacks the three from here on.
const TRANSPORT_FIELDS_10: usize = 10;

/// An NFS mount with its statistics.
#[derive(Debug, Default, PartialEq)]
pub struct Mount {
    pub export: String,
    pub mountpoint: String,
    pub fstype: String,
    pub age_seconds: f64,
    pub bytes: Vec<f64>,
    pub events: Vec<f64>,
    pub transports: Vec<Transport>,
    pub operations: Vec<Operation>,
}

/// A connection to the server.
#[derive(Debug, PartialEq)]
pub struct Transport {
    pub protocol: String,
    /// In the form of TCP: port, binds, connects, time to connect, idle time, ...
    pub figures: [u64; TRANSPORT_FIELDS],
}

/// Figures of one operation: eight, and errors since Linux 5.3.
#[derive(Debug, PartialEq)]
pub struct Operation {
    pub name: String,
    pub figures: Vec<u64>,
}

/// ```text
/// device 192.0.2.1:/srv mounted on /mnt with fstype nfs4 statvers=1.1
///         age:    13968
///         bytes:  1207640230 0 0 0 1210214218 0 295483 0
///         events: 52 226 0 0 1 13 398 0 0 331 0 47 0 0 77 0 0 77 0 0 0 0 0 0 0 0 0
///         xprt:   tcp 832 0 1 0 11 6428 6428 0 12154 0 24 26 5726
///         per-op statistics
///                 READ: 1298 1298 0 207680 1210292152 6 79386 79407
/// ```
pub fn mounts(path: &Path, text: &str) -> Result<Vec<Mount>, CollectError> {
    let (mut mounts, mut current) = (Vec::<Mount>::new(), None);
    let mut in_operations = false;
    for (at, line) in files::lines(text) {
        let fields: Vec<&str> = line.split_ascii_whitespace().collect();
        match fields.as_slice() {
            ["device", export, "mounted", "on", mountpoint, "with", "fstype", fstype, rest @ ..] => {
                mounts.extend(current.take());
                in_operations = false;
                current = (fstype.starts_with("nfs") && !rest.is_empty()).then(|| Mount {
                    export: (*export).to_owned(),
                    mountpoint: (*mountpoint).to_owned(),
                    fstype: (*fstype).to_owned(),
                    ..Mount::default()
                });
            }
            ["device", ..] | [] => in_operations = false,
            ["per-op", ..] => in_operations = true,
            [word, rest @ ..] => {
                let Some(mount) = current.as_mut() else { continue };
                if in_operations {
                    mount.operations.push(operation(path, at, word, rest)?);
                } else {
                    mount.take(path, at, word, rest)?;
                }
            }
        }
    }
    mounts.extend(current);
    Ok(mounts)
}

impl Mount {
    fn take(&mut self, path: &Path, at: usize, word: &str, rest: &[&str]) -> Result<(), CollectError> {
        let figures = || rest.iter().map(|field| files::parse_count(path, at, field)).collect::<Result<Vec<f64>, _>>();
        match word {
            "age:" => self.age_seconds = files::parse_count(path, at, rest.first().copied().unwrap_or_default())?,
            "bytes:" => self.bytes = figures()?,
            "events:" => self.events = figures()?,
            "xprt:" => self.transports.push(transport(path, at, rest)?),
            _ => {}
        }
        Ok(())
    }
}

fn integers(path: &Path, at: usize, fields: &[&str]) -> Result<Vec<u64>, CollectError> {
    fields.iter().map(|field| files::parse_u64(path, at, field)).collect()
}

fn transport(path: &Path, at: usize, fields: &[&str]) -> Result<Transport, CollectError> {
    let Some((protocol, fields)) = fields.split_first() else {
        return Err(CollectError::malformed(path, at, "expected a protocol"));
    };
    let mut numbers = integers(path, at, fields)?;
    match *protocol {
        // No connections: no count of them, no time to connect, no idle time.
        "udp" if numbers.len() >= 2 => drop(numbers.splice(2..2, [0; 3])),
        "rdma" if numbers.len() >= TRANSPORT_FIELDS_10 => {
            drop(numbers.splice(TRANSPORT_FIELDS_10..TRANSPORT_FIELDS_10, [0; 3]));
        }
        _ => {}
    }
    if numbers.len() < TRANSPORT_FIELDS_10 {
        return Err(CollectError::malformed(path, at, "a transport is cut off"));
    }
    let mut figures = [0; TRANSPORT_FIELDS];
    figures.iter_mut().zip(numbers).for_each(|(figure, number)| *figure = number);
    Ok(Transport { protocol: (*protocol).to_owned(), figures })
}

fn operation(path: &Path, at: usize, word: &str, rest: &[&str]) -> Result<Operation, CollectError> {
    let figures = integers(path, at, rest)?;
    if figures.len() < super::families::OPERATIONS.len() {
        return Err(CollectError::malformed(path, at, "an operation is cut off"));
    }
    Ok(Operation { name: word.trim_end_matches(':').to_owned(), figures })
}

/// The server's address that a mount was made with: the option `addr` of the super block.
/// `194 21 0:42 / /mnt/nfs rw shared:144 - nfs4 192.0.2.1:/srv rw,vers=4.2,proto=tcp,addr=192.0.2.1`
pub fn address<'t>(mountinfo: &'t str, mount: &Mount) -> Option<&'t str> {
    mountinfo.lines().find_map(|line| {
        let (mounted, source) = line.split_once(" - ")?;
        let mountpoint = mounted.split(' ').nth(4)?;
        let mut source = source.split(' ');
        let (fstype, export, options) = (source.next()?, source.next()?, source.next()?);
        let same = mountpoint == mount.mountpoint && fstype == mount.fstype && export == mount.export;
        same.then(|| options.split(',').find_map(|option| option.strip_prefix("addr="))).flatten()
    })
}
