//! Counters of the network protocols. Source: proc_pid_net(5), `/proc/net/{netstat,snmp,snmp6}`. Unit: by the name,
//! mostly packets or events.

use crate::flag::Flag;
use crate::host::files::{self, Kept};
use crate::host::filter::{Choice, pattern};
use crate::host::{CollectError, Collector, Metrics, Spec};
use crate::model::{Desc, Sink, name};
use std::collections::BTreeMap;
use std::path::Path;

static STATISTIC: Desc<'static> = Desc::untyped("node_netstat_*", "Statistic *.", &[]);

const FIELDS: &str = "collector.netstat.fields";
const DEFAULT_FIELDS: &str = "^(.*_(InErrors|InErrs)|Ip_Forwarding|Ip(6|Ext)_(InOctets|OutOctets)|Icmp6?_(InMsgs|OutMsgs)\
    |TcpExt_(Listen.*|Syncookies.*|TCPSynRetrans|TCPTimeouts|TCPOFOQueue|TCPRcvQDrop)\
    |Tcp_(ActiveOpens|InSegs|OutSegs|OutRsts|PassiveOpens|RetransSegs|CurrEstab)\
    |Udp6?_(InDatagrams|OutDatagrams|NoPorts|RcvbufErrors|SndbufErrors))$";

/// The collector `netstat`.
pub static SPEC: Spec = Spec {
    name: "netstat",
    about: "counters of the network protocols from /proc/net/netstat, snmp and snmp6",
    default_enabled: true,
    flags: &[Flag::value(FIELDS, "REGEXP", DEFAULT_FIELDS, "Regexp of fields to return for netstat collector.")],
    build: |env| {
        let fields = Choice::new(pattern(env.flags, FIELDS)?);
        let file = |name| Kept::new(env.roots.proc(name));
        Ok(Box::new(Netstat { files: ["net/netstat", "net/snmp"].map(file), snmp6: file("net/snmp6"), fields }))
    },
};

/// What it shows.
pub static METRICS: Metrics = &[&STATISTIC];

struct Netstat {
    /// Of pairs of lines, one of names and one of values.
    files: [Kept; 2],
    /// Not there where IPv6 is off.
    snmp6: Kept,
    fields: Choice,
}

impl Collector for Netstat {
    fn collect(&mut self, out: &mut dyn Sink) -> Result<(), CollectError> {
        emit(&self.read()?, out);
        Ok(())
    }
}

/// Values by protocol and name. A name that two files have counts once, with the value of the later file.
type Statistics = BTreeMap<(String, String), f64>;

impl Netstat {
    fn read(&mut self) -> Result<Statistics, CollectError> {
        let mut parser = Parser { choice: &mut self.fields, place: 0, key: String::new(), found: Statistics::new() };
        for file in &mut self.files {
            let text = file.read()?;
            parser.pairs(file.path(), &text)?;
        }
        if let Some(text) = files::if_there(self.snmp6.read())? {
            parser.snmp6(self.snmp6.path(), &text)?;
        }
        Ok(parser.found)
    }
}

struct Parser<'c> {
    choice: &'c mut Choice,
    /// How many fields came before, in all files.
    place: usize,
    /// `Tcp_InSegs`; kept for its memory.
    key: String,
    found: Statistics,
}

impl Parser<'_> {
    /// Pairs of lines: `Tcp: NAME NAME ...` and `Tcp: VALUE VALUE ...`.
    fn pairs(&mut self, path: &Path, text: &str) -> Result<(), CollectError> {
        let mut lines = files::lines(text);
        while let Some((at, names)) = lines.next() {
            let values = lines.next().map_or("", |(_, line)| line);
            let (Some((protocol, names)), Some((again, values))) = (names.split_once(':'), values.split_once(':'))
            else {
                return Err(CollectError::malformed(path, at, "expected a line of names and one of values"));
            };
            let (mut names, mut values) = (names.split_ascii_whitespace(), values.split_ascii_whitespace());
            loop {
                match (names.next(), values.next()) {
                    (Some(name), Some(value)) if protocol == again => self.field(path, at, [protocol, name, value])?,
                    (None, None) if protocol == again => break,
                    _ => return Err(CollectError::malformed(path, at, "names and values don't belong together")),
                }
            }
        }
        Ok(())
    }

    /// Lines of a name and a value; `Udp6InErrors` is `InErrors` of the protocol `Udp6`.
    fn snmp6(&mut self, path: &Path, text: &str) -> Result<(), CollectError> {
        for (at, line) in files::lines(text) {
            let mut fields = line.split_ascii_whitespace();
            let (Some(name), Some(value)) = (fields.next(), fields.next()) else { continue };
            let Some(six) = name.find('6') else { continue };
            let (protocol, name) = name.split_at(six + 1);
            self.field(path, at, [protocol, name, value])?;
        }
        Ok(())
    }

    fn field(&mut self, path: &Path, line: usize, [protocol, name, value]: [&str; 3]) -> Result<(), CollectError> {
        self.key.clear();
        for part in [protocol, "_", name] {
            self.key.push_str(part);
        }
        let place = self.place;
        self.place += 1;
        if !self.choice.wants(place, &self.key) {
            return Ok(());
        }
        let part = self.key.get(protocol.len()..).unwrap_or_default();
        if !name::is_label_name(protocol) || !name::is_metric_name(part) {
            return Err(CollectError::malformed(path, line, format!("{name:?} can't be part of a metric's name")));
        }
        self.found.insert((protocol.to_owned(), name.to_owned()), files::parse(path, line, value)?);
        Ok(())
    }
}

fn emit(statistics: &Statistics, out: &mut dyn Sink) {
    for ((protocol, name), value) in statistics {
        let family = format!("node_netstat_{protocol}_{name}");
        out.one(&Desc::untyped(&family, &format!("Statistic {protocol}{name}."), &[]), *value);
    }
}
