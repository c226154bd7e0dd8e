//! How cost grows with what is sent, one thing at a time.

use crate::document::{Table, cells};
use crate::load::{Load, Over, Packets, TCP, UDP};
use crate::peer::{Peer, STATSD};
use crate::subject::Subject;
use crate::{Bench, ingest};
use std::io;
use std::thread;

/// Lines that are known, but where the title says otherwise.
const KNOWN: Load = Load { lines: 2_000_000, ..TCP };

const NEW: Load = Load { lines: 200_000, ..TCP };

const LOADS: &[Load] = &[
    Load { title: "1,000 series of three tags", tags: 3, ..KNOWN },
    Load { title: "10,000 series of three tags", series: 10_000, tags: 3, ..KNOWN },
    Load { title: "100,000 series of three tags", series: 100_000, tags: 3, ..KNOWN },
    Load { title: "1,000,000 series of three tags", series: 1_000_000, tags: 3, ..KNOWN },
    Load { title: "1,000 names without tags", ..KNOWN },
    Load { title: "10,000 names without tags", series: 10_000, ..KNOWN },
    Load { title: "100,000 names without tags", series: 100_000, ..KNOWN },
    Load { title: "1,000,000 names without tags", series: 1_000_000, ..KNOWN },
    Load { title: "1,000 series of 1 tag", tags: 1, ..KNOWN },
    Load { title: "1,000 series of 10 tags", tags: 10, ..KNOWN },
    Load { title: "the same, lines of 450 bytes", tags: 10, tag_bytes: 40, ..KNOWN },
    Load { title: "names never seen before, 10 rules", rules: 10, ..NEW },
    Load { title: "the same, 100 rules", rules: 100, ..NEW },
    Load { title: "the same, 1,000 rules", rules: 1000, ..NEW },
    Load { title: "the same, 10,000 rules", rules: 10_000, ..NEW },
];

/// Measures, and writes the tables.
pub fn run(bench: &mut Bench) -> io::Result<()> {
    let tallyd = &STATSD[0];
    let mut table = Table::new("scaling", &["", "CPU per line, us", "lines/s", "resident, MiB"]);
    for load in LOADS {
        let [cpu, _, rate, resident, ..] = bench.runs.median(tallyd.name, || ingest::run(tallyd, *load))?;
        let figures = cells([(cpu, 3), (rate, 0), (resident, 1)]);
        table.row([load.title.to_owned()].into_iter().chain(figures));
    }
    bench.publish(table)?;
    let mut table = Table::new("receivers", &["receivers", "CPU per line, us", "lost, %", "lines/s"]);
    for count in [1, 2] {
        let [cpu, lost, rate] = bench.runs.median(tallyd.name, || receivers(count))?;
        let figures = cells([(cpu, 3), (lost, 2), (rate, 0)]);
        table.row([count.to_string()].into_iter().chain(figures));
    }
    bench.publish(table)
}

/// Two senders send all they can to one socket, or each to a socket of its own, as `SO_REUSEPORT` would share them out.
/// CPU per line that arrived, loss, and lines a second.
fn receivers(count: usize) -> io::Result<[f64; 3]> {
    let load = Load { rate: 0, lines: 4_000_000, over: Over::Udp, ..UDP };
    let second = &["--statsd.listen-udp=127.0.0.1:{second}"];
    let arguments = [STATSD[0].arguments, if count == 2 { second } else { &[] }].concat();
    let subject = Subject::start(&Peer { arguments: arguments.leak(), ..STATSD[0] }, "")?;
    let ports = [subject.statsd, if count == 2 { subject.second } else { subject.statsd }];
    let before = subject.cpu();
    let sent: Vec<_> = thread::scope(|scope| {
        let senders = ports.map(|port| scope.spawn(move || Packets::new(load).send(port, "".as_ref())));
        senders.map(|sender| sender.join()).into_iter().flatten().flatten().collect()
    });
    let sum: u64 = sent.iter().map(|sent| sent.sum).sum();
    let seconds = sent.iter().map(|sent| sent.seconds).fold(0.0, f64::max);
    let (got, asked) = ingest::settle(&subject, sum)?;
    let arrived = got / sum as f64;
    let lines = (2 * load.lines) as f64 * arrived;
    Ok([(subject.cpu() - before - asked) * 1e6 / lines, 100.0 * (1.0 - arrived), lines / seconds])
}
