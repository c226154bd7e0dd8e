//! TCP sockets by state, and their queues. Source: proc_pid_net(5), `/proc/net/{tcp,tcp6}`, a line a socket. Unit: sockets;
//! bytes.

use crate::flag::{Flag, FlagError, Values};
use crate::host::{CollectError, Collector, Metrics, Roots, Spec, files};
use crate::model::{Desc, Sink};
use std::collections::BTreeMap;
use std::path::Path;

static STATES: Desc<'static> =
    Desc::gauge("node_tcp_connection_states", "Number of connection states.", &["state", "port", "direction"]);

const SOURCE: &str = "collector.tcpstat.port.source";
const DEST: &str = "collector.tcpstat.port.dest";

/// The collector `tcpstat`.
pub static SPEC: Spec = Spec {
    name: "tcpstat",
    about: "TCP sockets by state from /proc/net/tcp and tcp6",
    default_enabled: false,
    flags: &[
        Flag::values(SOURCE, "PORT", "", "List of tcpstat source ports."),
        Flag::values(DEST, "PORT", "", "List of tcpstat destination ports."),
    ],
    build: |env| {
        let (sources, dests) = (ports(env.flags, SOURCE)?, ports(env.flags, DEST)?);
        Ok(Box::new(Tcpstat { roots: env.roots.clone(), sources, dests }))
    },
};

/// What it shows.
pub static METRICS: Metrics = &[&STATES];

fn ports(flags: &Values, name: &str) -> Result<Vec<u16>, FlagError> {
    let port = |text: &String| text.parse().map_err(|_| flags.wrong(name, format!("{text:?} is not a port")));
    flags.all(name).iter().map(port).collect()
}

/// Names of the states, from number 1 (`TCP_ESTABLISHED` of the kernel's net/tcp_states.h).
const NAMES: [&str; 11] = [
    "established",
    "syn_sent",
    "syn_recv",
    "fin_wait1",
    "fin_wait2",
    "time_wait",
    "close",
    "close_wait",
    "last_ack",
    "listen",
    "closing",
];

fn state_name(number: u64) -> &'static str {
    let place = usize::try_from(number).ok().and_then(|number| number.checked_sub(1));
    place.and_then(|place| NAMES.get(place)).copied().unwrap_or("unknown")
}

struct Tcpstat {
    roots: Roots,
    sources: Vec<u16>,
    dests: Vec<u16>,
}

impl Collector for Tcpstat {
    fn collect(&mut self, out: &mut dyn Sink) -> Result<(), CollectError> {
        emit(&self.read()?, out);
        Ok(())
    }
}

/// Sockets by state and port.
#[derive(Default)]
struct Sockets {
    total: BTreeMap<&'static str, f64>,
    source: BTreeMap<(&'static str, u16), f64>,
    dest: BTreeMap<(&'static str, u16), f64>,
    rx_bytes: f64,
    tx_bytes: f64,
}

impl Tcpstat {
    fn read(&self) -> Result<Sockets, CollectError> {
        let mut sockets = Sockets::default();
        let path = self.roots.proc("net/tcp");
        self.count(&path, &mut sockets).map_err(CollectError::absent_is_no_data)?;
        let path = self.roots.proc("net/tcp6");
        files::if_there(self.count(&path, &mut sockets))?;
        Ok(sockets)
    }

    /// `0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 ...`: local and remote address, state and queues, all in
    /// hexadecimal.
    fn count(&self, path: &Path, sockets: &mut Sockets) -> Result<(), CollectError> {
        files::for_lines(path, |at, line| {
            if at == 1 {
                return Ok(());
            }
            let mut fields = line.split_ascii_whitespace().skip(1);
            let (Some(local), Some(remote), Some(state), Some((tx, rx))) =
                (fields.next(), fields.next(), fields.next(), fields.next().and_then(|queues| queues.split_once(':')))
            else {
                return Err(CollectError::malformed(path, at, "expected addresses, state and queues"));
            };
            let state = state_name(files::parse_hex(path, at, state)?);
            *sockets.total.entry(state).or_default() += 1.0;
            sockets.tx_bytes += files::parse_hex(path, at, tx)? as f64;
            sockets.rx_bytes += files::parse_hex(path, at, rx)? as f64;
            for (address, wanted, counts) in
                [(local, &self.sources, &mut sockets.source), (remote, &self.dests, &mut sockets.dest)]
            {
                let port = address.rsplit_once(':').and_then(|(_, port)| u16::from_str_radix(port, 16).ok());
                if let Some(port) = port.filter(|port| wanted.contains(port)) {
                    *counts.entry((state, port)).or_default() += 1.0;
                }
            }
            Ok(())
        })
    }
}

fn emit(sockets: &Sockets, out: &mut dyn Sink) {
    let mut family = out.family(&STATES);
    for (state, count) in &sockets.total {
        family.sample(&[state, "0", "total"], *count);
    }
    family.sample(&["rx_queued_bytes", "0", "total"], sockets.rx_bytes);
    family.sample(&["tx_queued_bytes", "0", "total"], sockets.tx_bytes);
    for (direction, counts) in [("source", &sockets.source), ("dest", &sockets.dest)] {
        for ((state, port), count) in counts {
            family.sample(&[state, &port.to_string(), direction], *count);
        }
    }
}
