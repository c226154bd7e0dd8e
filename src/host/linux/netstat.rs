//! Counters of the network protocols. Source: proc_pid_net(5), `/proc/net/{netstat,snmp,snmp6}`. Unit: by the name,
//! mostly packets or events.

use crate::flag::Flag;
use crate::host::filter::pattern;
use crate::host::{CollectError, Collector, Roots, Spec, files};
use crate::model::{Desc, Sink, name};
use crate::pattern::Pattern;
use std::collections::{BTreeMap, HashMap};
use std::path::Path;

static STATISTIC: Desc<'static> = Desc::untyped("node_netstat_*", "Statistic *.", &[]);

const FIELDS: &str = "collector.netstat.fields";
const DEFAULT_FIELDS: &str = "^(.*_(InErrors|InErrs)|Ip_Forwarding|Ip(6|Ext)_(InOctets|OutOctets)|Icmp6?_(InMsgs|OutMsgs)\
    |TcpExt_(Listen.*|Syncookies.*|TCPSynRetrans|TCPTimeouts|TCPOFOQueue|TCPRcvQDrop)\
    |Tcp_(ActiveOpens|InSegs|OutSegs|OutRsts|PassiveOpens|RetransSegs|CurrEstab)\
    |Udp6?_(InDatagrams|OutDatagrams|NoPorts|RcvbufErrors|SndbufErrors))$";

/// Fields whose match is remembered.
const MAX_KNOWN: usize = 4096;

/// The collector `netstat`.
pub static SPEC: Spec = Spec {
    name: "netstat",
    about: "counters of the network protocols from /proc/net/netstat, snmp and snmp6",
    default_enabled: true,
    flags: &[Flag::value(FIELDS, "REGEXP", DEFAULT_FIELDS, "Regexp of fields to return for netstat collector.")],
    metrics: &[&STATISTIC],
    build: |env| {
        let fields = Fields { pattern: pattern(env.flags, FIELDS)?, known: HashMap::new() };
        Ok(Box::new(Netstat { roots: env.roots.clone(), fields }))
    },
};

struct Netstat {
    roots: Roots,
    fields: Fields,
}

impl Collector for Netstat {
    fn collect(&mut self, out: &mut dyn Sink) -> Result<(), CollectError> {
        emit(&read(&self.roots, &mut self.fields)?, out);
        Ok(())
    }
}

/// Which fields are wanted. The kernel has hundreds, and the same ones each time: each is matched once.
struct Fields {
    /// `None`: every field, as an empty expression finds them.
    pattern: Option<Pattern>,
    known: HashMap<String, bool>,
}

impl Fields {
    fn wants(&mut self, key: &str) -> bool {
        let Some(pattern) = &self.pattern else { return true };
        if let Some(wanted) = self.known.get(key) {
            return *wanted;
        }
        let wanted = pattern.is_match(key);
        // No kernel has as many; this is for what is no kernel's file.
        if self.known.len() < MAX_KNOWN {
            self.known.insert(key.to_owned(), wanted);
        }
        wanted
    }
}

/// Values by protocol and name. A name that two files have counts once, with the value of the later file.
type Statistics = BTreeMap<(String, String), f64>;

fn read(roots: &Roots, fields: &mut Fields) -> Result<Statistics, CollectError> {
    let mut statistics = Statistics::new();
    for file in ["net/netstat", "net/snmp"] {
        let path = roots.proc(file);
        parse_pairs(&path, &files::read(&path)?, fields, &mut statistics)?;
    }
    // Not there where IPv6 is off.
    let path = roots.proc("net/snmp6");
    if let Some(text) = files::read_if_there(&path)? {
        parse_snmp6(&path, &text, fields, &mut statistics)?;
    }
    Ok(statistics)
}

/// Pairs of lines: `Tcp: NAME NAME ...` and `Tcp: VALUE VALUE ...`.
fn parse_pairs(path: &Path, text: &str, fields: &mut Fields, out: &mut Statistics) -> Result<(), CollectError> {
    let mut lines = files::lines(text);
    while let Some((at, names)) = lines.next() {
        let values = lines.next().map_or("", |(_, line)| line);
        let (Some((protocol, names)), Some((again, values))) = (names.split_once(':'), values.split_once(':')) else {
            return Err(CollectError::malformed(path, at, "expected a line of names and one of values"));
        };
        if protocol != again || names.split_ascii_whitespace().count() != values.split_ascii_whitespace().count() {
            return Err(CollectError::malformed(path, at, "names and values don't belong together"));
        }
        for (name, value) in names.split_ascii_whitespace().zip(values.split_ascii_whitespace()) {
            if fields.wants(&format!("{protocol}_{name}")) {
                add(path, at, [protocol, name, value], out)?;
            }
        }
    }
    Ok(())
}

/// Lines of a name and a value; `Udp6InErrors` is `InErrors` of the protocol `Udp6`.
fn parse_snmp6(path: &Path, text: &str, fields: &mut Fields, out: &mut Statistics) -> Result<(), CollectError> {
    for (at, line) in files::lines(text) {
        let mut words = line.split_ascii_whitespace();
        let (Some(name), Some(value)) = (words.next(), words.next()) else { continue };
        let Some(six) = name.find('6') else { continue };
        let (protocol, name) = name.split_at(six + 1);
        if fields.wants(&format!("{protocol}_{name}")) {
            add(path, at, [protocol, name, value], out)?;
        }
    }
    Ok(())
}

fn add(path: &Path, line: usize, [protocol, name, value]: [&str; 3], out: &mut Statistics) -> Result<(), CollectError> {
    if !name::is_label_name(protocol) || !name::is_metric_name(&format!("_{name}")) {
        return Err(CollectError::malformed(path, line, format!("{name:?} can't be part of a metric's name")));
    }
    out.insert((protocol.to_owned(), name.to_owned()), files::parse(path, line, value)?);
    Ok(())
}

fn emit(statistics: &Statistics, out: &mut dyn Sink) {
    for ((protocol, name), value) in statistics {
        let family = format!("node_netstat_{protocol}_{name}");
        out.one(&Desc::untyped(&family, &format!("Statistic {protocol}{name}."), &[]), *value);
    }
}
