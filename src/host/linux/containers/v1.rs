//! Version 1: a hierarchy for each controller. Source: the kernel's admin-guide/cgroup-v1.

use super::disk::Disk;
use super::families::Figures;
use super::tree::{Tree, place};
use super::values::{keyed, number, unless_gone};
use crate::host::linux::process::TICKS_PER_SECOND;
use crate::host::{CollectError, Roots, files};
use std::path::Path;

/// A limit beyond this is none: the kernel's own is the highest that fits its pages. Source: cAdvisor.
const NO_LIMIT: f64 = (1_u64 << 62) as f64;

/// All groups that count CPU or memory.
pub fn walk(roots: &Roots) -> Result<Tree, CollectError> {
    let there = |controller: &str| Some(roots.sys("fs/cgroup").join(controller)).filter(|path| path.exists());
    let trees: Vec<_> = ["cpuacct", "memory"].into_iter().filter_map(there).collect();
    let mut trees = trees.iter().map(|base| Tree::walk(base));
    let Some(first) = trees.next() else {
        let place = roots.sys("fs/cgroup");
        return Err(CollectError::NoData(format!("there are no control groups in {}", place.display())));
    };
    let mut tree = first?;
    for other in trees {
        tree.join(other?);
    }
    Ok(tree)
}

/// The figures of a group.
pub fn read(roots: &Roots, id: &str) -> Result<Figures, CollectError> {
    let file = |controller: &str, name: &str| place(&roots.sys("fs/cgroup").join(controller), id).join(name);
    let [user, system] = keyed(&file("cpuacct", "cpuacct.stat"), ["user", "system"])?;
    let cpu = ["nr_periods", "nr_throttled", "throttled_time"];
    let [periods, throttled_periods, throttled] = keyed(&file("cpu", "cpu.stat"), cpu)?;
    let memory = ["total_rss", "total_cache", "total_mapped_file", "total_inactive_file", "total_swap"];
    let [rss, cache, mapped_file, inactive, swap] = keyed(&file("memory", "memory.stat"), memory)?;
    let memory_usage = number(&file("memory", "memory.usage_in_bytes"))?;
    let limit = number(&file("memory", "memory.limit_in_bytes"))?;
    // Without a quota it is -1.
    let quota = number(&file("cpu", "cpu.cfs_quota_us"))?.filter(|quota| *quota > 0.0);
    Ok(Figures {
        cpu_usage: number(&file("cpuacct", "cpuacct.usage"))?.map(seconds_from_nanos),
        cpu_user: user.map(seconds_from_ticks),
        cpu_system: system.map(seconds_from_ticks),
        periods: quota.and(periods),
        throttled_periods: quota.and(throttled_periods),
        throttled: quota.and(throttled).map(seconds_from_nanos),
        cpu_quota: quota,
        cpu_period: number(&file("cpu", "cpu.cfs_period_us"))?,
        cpu_shares: number(&file("cpu", "cpu.shares"))?,
        memory_usage,
        working_set: memory_usage.zip(inactive).map(|(usage, inactive)| (usage - inactive).max(0.0)),
        rss,
        cache,
        mapped_file,
        swap,
        memory_limit: limit.map(|limit| if limit > NO_LIMIT { 0.0 } else { limit }),
        disks: disks(&file("blkio", "blkio.throttle.io_service_bytes"), &file("blkio", "blkio.throttle.io_serviced"))?,
    })
}

fn seconds_from_nanos(nanos: f64) -> f64 {
    nanos / 1e9
}

fn seconds_from_ticks(ticks: f64) -> f64 {
    ticks / TICKS_PER_SECOND
}

/// What was read and written, by two files of the same form.
fn disks(bytes: &Path, operations: &Path) -> Result<Vec<Disk>, CollectError> {
    let mut disks = Vec::new();
    for_figures(bytes, &mut disks, |disk, direction, bytes| match direction {
        "Read" => disk.read_bytes = bytes,
        "Write" => disk.written_bytes = bytes,
        _ => {}
    })?;
    for_figures(operations, &mut disks, |disk, direction, count| match direction {
        "Read" => disk.reads = count,
        "Write" => disk.writes = count,
        _ => {}
    })?;
    Ok(disks)
}

/// 8:0 Read 4096
/// 8:0 Total 4096
/// Total 4096
fn for_figures(path: &Path, disks: &mut Vec<Disk>, set: impl Fn(&mut Disk, &str, f64)) -> Result<(), CollectError> {
    for (at, line) in files::lines(&unless_gone(files::read(path))?.unwrap_or_default()) {
        let mut fields = line.split_ascii_whitespace();
        let (Some(number), Some(direction), Some(figure)) = (fields.next(), fields.next(), fields.next()) else {
            continue;
        };
        let figure = files::parse_count(path, at, figure)?;
        let known = disks.iter().position(|disk| disk.number == number);
        let place = known.unwrap_or_else(|| {
            disks.push(Disk { number: number.to_owned(), ..Disk::default() });
            disks.len() - 1
        });
        set(&mut disks[place], direction, figure);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn disks_are_those_of_both_files() {
        let dir = tempfile::tempdir().unwrap();
        let (bytes, operations) = (dir.path().join("bytes"), dir.path().join("operations"));
        assert_eq!(disks(&bytes, &operations).unwrap(), []);
        fs::write(&bytes, "8:0 Read 1\n8:0 Write 2\n8:0 Sync 3\n8:0 Total 3\nTotal 3\n").unwrap();
        fs::write(&operations, "8:0 Read 4\n7:0 Write 5\nTotal 9\n").unwrap();
        let disk = |number: &str| Disk { number: number.into(), ..Disk::default() };
        let sda = Disk { read_bytes: 1.0, written_bytes: 2.0, reads: 4.0, ..disk("8:0") };
        assert_eq!(disks(&bytes, &operations).unwrap(), [sda, Disk { writes: 5.0, ..disk("7:0") }]);
        fs::write(&bytes, "8:0 Read many\n").unwrap();
        assert!(disks(&bytes, &operations).is_err());
    }

    #[test]
    fn without_hierarchies_there_is_no_data() {
        let dir = tempfile::tempdir().unwrap();
        let roots = Roots::new("/proc", dir.path(), "/", "/udev");
        assert!(matches!(walk(&roots), Err(CollectError::NoData(_))));
    }
}
