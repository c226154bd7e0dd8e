//! The families of an NFS mount, each with the place of its figure in the line that has it.

use crate::model::Desc;

pub type Row = (Desc<'static>, usize);

const MOUNT: &[&str] = &["export", "protocol", "mountaddr"];
const OPERATION: &[&str] = &["export", "protocol", "mountaddr", "operation"];
const TRANSPORT: &[&str] = &["export", "protocol", "mountaddr", "transport"];

const fn counter(labels: &'static [&'static str], name: &'static str, help: &'static str, at: usize) -> Row {
    (Desc::counter(name, help, labels), at)
}

const fn gauge(labels: &'static [&'static str], name: &'static str, help: &'static str, at: usize) -> Row {
    (Desc::gauge(name, help, labels), at)
}

pub static INFO: Desc<'static> = Desc::gauge(
    "node_mountstats_nfs_mountpoint_info",
    "Info metric for an NFS mountpoint.",
    &["export", "protocol", "mountaddr", "mountpoint"],
);
pub static AGE: Desc<'static> =
    Desc::counter("node_mountstats_nfs_age_seconds_total", "The age of the NFS mount in seconds.", MOUNT);
/// `bytes:`
pub static BYTES: [Row; 8] = [
    counter(MOUNT, "node_mountstats_nfs_read_bytes_total", "Number of bytes read using the read() syscall.", 0),
    counter(MOUNT, "node_mountstats_nfs_write_bytes_total", "Number of bytes written using the write() syscall.", 1),
    counter(
        MOUNT,
        "node_mountstats_nfs_direct_read_bytes_total",
        "Number of bytes read using the read() syscall in O_DIRECT mode.",
        2,
    ),
    counter(
        MOUNT,
        "node_mountstats_nfs_direct_write_bytes_total",
        "Number of bytes written using the write() syscall in O_DIRECT mode.",
        3,
    ),
    counter(
        MOUNT,
        "node_mountstats_nfs_total_read_bytes_total",
        "Number of bytes read from the NFS server, in total.",
        4,
    ),
    counter(
        MOUNT,
        "node_mountstats_nfs_total_write_bytes_total",
        "Number of bytes written to the NFS server, in total.",
        5,
    ),
    counter(MOUNT, "node_mountstats_nfs_read_pages_total", "Number of pages read directly via mmap()'d files.", 6),
    counter(MOUNT, "node_mountstats_nfs_write_pages_total", "Number of pages written directly via mmap()'d files.", 7),
];
/// `events:`
pub static EVENTS: [Row; 26] = [
    counter(
        MOUNT,
        "node_mountstats_nfs_event_inode_revalidate_total",
        "Number of times cached inode attributes are re-validated from the server.",
        0,
    ),
    counter(
        MOUNT,
        "node_mountstats_nfs_event_dnode_revalidate_total",
        "Number of times cached dentry nodes are re-validated from the server.",
        1,
    ),
    counter(MOUNT, "node_mountstats_nfs_event_data_invalidate_total", "Number of times an inode cache is cleared.", 2),
    counter(
        MOUNT,
        "node_mountstats_nfs_event_attribute_invalidate_total",
        "Number of times cached inode attributes are invalidated.",
        3,
    ),
    counter(
        MOUNT,
        "node_mountstats_nfs_event_vfs_open_total",
        "Number of times cached inode attributes are invalidated.",
        4,
    ),
    counter(MOUNT, "node_mountstats_nfs_event_vfs_lookup_total", "Number of times a directory lookup has occurred.", 5),
    counter(MOUNT, "node_mountstats_nfs_event_vfs_access_total", "Number of times permissions have been checked.", 6),
    counter(
        MOUNT,
        "node_mountstats_nfs_event_vfs_update_page_total",
        "Number of updates (and potential writes) to pages.",
        7,
    ),
    counter(
        MOUNT,
        "node_mountstats_nfs_event_vfs_read_page_total",
        "Number of pages read directly via mmap()'d files.",
        8,
    ),
    counter(
        MOUNT,
        "node_mountstats_nfs_event_vfs_read_pages_total",
        "Number of times a group of pages have been read.",
        9,
    ),
    counter(
        MOUNT,
        "node_mountstats_nfs_event_vfs_write_page_total",
        "Number of pages written directly via mmap()'d files.",
        10,
    ),
    counter(
        MOUNT,
        "node_mountstats_nfs_event_vfs_write_pages_total",
        "Number of times a group of pages have been written.",
        11,
    ),
    counter(
        MOUNT,
        "node_mountstats_nfs_event_vfs_getdents_total",
        "Number of times directory entries have been read with getdents().",
        12,
    ),
    counter(
        MOUNT,
        "node_mountstats_nfs_event_vfs_setattr_total",
        "Number of times directory entries have been read with getdents().",
        13,
    ),
    counter(
        MOUNT,
        "node_mountstats_nfs_event_vfs_flush_total",
        "Number of pending writes that have been forcefully flushed to the server.",
        14,
    ),
    counter(
        MOUNT,
        "node_mountstats_nfs_event_vfs_fsync_total",
        "Number of times fsync() has been called on directories and files.",
        15,
    ),
    counter(
        MOUNT,
        "node_mountstats_nfs_event_vfs_lock_total",
        "Number of times locking has been attempted on a file.",
        16,
    ),
    counter(
        MOUNT,
        "node_mountstats_nfs_event_vfs_file_release_total",
        "Number of times files have been closed and released.",
        17,
    ),
    counter(MOUNT, "node_mountstats_nfs_event_truncation_total", "Number of times files have been truncated.", 19),
    counter(
        MOUNT,
        "node_mountstats_nfs_event_write_extension_total",
        "Number of times a file has been grown due to writes beyond its existing end.",
        20,
    ),
    counter(
        MOUNT,
        "node_mountstats_nfs_event_silly_rename_total",
        "Number of times a file was removed while still open by another process.",
        21,
    ),
    counter(
        MOUNT,
        "node_mountstats_nfs_event_short_read_total",
        "Number of times the NFS server gave less data than expected while reading.",
        22,
    ),
    counter(
        MOUNT,
        "node_mountstats_nfs_event_short_write_total",
        "Number of times the NFS server wrote less data than expected while writing.",
        23,
    ),
    counter(
        MOUNT,
        "node_mountstats_nfs_event_jukebox_delay_total",
        "Number of times the NFS server indicated EJUKEBOX; retrieving data from offline storage.",
        24,
    ),
    counter(MOUNT, "node_mountstats_nfs_event_pnfs_read_total", "Number of NFS v4.1+ pNFS reads.", 25),
    counter(MOUNT, "node_mountstats_nfs_event_pnfs_write_total", "Number of NFS v4.1+ pNFS writes.", 26),
];
/// `xprt:`, in the form of TCP.
pub static TRANSPORTS: [Row; 10] = [
    counter(
        TRANSPORT,
        "node_mountstats_nfs_transport_bind_total",
        "Number of times the client has had to establish a connection from scratch to the NFS server.",
        1,
    ),
    counter(
        TRANSPORT,
        "node_mountstats_nfs_transport_connect_total",
        "Number of times the client has made a TCP connection to the NFS server.",
        2,
    ),
    gauge(
        TRANSPORT,
        "node_mountstats_nfs_transport_idle_time_seconds",
        "Duration since the NFS mount last saw any RPC traffic, in seconds.",
        4,
    ),
    counter(
        TRANSPORT,
        "node_mountstats_nfs_transport_sends_total",
        "Number of RPC requests for this mount sent to the NFS server.",
        5,
    ),
    counter(
        TRANSPORT,
        "node_mountstats_nfs_transport_receives_total",
        "Number of RPC responses for this mount received from the NFS server.",
        6,
    ),
    counter(
        TRANSPORT,
        "node_mountstats_nfs_transport_bad_transaction_ids_total",
        "Number of times the NFS server sent a response with a transaction ID unknown to this client.",
        7,
    ),
    counter(
        TRANSPORT,
        "node_mountstats_nfs_transport_backlog_queue_total",
        "Total number of items added to the RPC backlog queue.",
        9,
    ),
    gauge(
        TRANSPORT,
        "node_mountstats_nfs_transport_maximum_rpc_slots",
        "Maximum number of simultaneously active RPC requests ever used.",
        10,
    ),
    counter(
        TRANSPORT,
        "node_mountstats_nfs_transport_sending_queue_total",
        "Total number of items added to the RPC transmission sending queue.",
        11,
    ),
    counter(
        TRANSPORT,
        "node_mountstats_nfs_transport_pending_queue_total",
        "Total number of items added to the RPC transmission pending queue.",
        12,
    ),
];
/// Lines of `per-op statistics`.
pub static OPERATIONS: [Row; 8] = [
    counter(
        OPERATION,
        "node_mountstats_nfs_operations_requests_total",
        "Number of requests performed for a given operation.",
        0,
    ),
    counter(
        OPERATION,
        "node_mountstats_nfs_operations_transmissions_total",
        "Number of times an actual RPC request has been transmitted for a given operation.",
        1,
    ),
    counter(
        OPERATION,
        "node_mountstats_nfs_operations_major_timeouts_total",
        "Number of times a request has had a major timeout for a given operation.",
        2,
    ),
    counter(
        OPERATION,
        "node_mountstats_nfs_operations_sent_bytes_total",
        "Number of bytes sent for a given operation, including RPC headers and payload.",
        3,
    ),
    counter(
        OPERATION,
        "node_mountstats_nfs_operations_received_bytes_total",
        "Number of bytes received for a given operation, including RPC headers and payload.",
        4,
    ),
    counter(
        OPERATION,
        "node_mountstats_nfs_operations_queue_time_seconds_total",
        "Duration all requests spent queued for transmission for a given operation before they were sent, \
         in seconds.",
        5,
    ),
    counter(
        OPERATION,
        "node_mountstats_nfs_operations_response_time_seconds_total",
        "Duration all requests took to get a reply back after a request for a given operation was \
         transmitted, in seconds.",
        6,
    ),
    counter(
        OPERATION,
        "node_mountstats_nfs_operations_request_time_seconds_total",
        "Duration all requests took from when a request was enqueued to when it was completely handled \
         for a given operation, in seconds.",
        7,
    ),
];
/// Since Linux 5.3.
pub static OPERATION_ERRORS: Desc<'static> =
    Desc::counter("node_mountstats_nfs_operations_errors_total", "Number of errors for a given operation", OPERATION);
