//! Which files there are, and what each has.

use super::glob::glob;
use super::merge::Merged;
use super::parse::{Family, parse};
use crate::host::{CollectError, files};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Component, Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

/// How much is read at a scrape. What is beyond is left out.
#[derive(Clone, Copy)]
pub struct Limits {
    /// Files.
    pub files: usize,
    /// Bytes of a file.
    pub file_bytes: u64,
    /// Bytes of all files together.
    pub bytes: u64,
}

/// Complaints of one scrape that are kept for the log.
const MAX_COMPLAINTS: usize = 64;

/// What all files together have.
#[derive(Default)]
pub struct Found {
    /// Families of all files.
    pub families: Vec<Family>,
    /// Seconds since 1970 at which each file that could be read was last written.
    pub mtimes: BTreeMap<String, i64>,
    /// What was left out, and why.
    pub complaints: Vec<String>,
}

/// Reads the files of all directories that the patterns name.
pub fn read(patterns: &[String], limits: &Limits) -> Found {
    let (mut found, mut merged, mut room) = (Found::default(), Merged::default(), limits.bytes);
    for path in list(patterns, limits.files, &mut found.complaints) {
        let name = path.to_string_lossy().into_owned();
        if found.mtimes.contains_key(&name) {
            continue;
        }
        match read_file(&path, limits, &mut room) {
            Ok((families, mtime)) => {
                merged.add(&name, families);
                found.mtimes.insert(name, mtime);
            }
            Err(e) => found.complaints.push(e.to_string()),
        }
    }
    let (families, complaints) = merged.finish();
    found.families = families;
    found.complaints.extend(complaints);
    let more = found.complaints.len().saturating_sub(MAX_COMPLAINTS);
    if more > 0 {
        found.complaints.truncate(MAX_COMPLAINTS);
        found.complaints.push(format!("{more} more complaints"));
    }
    found
}

/// The files to read, in order, so many at the most.
fn list(patterns: &[String], most: usize, complaints: &mut Vec<String>) -> Vec<PathBuf> {
    let mut paths = Vec::new();
    for pattern in patterns.iter().filter(|pattern| !pattern.is_empty()) {
        let mut directories = glob(pattern);
        if directories.is_empty() {
            // Its name may look like a pattern; if it is not there, the error says so.
            directories.push(pattern.into());
        }
        for directory in directories {
            match files::list(&directory) {
                Ok(names) => {
                    let names = names.iter().filter(|name| name.ends_with(".prom"));
                    paths.extend(names.map(|name| clean(&directory.join(name))));
                }
                Err(e) => complaints.push(e.to_string()),
            }
        }
    }
    if paths.len() > most {
        complaints.push(format!("{} files, of which {most} are read", paths.len()));
        paths.truncate(most);
    }
    paths
}

/// The path without `.`, `..` and doubled slashes, as node_exporter names files.
pub fn clean(path: &Path) -> PathBuf {
    let mut clean = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir if matches!(clean.components().next_back(), Some(Component::Normal(_))) => {
                clean.pop();
            }
            Component::ParentDir if clean.has_root() => {}
            other => clean.push(other),
        }
    }
    clean
}

/// Reads a file whole, and takes its bytes off the room that is left for all.
fn read_file(path: &Path, limits: &Limits, room: &mut u64) -> Result<(Vec<Family>, i64), CollectError> {
    let io = |e| CollectError::io(path, e);
    // Opening a pipe would wait for somebody to write to it.
    if !fs::metadata(path).map_err(io)?.is_file() {
        return Err(CollectError::malformed(path, 0, "not a regular file"));
    }
    let (mut file, mut bytes) = (File::open(path).map_err(io)?, Vec::new());
    let modified = file.metadata().and_then(|metadata| metadata.modified()).map_err(io)?;
    let limit = limits.file_bytes.min(*room);
    file.by_ref().take(limit + 1).read_to_end(&mut bytes).map_err(io)?;
    let length = bytes.len() as u64;
    if length > limit {
        let why = format!("more than {} bytes, or {} with the files before", limits.file_bytes, limits.bytes);
        return Err(CollectError::malformed(path, 0, why));
    }
    *room -= length;
    let families = parse(&bytes).map_err(|e| CollectError::malformed(path, e.line, e.why))?;
    Ok((families, unix_seconds(modified)))
}

fn unix_seconds(time: SystemTime) -> i64 {
    let seconds = |since: std::time::Duration| i64::try_from(since.as_secs()).unwrap_or(i64::MAX);
    match time.duration_since(UNIX_EPOCH) {
        Ok(since) => seconds(since),
        Err(before) => -seconds(before.duration()),
    }
}
