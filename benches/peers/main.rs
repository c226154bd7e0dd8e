//! The whole program beside its peers and beside the limits of the machine: `cargo bench --bench peers`.
//!
//! It builds the agent, starts each program that is installed, drives all with the same load, and prints the tables of
//! `docs/performance.md`; with `--write docs/performance.md` it writes them there, and some into `README.md`. Figures are medians of three runs; runs
//! from which the hypervisor took more than 8 % are made again, up to eight in all. `--quick` makes one run of each. A run
//! that fails ends it, and its table is not written.
//!
//! Parts can be named: `host`, `statsd`, `scaling`, `small`, and those that run only when named, as they need no quiet
//! machine: `soak`, ten minutes of mixed load, and `sizes`, which builds the variants of the program. The goals and README
//! get the rows of the parts that ran; the other rows stay.

#![allow(clippy::print_stdout)] // It is a program that prints.

mod bare;
mod document;
mod front;
mod goals;
mod host;
mod ingest;
mod load;
mod peer;
mod runs;
mod scaling;
mod sizes;
mod small;
mod statsd;
mod subject;
mod sys;
mod version;

use document::Table;
use front::Front;
use goals::Goals;
use peer::Peer;
use runs::Runs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

const README: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");

/// What the parts share.
pub struct Bench {
    runs: Runs,
    document: Option<PathBuf>,
    goals: Goals,
    front: Front,
}

impl Bench {
    /// Writes a table where it belongs, with what is to be said of its figures.
    fn publish(&self, mut table: Table) -> io::Result<()> {
        if let Some(remark) = self.runs.remark() {
            table.note(&remark);
        }
        table.publish(self.document.as_deref())
    }

    /// Says which versions were measured, and which peers are missing.
    fn measured(&self, peers: &[Peer], table: &mut Table) {
        let (there, missing): (Vec<&Peer>, Vec<&Peer>) = peers.iter().partition(|peer| peer.is_installed());
        let versions: Vec<String> = there.into_iter().map(version::of).collect();
        table.note(&format!("Versions: {}.", versions.join(", ")));
        let missing: Vec<&str> = missing.iter().map(|peer| peer.name).collect();
        if !missing.is_empty() {
            table.note(&format!("Skipped, as not installed: {}.", missing.join(", ")));
        }
    }
}

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let given = |name: &str| arguments.iter().any(|argument| argument == name);
    let document = arguments.iter().position(|argument| argument == "--write").and_then(|at| arguments.get(at + 1));
    let parts = ["host", "statsd", "scaling", "small", "soak", "sizes"];
    let all = !parts.iter().any(|part| given(part));
    build(&["--release"])?;
    let mut bench = Bench {
        runs: Runs::new(if given("--quick") { 1 } else { 3 }),
        document: document.map(PathBuf::from),
        goals: Goals::default(),
        front: Front::default(),
    };
    if all || given("host") {
        host::run(&mut bench)?;
    }
    if all || given("statsd") {
        statsd::run(&mut bench)?;
    }
    if all || given("scaling") {
        scaling::run(&mut bench)?;
    }
    if all || given("small") {
        small::run(&mut bench)?;
    }
    if given("soak") {
        small::soak(&bench)?;
    }
    if given("sizes") {
        sizes::run(&bench)?;
    }
    if !all && !["host", "statsd", "small"].iter().any(|part| given(part)) {
        return Ok(());
    }
    let (goals, front) = (bench.goals.table("goals"), bench.front.table());
    let (document, readme) = (bench.document.as_deref(), bench.document.as_deref().map(|_| Path::new(README)));
    if all {
        goals.publish(document)?;
        front.publish(readme)
    } else {
        goals.publish_rows(document)?;
        front.publish_rows(readme)
    }
}

/// Builds the agent.
fn build(arguments: &[&str]) -> io::Result<()> {
    let built = Command::new(env!("CARGO")).args(["build", "--bin", "tallyd", "--quiet"]).args(arguments).status()?;
    if built.success() { Ok(()) } else { Err(io::Error::other("the agent can't be built")) }
}
