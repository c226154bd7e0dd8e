//! Version 2: one hierarchy. Source: the kernel's admin-guide/cgroup-v2.

use super::disk::Disk;
use super::families::Figures;
use super::tree::{Tree, place};
use super::values::{keyed, number, unless_gone};
use crate::host::{CollectError, Roots, files};
use std::path::Path;

const BASE: &str = "fs/cgroup";

/// All groups.
pub fn walk(roots: &Roots) -> Result<Tree, CollectError> {
    Tree::walk(&roots.sys(BASE))
}

/// The figures of a group.
pub fn read(roots: &Roots, id: &str) -> Result<Figures, CollectError> {
    let place = place(&roots.sys(BASE), id);
    let cpu = ["usage_usec", "user_usec", "system_usec", "nr_periods", "nr_throttled", "throttled_usec"];
    let [usage, user, system, periods, throttled_periods, throttled] = keyed(&place.join("cpu.stat"), cpu)?;
    let memory = ["anon", "file", "file_mapped", "inactive_file"];
    let [rss, cache, mapped_file, inactive] = keyed(&place.join("memory.stat"), memory)?;
    let memory_usage = number(&place.join("memory.current"))?;
    let (quota, period) = quota(&place.join("cpu.max"))?;
    let has_limit = unless_gone(files::value(&place.join("memory.max")))?.is_some();
    Ok(Figures {
        cpu_usage: usage.map(seconds_from_micros),
        cpu_user: user.map(seconds_from_micros),
        cpu_system: system.map(seconds_from_micros),
        periods: quota.and(periods),
        throttled_periods: quota.and(throttled_periods),
        throttled: quota.and(throttled).map(seconds_from_micros),
        cpu_quota: quota,
        cpu_period: period,
        cpu_shares: number(&place.join("cpu.weight"))?.map(shares_from_weight),
        memory_usage,
        working_set: memory_usage.zip(inactive).map(|(usage, inactive)| (usage - inactive).max(0.0)),
        // Of the root, memory.stat is that of the host, which meminfo tells.
        rss: memory_usage.and(rss),
        cache: memory_usage.and(cache),
        mapped_file: memory_usage.and(mapped_file),
        swap: number(&place.join("memory.swap.current"))?,
        memory_limit: if has_limit { Some(number(&place.join("memory.max"))?.unwrap_or_default()) } else { None },
        disks: disks(&place.join("io.stat"))?,
    })
}

fn seconds_from_micros(micros: f64) -> f64 {
    micros / 1e6
}

/// The shares of version 1 that a weight stands for, as container runtimes convert it. Source: OCI runtime
/// specification, and cAdvisor.
fn shares_from_weight(weight: f64) -> f64 {
    (2.0 + (weight - 1.0) * 262_142.0 / 9999.0).trunc()
}

/// max 100000
/// ^^^ ^^^^^^ period, in microseconds
/// quota, of which there is none here
fn quota(path: &Path) -> Result<(Option<f64>, Option<f64>), CollectError> {
    let Some(text) = unless_gone(files::value(path))? else { return Ok((None, None)) };
    let (quota, period) = text
        .split_once(' ')
        .ok_or_else(|| CollectError::malformed(path, 0, format!("{text:?} is not a quota and a period")))?;
    let quota = if quota == "max" { None } else { Some(files::parse_count(path, 0, quota)?) };
    Ok((quota, Some(files::parse_count(path, 0, period)?)))
}

/// 259:0 rbytes=180224 wbytes=0 rios=3 wios=0 dbytes=0 dios=0
fn disks(path: &Path) -> Result<Vec<Disk>, CollectError> {
    let mut disks = Vec::new();
    for (at, line) in files::lines(&unless_gone(files::read(path))?.unwrap_or_default()) {
        let (heads, figures): (Vec<&str>, Vec<&str>) = line.split_ascii_whitespace().partition(|f| !f.contains('='));
        // Some kernels tell devices without figures on the same line, before the one that has them.
        let Some(number) = heads.last().filter(|_| !figures.is_empty()) else { continue };
        let mut disk = Disk { number: (*number).to_owned(), ..Disk::default() };
        for (key, value) in figures.iter().filter_map(|figure| figure.split_once('=')) {
            let place = match key {
                "rbytes" => &mut disk.read_bytes,
                "wbytes" => &mut disk.written_bytes,
                "rios" => &mut disk.reads,
                "wios" => &mut disk.writes,
                _ => continue,
            };
            *place = files::parse_count(path, at, value)?;
        }
        disks.push(disk);
    }
    Ok(disks)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn weights_are_shares() {
        for (weight, shares) in [(1.0, 2.0), (39.0, 998.0), (100.0, 2597.0), (10_000.0, 262_144.0)] {
            assert_eq!(shares_from_weight(weight), shares, "weight {weight}");
        }
    }

    #[test]
    fn disks_and_quotas_are_read_as_kernels_print_them() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        let disk = |number: &str, read_bytes, written_bytes, reads, writes| Disk {
            number: number.into(),
            read_bytes,
            written_bytes,
            reads,
            writes,
        };
        for (text, want) in [
            ("", vec![]),
            ("8:0 \n", vec![]),
            ("8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=5 dios=6\n", vec![disk("8:0", 1.0, 2.0, 3.0, 4.0)]),
            (
                "8:16 8:0 rbytes=1 wbytes=2\n7:0 rios=9\n",
                vec![disk("8:0", 1.0, 2.0, 0.0, 0.0), disk("7:0", 0.0, 0.0, 9.0, 0.0)],
            ),
        ] {
            fs::write(&path, text).unwrap();
            assert_eq!(disks(&path).unwrap(), want, "{text:?}");
        }
        fs::write(&path, "8:0 rbytes=x\n").unwrap();
        assert!(disks(&path).is_err());
        for (text, want) in [("max 100000\n", (None, Some(1e5))), ("50000 100000\n", (Some(5e4), Some(1e5)))] {
            fs::write(&path, text).unwrap();
            assert_eq!(quota(&path).unwrap(), want, "{text:?}");
        }
        fs::write(&path, "100000\n").unwrap();
        assert!(quota(&path).is_err());
    }
}
