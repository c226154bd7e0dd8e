//! How small the agent is: its memory, its start, and how often it wakes.

use crate::Bench;
use crate::document::{Table, cells};
use crate::load::{Load, UDP};
use crate::peer::{HOST, Peer};
use crate::subject::Subject;
use std::io;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

/// Where `.ci/small-devices` leaves the static build.
pub const STATIC: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/target/small/x86_64-unknown-linux-musl/release-small/tallyd");

/// A build that runs here, and how much memory it is to take, in MiB: idle, and under load.
struct Build {
    name: &'static str,
    peer: Peer,
    idle: f64,
    loaded: f64,
}

const BUILDS: &[Build] = &[
    Build { name: "glibc", peer: HOST[0], idle: 4.0, loaded: 6.0 },
    Build { name: "musl, static, release-small", peer: Peer { program: STATIC, ..HOST[0] }, idle: 2.0, loaded: 4.0 },
];

/// How long an idle agent is watched.
const WATCH: Duration = Duration::from_secs(5);

/// How long the mixed load lasts, and the minutes after which memory is looked at.
const SOAK: &[u64] = &[1, 2, 5, 10];

const SCRAPES: usize = 1000;

fn builds() -> impl Iterator<Item = &'static Build> {
    BUILDS.iter().filter(|build| build.peer.is_installed())
}

/// Measures what takes no time, and writes the table.
pub fn run(bench: &mut Bench) -> io::Result<()> {
    let columns =
        ["", "start to first answer, ms", "wake-ups a second, idle", "resident idle, MiB", "after 1,000 scrapes, MiB"];
    let mut table = Table::new("small", &columns);
    for build in builds() {
        let name = build.name;
        let figures = bench.runs.median(name, || idle(&build.peer))?;
        let [start, wakeups, resident, after] = figures;
        bench.goals.at_most(format!("{name}: start to first answer, ms"), 10.0, start);
        bench.goals.at_most(format!("{name}: wake-ups a second, idle"), 10.0, wakeups);
        bench.goals.at_most(format!("{name}: resident idle, MiB"), build.idle, resident);
        bench.goals.at_most(format!("{name}: after 1,000 scrapes, MiB"), build.loaded, after);
        table.row([name.to_owned()].into_iter().chain(cells(figures.map(|figure| (figure, 1)))));
    }
    if !Path::new(STATIC).exists() {
        table.note("The static build is made by `.ci/small-devices`, which did not run before.");
    }
    bench.publish(table)
}

fn idle(peer: &Peer) -> io::Result<[f64; 4]> {
    let subject = Subject::start(peer, "")?;
    thread::sleep(Duration::from_secs(1));
    let (resident, before, start) = (subject.memory("VmRSS"), subject.wakeups(), Instant::now());
    thread::sleep(WATCH);
    let wakeups = (subject.wakeups() - before) / start.elapsed().as_secs_f64();
    for scrape in 0..SCRAPES {
        subject.ask(scrape % 2 == 1)?;
    }
    Ok([subject.started_ms, wakeups, resident, subject.memory("VmRSS")])
}

/// Watches memory under ten minutes of mixed load, and writes the table.
pub fn soak(bench: &Bench) -> io::Result<()> {
    let mut columns = vec!["".to_owned(), "idle".into(), "1,000 scrapes".into()];
    columns.extend(SOAK.iter().map(|minutes| format!("{minutes} min")));
    let mut table = Table::new("soak", &columns.iter().map(String::as_str).collect::<Vec<_>>());
    let soaked: Vec<_> = thread::scope(|scope| {
        let threads: Vec<_> = builds().map(|build| scope.spawn(|| (build.name, soaked(&build.peer)))).collect();
        threads.into_iter().filter_map(|thread| thread.join().ok()).collect()
    });
    for (name, figures) in soaked {
        let figures = figures.map_err(|e| io::Error::other(format!("{name} failed: {e}")))?;
        table.row([name.to_owned()].into_iter().chain(figures.iter().map(|figure| format!("{figure:.1}"))));
    }
    bench.publish(table)
}

fn soaked(peer: &Peer) -> io::Result<Vec<f64>> {
    const STEADY: Load = Load { rate: 20_000, lines: 20_000, ..UDP };
    let subject = Subject::start(peer, "")?;
    let mut figures = vec![subject.memory("VmRSS")];
    for scrape in 0..SCRAPES {
        subject.ask(scrape % 2 == 1)?;
    }
    figures.push(subject.memory("VmRSS"));
    let loads = [STEADY, Load { kind: "ms", ..STEADY }, Load { tags: 3, lines_a_packet: 1, ..STEADY }];
    let packets = loads.map(crate::load::Packets::new);
    let start = Instant::now();
    for minutes in SOAK {
        // Each round is a second.
        while start.elapsed() < Duration::from_secs(60 * minutes) {
            for load in &packets {
                load.send(subject.statsd, subject.folder.path())?;
            }
            subject.ask(true)?;
        }
        figures.push(subject.memory("VmRSS"));
    }
    Ok(figures)
}
