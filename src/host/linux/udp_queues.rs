//! Memory of queued UDP datagrams. Source: proc_pid_net(5), `/proc/net/{udp,udp6}`, a line a socket. Unit: bytes.

use crate::host::files::{self, Kept};
use crate::host::{CollectError, Collector, Metrics, Spec};
use crate::model::{Desc, Sink};
use std::fs::File;
use std::path::Path;

static QUEUES: Desc<'static> = Desc::gauge(
    "node_udp_queues",
    "Number of allocated memory in the kernel for UDP datagrams in bytes.",
    &["queue", "ip"],
);

/// The collector `udp_queues`.
pub static SPEC: Spec = Spec {
    name: "udp_queues",
    about: "memory of queued UDP datagrams from /proc/net/udp and udp6",
    default_enabled: true,
    flags: &[],
    build: |env| {
        let file = |name| Kept::new(env.roots.proc(name));
        Ok(Box::new(UdpQueues([(file("net/udp"), "v4"), (file("net/udp6"), "v6")])))
    },
};

/// What it shows.
pub static METRICS: Metrics = &[&QUEUES];

/// The files, and the version of IP of each.
struct UdpQueues([(Kept, &'static str); 2]);

/// A line has 127 bytes for v4 and some 40 more for v6, unless its figures have many digits.
/// Source: udp4_format_sock and __ip6_dgram_sock_seq_show of Linux.
const MAX_LINE_BYTES: usize = 512;

impl Collector for UdpQueues {
    fn collect(&mut self, out: &mut dyn Sink) -> Result<(), CollectError> {
        emit(&read(&mut self.0)?, out);
        Ok(())
    }
}

struct Queues {
    ip: &'static str,
    tx: u64,
    rx: u64,
}

fn read(files: &mut [(Kept, &'static str); 2]) -> Result<Vec<Queues>, CollectError> {
    let mut queues = Vec::new();
    for (file, ip) in files.iter_mut() {
        queues.extend(files::if_there(file.with(|file, path| sum(file, path, ip)))?);
    }
    if let ([], [(udp, _), _]) = (queues.as_slice(), files) {
        return Err(CollectError::NoData(format!("neither {} is there nor udp6", udp.path().display())));
    }
    Ok(queues)
}

/// `0: 00000000:0016 00000000:0000 07 00000015:00000000 ...`: the fifth field has transmit and receive queue in
/// hexadecimal.
fn sum(file: &File, path: &Path, ip: &'static str) -> Result<Queues, CollectError> {
    let mut queues = Queues { ip, tx: 0, rx: 0 };
    files::for_short_lines(file, path, MAX_LINE_BYTES, |at, line| {
        if at == 1 {
            return Ok(());
        }
        let field = line.split_ascii_whitespace().nth(4).unwrap_or_default();
        let Some((tx, rx)) = field.split_once(':') else {
            return Err(CollectError::malformed(path, at, format!("{field:?} is not tx_queue:rx_queue")));
        };
        queues.tx = queues.tx.saturating_add(files::parse_hex(path, at, tx)?);
        queues.rx = queues.rx.saturating_add(files::parse_hex(path, at, rx)?);
        Ok(())
    })?;
    Ok(queues)
}

fn emit(queues: &[Queues], out: &mut dyn Sink) {
    let mut family = out.family(&QUEUES);
    for Queues { ip, tx, rx } in queues {
        family.sample(&["tx", ip], *tx as f64);
        family.sample(&["rx", ip], *rx as f64);
    }
}
