//! XFS by device. Source: Documentation/admin-guide/xfs.rst in the kernel and <http://xfs.org/index.php/Runtime_Stats>,
//! `/sys/fs/xfs/DEVICE/stats/stats`. Unit: by the name, mostly events.

use crate::host::files::{self, Listing};
use crate::host::{CollectError, Collector, Metrics, Spec};
use crate::model::{Desc, Sink, heads};
use std::path::Path;

/// Where a figure stands: the first word of its line, and the place after it.
type Place = (&'static str, usize);

const fn counter(name: &'static str, help: &'static str, line: &'static str, at: usize) -> (Desc<'static>, Place) {
    (Desc::counter(name, help, &["device"]), (line, at))
}

static FAMILIES: [(Desc<'static>, Place); 39] = [
    counter(
        "node_xfs_extent_allocation_extents_allocated_total",
        "Number of extents allocated for a filesystem.",
        "extent_alloc",
        0,
    ),
    counter(
        "node_xfs_extent_allocation_blocks_allocated_total",
        "Number of blocks allocated for a filesystem.",
        "extent_alloc",
        1,
    ),
    counter(
        "node_xfs_extent_allocation_extents_freed_total",
        "Number of extents freed for a filesystem.",
        "extent_alloc",
        2,
    ),
    counter(
        "node_xfs_extent_allocation_blocks_freed_total",
        "Number of blocks freed for a filesystem.",
        "extent_alloc",
        3,
    ),
    counter(
        "node_xfs_allocation_btree_lookups_total",
        "Number of allocation B-tree lookups for a filesystem.",
        "abt",
        0,
    ),
    counter(
        "node_xfs_allocation_btree_compares_total",
        "Number of allocation B-tree compares for a filesystem.",
        "abt",
        1,
    ),
    counter(
        "node_xfs_allocation_btree_records_inserted_total",
        "Number of allocation B-tree records inserted for a filesystem.",
        "abt",
        2,
    ),
    counter(
        "node_xfs_allocation_btree_records_deleted_total",
        "Number of allocation B-tree records deleted for a filesystem.",
        "abt",
        3,
    ),
    counter(
        "node_xfs_block_mapping_reads_total",
        "Number of block map for read operations for a filesystem.",
        "blk_map",
        0,
    ),
    counter(
        "node_xfs_block_mapping_writes_total",
        "Number of block map for write operations for a filesystem.",
        "blk_map",
        1,
    ),
    counter("node_xfs_block_mapping_unmaps_total", "Number of block unmaps (deletes) for a filesystem.", "blk_map", 2),
    counter(
        "node_xfs_block_mapping_extent_list_insertions_total",
        "Number of extent list insertions for a filesystem.",
        "blk_map",
        3,
    ),
    counter(
        "node_xfs_block_mapping_extent_list_deletions_total",
        "Number of extent list deletions for a filesystem.",
        "blk_map",
        4,
    ),
    counter(
        "node_xfs_block_mapping_extent_list_lookups_total",
        "Number of extent list lookups for a filesystem.",
        "blk_map",
        5,
    ),
    counter(
        "node_xfs_block_mapping_extent_list_compares_total",
        "Number of extent list compares for a filesystem.",
        "blk_map",
        6,
    ),
    counter(
        "node_xfs_block_map_btree_lookups_total",
        "Number of block map B-tree lookups for a filesystem.",
        "bmbt",
        0,
    ),
    counter(
        "node_xfs_block_map_btree_compares_total",
        "Number of block map B-tree compares for a filesystem.",
        "bmbt",
        1,
    ),
    counter(
        "node_xfs_block_map_btree_records_inserted_total",
        "Number of block map B-tree records inserted for a filesystem.",
        "bmbt",
        2,
    ),
    counter(
        "node_xfs_block_map_btree_records_deleted_total",
        "Number of block map B-tree records deleted for a filesystem.",
        "bmbt",
        3,
    ),
    counter(
        "node_xfs_directory_operation_lookup_total",
        "Number of file name directory lookups which miss the operating systems directory name lookup cache.",
        "dir",
        0,
    ),
    counter(
        "node_xfs_directory_operation_create_total",
        "Number of times a new directory entry was created for a filesystem.",
        "dir",
        1,
    ),
    counter(
        "node_xfs_directory_operation_remove_total",
        "Number of times an existing directory entry was created for a filesystem.",
        "dir",
        2,
    ),
    counter(
        "node_xfs_directory_operation_getdents_total",
        "Number of times the directory getdents operation was performed for a filesystem.",
        "dir",
        3,
    ),
    counter(
        "node_xfs_inode_operation_attempts_total",
        "Number of times the OS looked for an XFS inode in the inode cache.",
        "ig",
        0,
    ),
    counter(
        "node_xfs_inode_operation_found_total",
        "Number of times the OS looked for and found an XFS inode in the inode cache.",
        "ig",
        1,
    ),
    counter(
        "node_xfs_inode_operation_recycled_total",
        "Number of times the OS found an XFS inode in the cache, but could not use it as it was being recycled.",
        "ig",
        2,
    ),
    counter(
        "node_xfs_inode_operation_missed_total",
        "Number of times the OS looked for an XFS inode in the cache, but did not find it.",
        "ig",
        3,
    ),
    counter(
        "node_xfs_inode_operation_duplicates_total",
        "Number of times the OS tried to add a missing XFS inode to the inode cache, but found it had already been added by another process.",
        "ig",
        4,
    ),
    counter(
        "node_xfs_inode_operation_reclaims_total",
        "Number of times the OS reclaimed an XFS inode from the inode cache to free memory for another purpose.",
        "ig",
        5,
    ),
    counter(
        "node_xfs_inode_operation_attribute_changes_total",
        "Number of times the OS explicitly changed the attributes of an XFS inode.",
        "ig",
        6,
    ),
    counter("node_xfs_write_calls_total", "Number of write(2) system calls made to files in a filesystem.", "rw", 0),
    counter("node_xfs_read_calls_total", "Number of read(2) system calls made to files in a filesystem.", "rw", 1),
    counter("node_xfs_vnode_active_total", "Number of vnodes not on free lists for a filesystem.", "vnodes", 0),
    counter("node_xfs_vnode_allocate_total", "Number of times vn_alloc called for a filesystem.", "vnodes", 1),
    counter("node_xfs_vnode_get_total", "Number of times vn_get called for a filesystem.", "vnodes", 2),
    counter("node_xfs_vnode_hold_total", "Number of times vn_hold called for a filesystem.", "vnodes", 3),
    counter("node_xfs_vnode_release_total", "Number of times vn_rele called for a filesystem.", "vnodes", 4),
    counter("node_xfs_vnode_reclaim_total", "Number of times vn_reclaim called for a filesystem.", "vnodes", 5),
    counter("node_xfs_vnode_remove_total", "Number of times vn_remove called for a filesystem.", "vnodes", 6),
];

/// The collector `xfs`.
pub static SPEC: Spec = Spec {
    name: "xfs",
    about: "XFS by device from /sys/fs/xfs",
    default_enabled: true,
    flags: &[],
    build: |env| Ok(Box::new(Xfs(Listing::new(env.roots.sys("fs/xfs"))))),
};

/// What it shows.
pub static METRICS: Metrics = &heads(&FAMILIES);

struct Xfs(Listing);

impl Collector for Xfs {
    fn collect(&mut self, out: &mut dyn Sink) -> Result<(), CollectError> {
        emit(&read(&mut self.0)?, out);
        Ok(())
    }
}

struct Device {
    name: String,
    /// In the order of [`FAMILIES`].
    figures: Vec<f64>,
}

fn read(folder: &mut Listing) -> Result<Vec<Device>, CollectError> {
    let mut devices = Vec::new();
    // Beside the devices there are `stats`, the sum of all of them, and `debug`.
    let names = files::if_there(folder.names())?.unwrap_or_default();
    for name in names.into_iter().filter(|name| name != "stats") {
        let path = folder.path().join(&name).join("stats/stats");
        if let Some(text) = files::read_if_there(&path)? {
            devices.push(Device { name, figures: parse(&path, &text)? });
        }
    }
    Ok(devices)
}

/// Lines such as `extent_alloc 1 872 0 0`. A line that the kernel does not have counts as zeros.
fn parse(path: &Path, text: &str) -> Result<Vec<f64>, CollectError> {
    let mut figures = vec![0.0; FAMILIES.len()];
    for (at, line) in files::lines(text) {
        let fields: Vec<&str> = line.split_ascii_whitespace().collect();
        for (figure, (_, (word, place))) in figures.iter_mut().zip(&FAMILIES) {
            if fields.first() == Some(word) {
                *figure = files::parse_count(path, at, files::field(path, at, &fields, place + 1)?)?;
            }
        }
    }
    Ok(figures)
}

fn emit(devices: &[Device], out: &mut dyn Sink) {
    for (i, (desc, _)) in FAMILIES.iter().enumerate() {
        let mut family = out.family(desc);
        devices.iter().for_each(|device| family.sample(&[&device.name], device.figures[i]));
    }
}
