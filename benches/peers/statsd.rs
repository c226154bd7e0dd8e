//! StatsD: ours, the peers', and a bare receiver's.

use crate::document::{Table, cells};
use crate::load::{Load, Over, TCP, UDP};
use crate::peer::{Peer, STATSD, beside_statsd};
use crate::subject::Subject;
use crate::{Bench, bare, ingest};
use std::io;
use std::thread;
use std::time::{Duration, Instant};

/// A load, what is to be reached under it (CPU per line in us, and MiB), and what README shows of it.
struct Case {
    load: Load,
    cpu: f64,
    memory: f64,
    front: &'static [Figure],
}

/// One of the figures of a run, its place among them, by what it is multiplied, its places, and its unit.
struct Figure(&'static str, usize, f64, usize, &'static str);

/// The limit, among the programs.
const BARE: &str = "a bare receiver";

const MANY: Load = Load { series: 100_000, tags: 3, ..TCP };

const CASES: &[Case] = &[
    Case {
        load: Load {
            title: "UDP, 1 line a packet, 100,000/s",
            lines_a_packet: 1,
            rate: 100_000,
            lines: 200_000,
            ..UDP
        },
        cpu: 1.3,
        memory: f64::INFINITY,
        front: &[Figure("a line over UDP, one a packet, CPU", 0, 1.0, 2, "us")],
    },
    Case { load: Load { title: "UDP, 20 lines a packet, 1,000,000/s", ..UDP }, cpu: 0.16, memory: 5.0, front: &[] },
    Case {
        load: Load { title: "the same with DogStatsD tags", tags: 3, ..UDP },
        cpu: 0.18,
        memory: 5.0,
        front: &[
            Figure("a line with tags, 20 a packet, 1,000,000 a second, CPU", 0, 1.0, 2, "us"),
            Figure("lost of them", 1, 1.0, 2, "%"),
        ],
    },
    Case {
        load: Load { title: "UDP, 20 lines a packet, 2,000,000/s for 20 s", rate: 2_000_000, lines: 40_000_000, ..UDP },
        cpu: 0.15,
        memory: f64::INFINITY,
        front: &[],
    },
    Case {
        load: Load { title: "UDP, 20 lines a packet, all that is sent", rate: 0, lines: 10_000_000, ..UDP },
        cpu: f64::INFINITY,
        memory: f64::INFINITY,
        front: &[Figure("lines a second that arrive of all one sender can send", 2, 1e-6, 1, "million")],
    },
    Case {
        load: Load { title: "UDP, 20 timers a packet, 500,000/s", kind: "ms", rate: 500_000, lines: 1_000_000, ..UDP },
        cpu: 0.32,
        memory: 8.0,
        front: &[Figure("resident memory with 1,000 timers", 3, 1.0, 1, "MiB")],
    },
    Case { load: Load { title: "TCP, all that is sent", ..TCP }, cpu: 0.09, memory: 6.0, front: &[] },
    Case {
        load: Load { title: "unix stream, all that is sent", over: Over::Unix, ..TCP },
        cpu: 0.09,
        memory: 6.0,
        front: &[],
    },
    Case {
        load: Load { title: "TCP, 100 rules, names never seen before", lines: 400_000, rules: 100, ..TCP },
        cpu: 2.0,
        memory: f64::INFINITY,
        front: &[],
    },
    Case {
        load: Load { title: "TCP, 100,000 new series of three tags", lines: 100_000, ..MANY },
        cpu: 1.6,
        memory: 30.0,
        front: &[Figure("resident memory with 100,000 tagged series", 3, 1.0, 1, "MiB")],
    },
    Case {
        load: Load { title: "TCP, the same with four lines a series", lines: 400_000, ..MANY },
        cpu: 0.75,
        memory: 30.0,
        front: &[],
    },
];

/// Measures, and writes the table.
pub fn run(bench: &mut Bench) -> io::Result<()> {
    let columns = ["load", "", "CPU per line, us", "to tallyd", "lost, %", "lines/s", "resident, MiB", "peak, MiB"];
    let mut table = Table::new("statsd", &columns);
    for case in CASES {
        let load = case.load;
        let (mut ours, mut title) = ([f64::NAN; 6], load.title);
        for peer in STATSD.iter().filter(|peer| peer.is_installed() && (peer.takes)(&load)) {
            let figures = bench.runs.median(peer.name, || ingest::run(peer, load))?;
            let [cpu, lost, rate, resident, peak, _] = figures;
            if peer.is_tallyd() {
                ours = figures;
                goals(bench, case, figures);
            }
            if beside_statsd().is_some_and(|beside| beside.name == peer.name) {
                for Figure(what, at, factor, places, unit) in case.front {
                    bench.front.pair(what, [ours[*at] * factor, figures[*at] * factor], (*places, unit));
                }
            }
            let figures = cells([(cpu, 3), (cpu / ours[0], 1), (lost, 2), (rate, 0), (resident, 1), (peak, 1)]);
            table.row([title.to_owned(), peer.name.to_owned()].into_iter().chain(figures));
            title = "";
        }
        if load.over == Over::Udp && load.lines <= UDP.lines {
            let [cpu, lost] = bench.runs.median(BARE, || bare::receive(load).map(<[f64; 2]>::from))?;
            let figures = cells([(cpu, 3), (cpu / ours[0], 1), (lost, 2)]);
            let blank = [String::new(), String::new(), String::new()];
            table.row([String::new(), BARE.into()].into_iter().chain(figures).chain(blank));
        }
    }
    let [body, lost] = bench.runs.median(STATSD[0].name, || scraped(&STATSD[0]))?;
    bench.goals.at_most("100,000 series: time of a scrape, ms", 15.0, body);
    bench.goals.at_most("100,000 series: % lost of 500,000 lines/s while scraped", 0.0, lost);
    bench.measured(STATSD, &mut table);
    bench.publish(table)
}

/// What is to be reached under a load.
fn goals(bench: &mut Bench, case: &Case, [cpu, lost, rate, resident, peak, uncounted]: [f64; 6]) {
    let title = case.load.title;
    if case.cpu.is_finite() {
        bench.goals.at_most(format!("{title}: CPU per line, us"), case.cpu, cpu);
    }
    match (case.load.over, case.load.rate) {
        (Over::Udp, 0) => {
            bench.goals.at_most(format!("{title}: % lost"), 2.0, lost);
            bench.goals.at_most(format!("{title}: packets lost and not counted"), 0.0, uncounted);
        }
        (Over::Udp, _) => bench.goals.at_most(format!("{title}: % lost"), 0.0, lost),
        _ if case.cpu < 0.1 => bench.goals.at_least(format!("{title}: million lines/s"), 10.0, rate / 1e6),
        _ => {}
    }
    if case.memory.is_finite() {
        // A stream is to take no more whatever is sent, so that its peak counts.
        let (memory, what) = if case.cpu < 0.1 { (peak, "peak") } else { (resident, "resident") };
        bench.goals.at_most(format!("{title}: {what}, MiB"), case.memory, memory);
    }
}

/// Median time of a scrape of 100,000 series, in ms, and what is lost while scrapes go on at a steady load.
fn scraped(peer: &Peer) -> io::Result<[f64; 2]> {
    let subject = Subject::start(peer, "")?;
    let filled = ingest::drive(&subject, Load { lines: 100_000, ..MANY })?.sum;
    let mut times = Vec::new();
    for _ in 0..20 {
        let start = Instant::now();
        subject.ask(false)?;
        times.push(start.elapsed().as_secs_f64() * 1e3);
    }
    times.sort_by(f64::total_cmp);
    let load = Load { over: Over::Udp, rate: 500_000, lines: 1_500_000, ..MANY };
    let sent = thread::scope(|scope| {
        let sender = scope.spawn(|| ingest::drive(&subject, load));
        while !sender.is_finished() {
            subject.ask(false)?;
            thread::sleep(Duration::from_millis(200));
        }
        sender.join().map_err(|_| io::Error::other("the sender panicked"))?
    })?;
    let (got, _) = ingest::settle(&subject, filled + sent.sum)?;
    Ok([times[times.len() / 2], 100.0 * (1.0 - (got - filled as f64) / sent.sum as f64)])
}
