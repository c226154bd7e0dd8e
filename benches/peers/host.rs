//! A scrape of the host: ours, that of the peers, and the files alone.

use crate::document::{Table, cells};
use crate::peer::{DEBIANS, HOST, Peer, beside_host};
use crate::subject::Subject;
use crate::{Bench, bare};
use std::io;
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

const SCRAPES: usize = 200;

/// Measures, and writes the table.
pub fn run(bench: &mut Bench) -> io::Result<()> {
    let columns =
        ["", "CPU, ms", "to the files alone", "p50, ms", "p50 with gzip, ms", "resident idle, MiB", "after, MiB"];
    let mut table = Table::new("host", &columns);
    let files = bare::files();
    let bare = |read: fn(&[PathBuf], usize) -> (f64, f64)| {
        bench.runs.median("reading", || Ok(<[f64; 2]>::from(read(&files, SCRAPES))))
    };
    let [limit, wall] = bare(bare::open_and_read)?;
    let blank = [String::new(), String::new(), String::new()];
    let what = format!("opening, reading and closing {} files", files.len());
    table.row([what].into_iter().chain(cells([(limit, 2), (1.0, 0), (wall, 2)])).chain(blank.clone()));
    let [cpu, wall] = bare(bare::read_again)?;
    let what = "reading them again while they stay open".to_owned();
    table.row([what].into_iter().chain(cells([(cpu, 2), (cpu / limit, 1), (wall, 2)])).chain(blank));
    let mut ours = [f64::NAN; 5];
    for peer in HOST.iter().filter(|peer| peer.is_installed()) {
        let figures = bench.runs.median(peer.name, || scrapes(peer))?;
        let [cpu, p50, gzip, idle, after] = figures;
        if peer.is_tallyd() {
            ours = figures;
        } else if beside_host().is_some_and(|beside| beside.name == peer.name) {
            bench.front.pair("a scrape of the host, CPU", [ours[0], cpu], (2, "ms"));
            bench.front.pair("resident memory after 400 of them", [ours[4], after], (1, "MiB"));
        }
        if peer.name == DEBIANS {
            bench.goals.at_most("host scrape, CPU to Debian's node_exporter", 0.2, ours[0] / cpu);
            bench.goals.at_most("host scrape, time to Debian's node_exporter", 0.2, ours[1] / p50);
        }
        let figures = cells([(cpu, 2), (cpu / limit, 1), (p50, 2), (gzip, 2), (idle, 1), (after, 1)]);
        table.row([peer.name.to_owned()].into_iter().chain(figures));
    }
    bench.goals.at_most("host scrape, CPU to the files alone", 1.3, ours[0] / limit);
    bench.measured(HOST, &mut table);
    bench.publish(table)
}

/// CPU and median time of a scrape, the same time with gzip, resident before and after.
fn scrapes(peer: &Peer) -> io::Result<[f64; 5]> {
    let subject = Subject::start(peer, "")?;
    thread::sleep(Duration::from_millis(300));
    let idle = subject.memory("VmRSS");
    let p50 = |gzip: bool| -> io::Result<f64> {
        let mut times = Vec::with_capacity(SCRAPES);
        for _ in 0..SCRAPES {
            let start = Instant::now();
            subject.ask(gzip)?;
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
