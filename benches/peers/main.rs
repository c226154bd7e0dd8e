//! The whole program beside its peers and beside the limits of the machine: `cargo bench --bench peers`.
//!
//! It builds the agent, starts each program that is installed, drives all with the same load, and prints the tables of
//! `docs/performance.md`. Figures are medians of three runs; runs from which the hypervisor took more than 8 % are dropped.
//! `cargo bench --bench peers -- --quick` makes one run of each.

#![allow(clippy::print_stdout)] // It is a program that prints.

mod bare;
mod load;
mod subject;
mod sys;

use load::{Load, Over, Packets};
use std::io;
use std::path::PathBuf;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};
use subject::{Steal, Subject};

/// Runs with more steal than this are dropped.
const MAX_STEAL_PERCENT: f64 = 8.0;

/// After that many runs a figure is made of what there is.
const MAX_RUNS: usize = 8;

const SCRAPES: usize = 200;

/// A program and how it is started.
struct Peer {
    name: &'static str,
    program: &'static str,
    arguments: &'static [&'static str],
}

/// Built before it is measured: the one that cargo makes for benches unwinds, and has features that only tests use.
const TALLYD: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/target/release/tallyd");

const HOST: &[Peer] = &[
    Peer {
        name: "tallyd",
        program: TALLYD,
        arguments: &[
            "--web.listen-address=127.0.0.1:{web}",
            "--statsd.listen-udp=127.0.0.1:{statsd}",
            "--statsd.listen-tcp=127.0.0.1:{statsd}",
        ],
    },
    Peer {
        name: "node_exporter",
        program: "prometheus-node-exporter",
        arguments: &["--web.listen-address=127.0.0.1:{web}"],
    },
];

const STATSD: &[Peer] = &[
    Peer {
        name: "tallyd",
        program: TALLYD,
        arguments: &[
            "--collector.disable-defaults",
            "--statsd.max-series=200000",
            "--web.listen-address=127.0.0.1:{web}",
            "--statsd.listen-udp=127.0.0.1:{statsd}",
            "--statsd.listen-tcp=127.0.0.1:{statsd}",
        ],
    },
    Peer {
        name: "statsd_exporter",
        program: "statsd_exporter",
        arguments: &[
            "--web.listen-address=127.0.0.1:{web}",
            "--statsd.listen-udp=127.0.0.1:{statsd}",
            "--statsd.listen-tcp=127.0.0.1:{statsd}",
        ],
    },
];

const UDP: Load = Load {
    title: "",
    over: Over::Udp,
    lines: 2_000_000,
    lines_a_packet: 20,
    series: 1000,
    rate: 1_000_000,
    kind: "c",
    tagged: false,
};

const LOADS: &[Load] = &[
    Load { title: "UDP, 1 line a packet, 100,000/s", lines_a_packet: 1, rate: 100_000, lines: 300_000, ..UDP },
    Load { title: "UDP, 20 lines a packet, 1,000,000/s", ..UDP },
    Load { title: "the same with DogStatsD tags", tagged: true, ..UDP },
    Load { title: "UDP, 20 lines a packet, 2,000,000/s", rate: 2_000_000, lines: 4_000_000, ..UDP },
    Load { title: "UDP, 20 timers a packet, 500,000/s", kind: "ms", rate: 500_000, lines: 1_000_000, ..UDP },
    Load { title: "TCP, all that is sent", over: Over::Tcp, rate: 0, lines: 10_000_000, ..UDP },
    Load {
        title: "TCP, 100,000 tagged series",
        over: Over::Tcp,
        rate: 0,
        lines: 400_000,
        series: 100_000,
        tagged: true,
        ..UDP
    },
];

fn main() {
    let built = Command::new(env!("CARGO")).args(["build", "--release", "--quiet"]).status();
    assert!(built.is_ok_and(|status| status.success()), "the agent can be built");
    let runs = if std::env::args().any(|argument| argument == "--quick") { 1 } else { 3 };
    let found = |peer: &&Peer| Command::new(peer.program).arg("--version").output().is_ok();
    let (host, statsd): (Vec<_>, Vec<_>) = (HOST.iter().filter(found).collect(), STATSD.iter().filter(found).collect());
    scrape_table(runs, &host);
    statsd_table(runs, &statsd);
    for peer in HOST.iter().chain(STATSD).filter(|peer| !found(peer)) {
        println!("\nSkipped, as it is not installed: {}.", peer.name);
    }
}

fn scrape_table(runs: usize, peers: &[&Peer]) {
    println!("### A scrape of the host\n");
    println!("| | CPU, ms | to the files alone | p50, ms | p50 with gzip, ms | resident idle, MiB | after, MiB |");
    println!("|---|---|---|---|---|---|---|");
    let files = bare::files();
    let bare = |read: fn(&[PathBuf], usize) -> (f64, f64)| median(runs, || Ok(<[f64; 2]>::from(read(&files, SCRAPES))));
    let Some([limit, wall]) = bare(bare::open_and_read) else { return };
    println!("| opening, reading and closing {} files | {limit:.2} | 1 | {wall:.2} | | | |", files.len());
    if let Some([cpu, wall]) = bare(bare::read_again) {
        println!("| reading them again while they stay open | {cpu:.2} | {:.1} | {wall:.2} | | | |", cpu / limit);
    }
    for peer in peers {
        let Some([cpu, p50, gzip, idle, after]) = median(runs, || scrapes(peer)) else {
            println!("| {} | failed | | | | | |", peer.name);
            continue;
        };
        let ratio = cpu / limit;
        println!("| {} | {cpu:.2} | {ratio:.1} | {p50:.2} | {gzip:.2} | {idle:.1} | {after:.1} |", peer.name);
    }
}

fn statsd_table(runs: usize, peers: &[&Peer]) {
    println!("\n### StatsD\n");
    println!("| load | | CPU per line, us | to tallyd | lost, % | lines/s | peak resident, MiB |");
    println!("|---|---|---|---|---|---|---|");
    for load in LOADS {
        let mut ours = f64::NAN;
        for peer in peers {
            let Some([cpu, lost, rate, peak]) = median(runs, || ingest(peer, *load)) else {
                println!("| {} | {} | failed | | | | |", load.title, peer.name);
                continue;
            };
            ours = if peer.program == TALLYD { cpu } else { ours };
            let ratio = cpu / ours;
            println!("| {} | {} | {cpu:.3} | {ratio:.1} | {lost:.2} | {rate:.0} | {peak:.1} |", load.title, peer.name);
        }
        if load.over == Over::Udp
            && let Some([cpu, lost]) = median(runs, || bare::receive(*load).map(<[f64; 2]>::from))
        {
            println!("| | a bare receiver | {cpu:.3} | {:.1} | {lost:.2} | | |", cpu / ours);
        }
    }
}

/// Medians of the figures of the quiet runs; `None` where a run fails.
fn median<const N: usize>(runs: usize, mut run: impl FnMut() -> io::Result<[f64; N]>) -> Option<[f64; N]> {
    let mut kept: Vec<[f64; N]> = Vec::new();
    for _ in 0..MAX_RUNS {
        let steal = Steal::start();
        let figures = run().ok()?;
        if steal.percent() <= MAX_STEAL_PERCENT {
            kept.push(figures);
        }
        if kept.len() == runs {
            break;
        }
    }
    let mut medians = [f64::NAN; N];
    for (at, median) in medians.iter_mut().enumerate() {
        let mut figures: Vec<f64> = kept.iter().map(|figures| figures[at]).collect();
        figures.sort_by(f64::total_cmp);
        *median = figures.get(figures.len() / 2).copied().unwrap_or(f64::NAN);
    }
    Some(medians)
}

/// CPU and median time of a scrape, the same time with gzip, resident before and after.
fn scrapes(peer: &Peer) -> io::Result<[f64; 5]> {
    let subject = Subject::start(peer.program, peer.arguments)?;
    thread::sleep(Duration::from_millis(300));
    let idle = subject.memory("VmRSS");
    let p50 = |gzip: bool| -> io::Result<f64> {
        let mut times = Vec::with_capacity(SCRAPES);
        for _ in 0..SCRAPES {
            let start = Instant::now();
            subject.get(gzip)?;
            times.push(start.elapsed().as_secs_f64() * 1e3);
        }
        times.sort_by(f64::total_cmp);
        Ok(times[SCRAPES / 2])
    };
    let before = subject.cpu();
    let plain = p50(false)?;
    let cpu = (subject.cpu() - before) * 1e3 / SCRAPES as f64;
    Ok([cpu, plain, p50(true)?, idle, subject.memory("VmRSS")])
}

/// CPU per line, loss, rate and peak memory.
fn ingest(peer: &Peer, load: Load) -> io::Result<[f64; 4]> {
    let packets = Packets::new(load);
    let subject = Subject::start(peer.program, peer.arguments)?;
    let (before, start) = (subject.cpu(), Instant::now());
    let sent = packets.send(subject.statsd)?;
    let (mut got, mut still, mut asked) = (0.0, 0, 0.0);
    // Until all is there, or nothing more comes. What asking costs is taken off below.
    while got < sent.sum as f64 && still < 5 {
        thread::sleep(Duration::from_millis(20));
        let (cpu, total) = (subject.cpu(), subject.total()?);
        asked += if total > got { 0.0 } else { subject.cpu() - cpu };
        still = if total > got { 0 } else { still + 1 };
        got = total;
    }
    let seconds = start.elapsed().as_secs_f64().max(sent.seconds);
    let cpu = (subject.cpu() - before - asked) * 1e6 / load.lines as f64;
    let lost = 100.0 * (1.0 - got / sent.sum as f64);
    Ok([cpu, lost, load.lines as f64 / seconds, subject.memory("VmHWM")])
}
