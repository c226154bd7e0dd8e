//! The files of the kernel's NFS client and server, `/proc/net/rpc/{nfs,nfsd}`. Source: `rpc_proc_show` in the kernel's
//! net/sunrpc/stats.c and `nfsd_show` in fs/nfsd/stats.c. A line is a word and its figures; those of procedures start
//! with how many there are.

use crate::host::{CollectError, Roots, files};
use crate::model::Family;
use std::path::PathBuf;

/// Procedures of NFSv2, in the order of their numbers (RFC 1094).
pub const V2: &[&str] = &[
    "Null", "GetAttr", "SetAttr", "Root", "Lookup", "ReadLink", "Read", "WrCache", "Write", "Create", "Remove",
    "Rename", "Link", "SymLink", "MkDir", "RmDir", "ReadDir", "FsStat",
];
/// Procedures of NFSv3, in the order of their numbers (RFC 1813).
pub const V3: &[&str] = &[
    "Null",
    "GetAttr",
    "SetAttr",
    "Lookup",
    "Access",
    "ReadLink",
    "Read",
    "Write",
    "Create",
    "MkDir",
    "SymLink",
    "MkNod",
    "Remove",
    "RmDir",
    "Rename",
    "Link",
    "ReadDir",
    "ReadDirPlus",
    "FsStat",
    "FsInfo",
    "PathConf",
    "Commit",
];

/// A file with its lines.
pub struct Rpc {
    path: PathBuf,
    text: String,
}

impl Rpc {
    /// Reads a file of `/proc/net/rpc`, which is there once the module is loaded.
    pub fn read(roots: &Roots, name: &str) -> Result<Self, CollectError> {
        let path = roots.proc("net/rpc").join(name);
        let text = files::read(&path).map_err(CollectError::absent_is_no_data)?;
        Ok(Self { path, text })
    }

    /// Line number and fields of the line that starts with a word.
    fn line(&self, word: &str) -> Option<(usize, Vec<&str>)> {
        let starts = |line: &str| line.split_ascii_whitespace().next() == Some(word);
        let (at, line) = files::lines(&self.text).find(|(_, line)| starts(line))?;
        Some((at, line.split_ascii_whitespace().skip(1).collect()))
    }

    /// The figures at the given places of a line; all 0 where the kernel has no such line.
    pub fn figures<const N: usize>(&self, word: &str, places: [usize; N]) -> Result<[f64; N], CollectError> {
        let mut figures = [0.0; N];
        if let Some((at, fields)) = self.line(word) {
            for (figure, place) in figures.iter_mut().zip(places) {
                *figure = files::parse_count(&self.path, at, files::field(&self.path, at, &fields, place)?)?;
            }
        }
        Ok(figures)
    }

    /// How often each of the named procedures was called; 0 for those that the kernel does not know.
    pub fn calls(&self, word: &str, names: &[&str]) -> Result<Vec<f64>, CollectError> {
        let mut calls = Vec::with_capacity(names.len());
        if let Some((at, fields)) = self.line(word) {
            let count = files::parse_u64(&self.path, at, fields.first().copied().unwrap_or_default())?;
            if count != fields.len() as u64 - 1 {
                return Err(CollectError::malformed(&self.path, at, format!("expected {count} figures")));
            }
            for field in fields.iter().skip(1).take(names.len()) {
                calls.push(files::parse_count(&self.path, at, field)?);
            }
        }
        calls.resize(names.len(), 0.0);
        Ok(calls)
    }
}

/// Pushes the calls of the procedures of one version, but for those without a name.
pub fn emit_calls(family: &mut Family<'_>, version: &str, names: &[&str], calls: &[f64]) {
    for (name, calls) in names.iter().zip(calls).filter(|(name, _)| !name.is_empty()) {
        family.sample(&[version, name], *calls);
    }
}
