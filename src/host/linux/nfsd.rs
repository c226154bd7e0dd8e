//! The kernel's NFS server. Source: `/proc/net/rpc/nfsd`, see [`rpc`](super::rpc). Unit: bytes, packets, calls.

use super::rpc::{Rpc, V2, V3, emit_calls};
use crate::host::{CollectError, Collector, Metrics, Roots, Spec};
use crate::model::{Desc, Sink, refs};

/// Families of one sample, in the order of [`read`]'s figures.
static SINGLE: [Desc<'static>; 11] = [
    Desc::counter(
        "node_nfsd_reply_cache_hits_total",
        "Total number of NFSd Reply Cache hits (client lost server response).",
        &[],
    ),
    Desc::counter(
        "node_nfsd_reply_cache_misses_total",
        "Total number of NFSd Reply Cache an operation that requires caching (idempotent).",
        &[],
    ),
    Desc::counter(
        "node_nfsd_reply_cache_nocache_total",
        "Total number of NFSd Reply Cache non-idempotent operations (rename/delete/…).",
        &[],
    ),
    Desc::counter("node_nfsd_file_handles_stale_total", "Total number of NFSd stale file handles", &[]),
    Desc::counter("node_nfsd_disk_bytes_read_total", "Total NFSd bytes read.", &[]),
    Desc::counter("node_nfsd_disk_bytes_written_total", "Total NFSd bytes written.", &[]),
    Desc::gauge("node_nfsd_server_threads", "Total number of NFSd kernel threads that are running.", &[]),
    Desc::gauge("node_nfsd_read_ahead_cache_size_blocks", "How large the read ahead cache is in blocks.", &[]),
    Desc::counter(
        "node_nfsd_read_ahead_cache_not_found_total",
        "Total number of NFSd read ahead cache not found.",
        &[],
    ),
    Desc::counter("node_nfsd_connections_total", "Total number of NFSd TCP connections.", &[]),
    Desc::counter("node_nfsd_server_rpcs_total", "Total number of NFSd RPCs.", &[]),
];
static PACKETS: Desc<'static> = Desc::counter(
    "node_nfsd_packets_total",
    "Total NFSd network packets (sent+received) by protocol type.",
    &["proto"],
);
static ERRORS: Desc<'static> =
    Desc::counter("node_nfsd_rpc_errors_total", "Total number of NFSd RPC errors by error type.", &["error"]);
static REQUESTS: Desc<'static> = Desc::counter(
    "node_nfsd_requests_total",
    "Total number NFSd Requests by method and protocol.",
    &["proto", "method"],
);

/// The server's NFSv4 operations by their numbers (RFC 7530); those without a name are not exposed.
const V4: &[&str] = &[
    "",
    "",
    "",
    "Access",
    "Close",
    "Commit",
    "Create",
    "DelegPurge",
    "DelegReturn",
    "GetAttr",
    "GetFH",
    "Link",
    "Lock",
    "Lockt",
    "Locku",
    "Lookup",
    "LookupRoot",
    "Nverify",
    "Open",
    "OpenAttr",
    "OpenConfirm",
    "OpenDgrd",
    "PutFH",
    "",
    "",
    "Read",
    "ReadDir",
    "ReadLink",
    "Remove",
    "Rename",
    "Renew",
    "RestoreFH",
    "SaveFH",
    "SecInfo",
    "SetAttr",
    "SetClientID",
    "SetClientIDConfirm",
    "Verify",
    "Write",
    "RelLockOwner",
];

/// The collector `nfsd`.
pub static SPEC: Spec = Spec {
    name: "nfsd",
    about: "the kernel's NFS server from /proc/net/rpc/nfsd",
    default_enabled: true,
    flags: &[],
    build: |env| Ok(Box::new(Nfsd { roots: env.roots.clone() })),
};

/// What it shows.
pub static METRICS: Metrics = &{
    let [a, b, c, d, e, f, g, h, i, j, k] = refs(&SINGLE);
    [a, b, c, d, e, f, g, h, i, j, k, &PACKETS, &ERRORS, &REQUESTS]
};

struct Nfsd {
    roots: Roots,
}

impl Collector for Nfsd {
    fn collect(&mut self, out: &mut dyn Sink) -> Result<(), CollectError> {
        emit(&read(&self.roots)?, out);
        Ok(())
    }
}

struct Server {
    single: [f64; 11],
    /// UDP and TCP.
    packets: [f64; 2],
    /// Bad format, authentication and client.
    errors: [f64; 3],
    calls: [Vec<f64>; 3],
    /// Delegations recalled for their attributes, since Linux 6.6.
    wdeleg_getattr: f64,
}

fn read(roots: &Roots) -> Result<Server, CollectError> {
    let file = Rpc::read(roots, "nfsd")?;
    let [hits, misses, nocache] = file.figures("rc", [0, 1, 2])?;
    let [stale] = file.figures("fh", [0])?;
    let [read, written] = file.figures("io", [0, 1])?;
    let [threads] = file.figures("th", [0])?;
    let [blocks, not_found] = file.figures("ra", [0, 11])?;
    let [udp, tcp, connections] = file.figures("net", [1, 2, 3])?;
    let [rpcs, format, auth, client] = file.figures("rpc", [0, 2, 3, 4])?;
    let [wdeleg_getattr] = file.figures("wdeleg_getattr", [0])?;
    Ok(Server {
        single: [hits, misses, nocache, stale, read, written, threads, blocks, not_found, connections, rpcs],
        packets: [udp, tcp],
        errors: [format, auth, client],
        calls: [file.calls("proc2", V2)?, file.calls("proc3", V3)?, file.calls("proc4ops", V4)?],
        wdeleg_getattr,
    })
}

fn emit(server: &Server, out: &mut dyn Sink) {
    for (desc, value) in SINGLE.iter().zip(server.single) {
        out.one(desc, value);
    }
    let mut family = out.family(&PACKETS);
    for (proto, packets) in ["udp", "tcp"].iter().zip(server.packets) {
        family.sample(&[proto], packets);
    }
    let mut family = out.family(&ERRORS);
    for (error, count) in ["fmt", "auth", "cInt"].iter().zip(server.errors) {
        family.sample(&[error], count);
    }
    let mut family = out.family(&REQUESTS);
    let [v2, v3, v4] = &server.calls;
    // The null procedures of the first two versions are not exposed.
    emit_calls(&mut family, "2", &V2[1..], &v2[1..]);
    emit_calls(&mut family, "3", &V3[1..], &v3[1..]);
    emit_calls(&mut family, "4", V4, v4);
    family.sample(&["4", "WdelegGetattr"], server.wdeleg_getattr);
}
