//! The NFS client. Source: `/proc/net/rpc/nfs`, see [`rpc`](super::rpc). Unit: packets, connections, calls.

use super::rpc::{Rpc, V2, V3, emit_calls};
use crate::host::{CollectError, Collector, Metrics, Roots, Spec};
use crate::model::{Desc, Sink};

static PACKETS: Desc<'static> = Desc::counter(
    "node_nfs_packets_total",
    "Total NFSd network packets (sent+received) by protocol type.",
    &["protocol"],
);
static CONNECTIONS: Desc<'static> =
    Desc::counter("node_nfs_connections_total", "Total number of NFSd TCP connections.", &[]);
static RPCS: Desc<'static> = Desc::counter("node_nfs_rpcs_total", "Total number of RPCs performed.", &[]);
static RETRANSMISSIONS: Desc<'static> =
    Desc::counter("node_nfs_rpc_retransmissions_total", "Number of RPC transmissions performed.", &[]);
static REFRESHES: Desc<'static> = Desc::counter(
    "node_nfs_rpc_authentication_refreshes_total",
    "Number of RPC authentication refreshes performed.",
    &[],
);
static REQUESTS: Desc<'static> =
    Desc::counter("node_nfs_requests_total", "Number of NFS procedures invoked.", &["proto", "method"]);

/// The client's NFSv4 procedures, in the order in which node_exporter reads them; a newer kernel's further ones are left
/// out. See `NFSPROC4_CLNT_*` in the kernel's include/linux/nfs4.h.
const V4: &[&str] = &[
    "Null",
    "Read",
    "Write",
    "Commit",
    "Open",
    "OpenConfirm",
    "OpenNoattr",
    "OpenDowngrade",
    "Close",
    "Setattr",
    "FsInfo",
    "Renew",
    "SetClientID",
    "SetClientIDConfirm",
    "Lock",
    "Lockt",
    "Locku",
    "Access",
    "Getattr",
    "Lookup",
    "LookupRoot",
    "Remove",
    "Rename",
    "Link",
    "Symlink",
    "Create",
    "Pathconf",
    "StatFs",
    "ReadLink",
    "ReadDir",
    "ServerCaps",
    "DelegReturn",
    "GetACL",
    "SetACL",
    "FsLocations",
    "ReleaseLockowner",
    "Secinfo",
    "FsidPresent",
    "ExchangeID",
    "CreateSession",
    "DestroySession",
    "Sequence",
    "GetLeaseTime",
    "ReclaimComplete",
    "GetDeviceInfo",
    "LayoutGet",
    "LayoutCommit",
    "LayoutReturn",
    "SecinfoNoName",
    "TestStateID",
    "FreeStateID",
    "GetDeviceList",
    "BindConnToSession",
    "DestroyClientID",
    "Seek",
    "Allocate",
    "DeAllocate",
    "LayoutStats",
    "Clone",
];

/// The collector `nfs`.
pub static SPEC: Spec = Spec {
    name: "nfs",
    about: "the NFS client from /proc/net/rpc/nfs",
    default_enabled: true,
    flags: &[],
    build: |env| Ok(Box::new(Nfs { roots: env.roots.clone() })),
};

/// What it shows.
pub static METRICS: Metrics = &[&PACKETS, &CONNECTIONS, &RPCS, &RETRANSMISSIONS, &REFRESHES, &REQUESTS];

struct Nfs {
    roots: Roots,
}

impl Collector for Nfs {
    fn collect(&mut self, out: &mut dyn Sink) -> Result<(), CollectError> {
        emit(&read(&self.roots)?, out);
        Ok(())
    }
}

struct Client {
    /// UDP packets, TCP packets, TCP connections.
    net: [f64; 3],
    /// Calls, retransmissions, refreshes of authentication.
    rpc: [f64; 3],
    calls: [Vec<f64>; 3],
}

fn read(roots: &Roots) -> Result<Client, CollectError> {
    let file = Rpc::read(roots, "nfs")?;
    Ok(Client {
        net: file.figures("net", [1, 2, 3])?,
        rpc: file.figures("rpc", [0, 1, 2])?,
        calls: [file.calls("proc2", V2)?, file.calls("proc3", V3)?, file.calls("proc4", V4)?],
    })
}

fn emit(client: &Client, out: &mut dyn Sink) {
    let [udp, tcp, connections] = client.net;
    let mut family = out.family(&PACKETS);
    family.sample(&["udp"], udp);
    family.sample(&["tcp"], tcp);
    out.one(&CONNECTIONS, connections);
    let [calls, retransmissions, refreshes] = client.rpc;
    out.one(&RPCS, calls);
    out.one(&RETRANSMISSIONS, retransmissions);
    out.one(&REFRESHES, refreshes);
    let mut family = out.family(&REQUESTS);
    for ((version, names), calls) in [("2", V2), ("3", V3), ("4", V4)].into_iter().zip(&client.calls) {
        emit_calls(&mut family, version, names, calls);
    }
}
