//! The kernel's load balancer. Source: `ip_vs_stats_show` and `ip_vs_info_seq_show` in the kernel's
//! net/netfilter/ipvs/ip_vs_ctl.c, `/proc/net/{ip_vs_stats,ip_vs}`. Unit: connections, packets, bytes.

use crate::flag::{Flag, FlagError, Values};
use crate::host::{CollectError, Collector, Metrics, Roots, Spec, files};
use crate::model::{Desc, Sink};
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::Path;

static CONNECTIONS: Desc<'static> =
    Desc::counter("node_ipvs_connections_total", "The total number of connections made.", &[]);
static INCOMING_PACKETS: Desc<'static> =
    Desc::counter("node_ipvs_incoming_packets_total", "The total number of incoming packets.", &[]);
static OUTGOING_PACKETS: Desc<'static> =
    Desc::counter("node_ipvs_outgoing_packets_total", "The total number of outgoing packets.", &[]);
static INCOMING_BYTES: Desc<'static> =
    Desc::counter("node_ipvs_incoming_bytes_total", "The total amount of incoming data.", &[]);
static OUTGOING_BYTES: Desc<'static> =
    Desc::counter("node_ipvs_outgoing_bytes_total", "The total amount of outgoing data.", &[]);
static ACTIVE: Desc<'static> = Desc::gauge(
    "node_ipvs_backend_connections_active",
    "The current active connections by local and remote address.",
    &LABELS,
);
static INACTIVE: Desc<'static> = Desc::gauge(
    "node_ipvs_backend_connections_inactive",
    "The current inactive connections by local and remote address.",
    &LABELS,
);
static WEIGHT: Desc<'static> =
    Desc::gauge("node_ipvs_backend_weight", "The current backend weight by local and remote address.", &LABELS);

/// Labels of a backend, unless the flag picks fewer.
const LABELS: [&str; 6] = ["local_address", "local_port", "remote_address", "remote_port", "proto", "local_mark"];

const BACKEND_LABELS: &str = "collector.ipvs.backend-labels";

/// The collector `ipvs`.
pub static SPEC: Spec = Spec {
    name: "ipvs",
    about: "the kernel's load balancer from /proc/net/ip_vs and ip_vs_stats",
    default_enabled: true,
    flags: &[Flag::value(
        BACKEND_LABELS,
        "LABELS",
        "local_address,local_port,remote_address,remote_port,proto,local_mark",
        "Comma separated list for IPVS backend stats labels.",
    )],
    build: |env| {
        let labels = labels(env.flags)?;
        Ok(Box::new(Ipvs { roots: env.roots.clone(), labels }))
    },
};

/// What it shows.
pub static METRICS: Metrics = &[
    &CONNECTIONS,
    &INCOMING_PACKETS,
    &OUTGOING_PACKETS,
    &INCOMING_BYTES,
    &OUTGOING_BYTES,
    &ACTIVE,
    &INACTIVE,
    &WEIGHT,
];

/// The labels that the flag names, as places in [`LABELS`] and in its order.
fn labels(flags: &Values) -> Result<Vec<usize>, FlagError> {
    let wanted: Vec<&str> = flags.text(BACKEND_LABELS).split(',').filter(|label| !label.is_empty()).collect();
    if let Some(unknown) = wanted.iter().find(|label| !LABELS.contains(label)) {
        return Err(flags.wrong(BACKEND_LABELS, format!("unknown label {unknown:?}")));
    }
    Ok((0..LABELS.len()).filter(|&place| wanted.contains(&LABELS[place])).collect())
}

struct Ipvs {
    roots: Roots,
    labels: Vec<usize>,
}

impl Collector for Ipvs {
    fn collect(&mut self, out: &mut dyn Sink) -> Result<(), CollectError> {
        let path = self.roots.proc("net/ip_vs_stats");
        // Not there until the module is loaded.
        let totals = parse_totals(&path, &files::read(&path).map_err(CollectError::absent_is_no_data)?)?;
        let path = self.roots.proc("net/ip_vs");
        let backends = read_backends(&path)?;
        emit(totals, &sum(&backends, &self.labels), &self.labels, out);
        Ok(())
    }
}

/// Connections, incoming and outgoing packets, incoming and outgoing bytes: the third line, in hexadecimal.
fn parse_totals(path: &Path, text: &str) -> Result<[u64; 5], CollectError> {
    let line = text.lines().nth(2).unwrap_or_default();
    let fields: Vec<&str> = line.split_ascii_whitespace().collect();
    let Ok(fields) = <[&str; 5]>::try_from(fields) else {
        return Err(CollectError::malformed(path, 3, "expected five figures"));
    };
    let mut totals = [0; 5];
    for (total, field) in totals.iter_mut().zip(fields) {
        *total = files::parse_hex(path, 3, field)?;
    }
    Ok(totals)
}

#[derive(Debug, PartialEq)]
struct Backend {
    /// Values of [`LABELS`].
    labels: [String; 6],
    weight: f64,
    active: f64,
    inactive: f64,
}

/// ```text
/// TCP  C0A80016:0CEA wlc
///   -> C0A85216:0CEA      Tunnel  100    248        2
/// FWM  10001000 wlc
///   -> C0A8321A:0CEA      Tunnel  20     64         1
/// ```
fn read_backends(path: &Path) -> Result<Vec<Backend>, CollectError> {
    let mut backends = Vec::new();
    let mut local = [String::new(), "0".to_owned(), String::new(), String::new()];
    // A balancer may have a hundred thousand of them.
    files::for_lines(path, |at, line| {
        let fields: Vec<&str> = line.split_ascii_whitespace().collect();
        match fields.as_slice() {
            ["IP" | "Prot", ..] | ["->", "RemoteAddress:Port", ..] | [] => {}
            ["->", remote, _, weight, active, inactive, ..] => {
                let (remote_address, remote_port) = address(path, at, remote)?;
                let [local_address, local_port, proto, local_mark] = local.clone();
                backends.push(Backend {
                    labels: [local_address, local_port, remote_address, remote_port, proto, local_mark],
                    weight: files::parse(path, at, weight)?,
                    active: files::parse(path, at, active)?,
                    inactive: files::parse(path, at, inactive)?,
                });
            }
            ["FWM", mark, ..] => {
                local = [String::new(), "0".to_owned(), "FWM".to_owned(), (*mark).to_owned()];
            }
            [proto @ ("TCP" | "UDP" | "SCTP"), service, ..] => {
                let (host, port) = address(path, at, service)?;
                local = [host, port, (*proto).to_owned(), String::new()];
            }
            _ => return Err(CollectError::malformed(path, at, "expected a service or a backend")),
        }
        Ok(())
    })?;
    Ok(backends)
}

/// Address and port of `C0A80016:0CEA` or `[2620:0000:0000:0000:0000:0000:0000:0001]:0050`.
fn address(path: &Path, line: usize, field: &str) -> Result<(String, String), CollectError> {
    let parse = || {
        let (host, port) = field.rsplit_once(':')?;
        let host = match host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
            Some(v6) => IpAddr::V6(v6.parse::<Ipv6Addr>().ok()?),
            None if host.len() == 8 && !host.starts_with('+') => {
                IpAddr::V4(Ipv4Addr::from_bits(u32::from_str_radix(host, 16).ok()?))
            }
            None => return None,
        };
        Some((host.to_string(), u16::from_str_radix(port, 16).ok()?.to_string()))
    };
    parse().ok_or_else(|| CollectError::malformed(path, line, format!("{field:?} is no address with a port")))
}

/// Weight, active and inactive connections of the backends that the labels don't tell apart.
type Sums<'b> = BTreeMap<Vec<&'b str>, [f64; 3]>;

fn sum<'b>(backends: &'b [Backend], labels: &[usize]) -> Sums<'b> {
    let mut sums = Sums::new();
    for backend in backends {
        let key = labels.iter().map(|&place| backend.labels[place].as_str()).collect();
        let sum = sums.entry(key).or_default();
        for (sum, value) in sum.iter_mut().zip([backend.weight, backend.active, backend.inactive]) {
            *sum += value;
        }
    }
    sums
}

fn emit(totals: [u64; 5], backends: &Sums<'_>, labels: &[usize], out: &mut dyn Sink) {
    let families = [&CONNECTIONS, &INCOMING_PACKETS, &OUTGOING_PACKETS, &INCOMING_BYTES, &OUTGOING_BYTES];
    for (desc, total) in families.into_iter().zip(totals) {
        out.one(desc, total as f64);
    }
    let names: Vec<&str> = labels.iter().map(|&place| LABELS[place]).collect();
    for (i, desc) in [&WEIGHT, &ACTIVE, &INACTIVE].into_iter().enumerate() {
        let mut family = out.family(&Desc { labels: &names, ..*desc });
        backends.iter().for_each(|(values, sums)| family.sample(values, sums[i]));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_both_versions_are_read() {
        for (field, want) in [
            ("C0A80016:0CEA", Some(("192.168.0.22", "3306"))),
            ("[2620:0000:0000:0000:0000:0000:0000:0001]:0050", Some(("2620::1", "80"))),
            ("C0A80016", None),
            ("C0A8001:0CEA", None),
            ("C0A80016:10CEA", None),
            ("+C0A8001:0CEA", None),
            ("", None),
        ] {
            let got = address(Path::new("ip_vs"), 1, field).ok();
            let want = want.map(|(host, port)| (host.to_owned(), port.to_owned()));
            assert_eq!(got, want, "field: {field:?}");
        }
    }
}
