//! Threads that run collectors, because one may hang: a file of a dead FUSE file system, a driver that waits for its
//! device.
//!
//! A healthy host needs one thread, which lives on between scrapes. When nothing was done for a while and collectors
//! still wait, another thread is called to pass by the one that hangs. It is left inside its collector, which no scrape
//! asks again until it has answered, so there is at most one thread for each collector that hangs.

use super::run::Run;
use crate::encode::Encoder;
use crate::host::{Host, Selection};
use crate::telemetry::Registrar;
use crate::threads::STACK_BYTES;
use crossbeam_channel::{Receiver, Sender, bounded};
use prometheus::{IntCounter, Registry};
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// Runs on their way to a thread. Each has one that is about to take it, so that sending never waits for long.
const MAX_QUEUED: usize = 16;
/// Time without an outcome after which another thread is called.
const PATIENCE: Duration = Duration::from_millis(100);
/// Threads that stay when there is nothing to do.
const KEPT: usize = 1;

/// The threads of a host.
pub struct Crew {
    shared: Arc<Shared>,
    runs: Sender<Arc<Run>>,
    late: IntCounter,
}

struct Shared {
    host: Host,
    runs: Receiver<Arc<Run>>,
    /// Threads that wait for a run.
    idle: Mutex<usize>,
}

impl Crew {
    /// Starts no thread yet.
    pub fn new(host: Host, registry: &Registry) -> prometheus::Result<Self> {
        let late = Registrar(registry).counter(
            "tallyd_collectors_late_total",
            "Collectors that a scrape went on without, since they had not answered at its deadline or hung from an earlier \
             one.",
        )?;
        let (runs, taken) = bounded(MAX_QUEUED);
        Ok(Self { shared: Arc::new(Shared { host, runs: taken, idle: Mutex::new(0) }), runs, late })
    }

    /// Whose threads they are.
    pub fn host(&self) -> &Host {
        &self.shared.host
    }

    /// Runs collectors until all are done or the deadline has come, and reports on them.
    pub fn collect(&self, selection: Selection, deadline: Instant, out: &mut Encoder) {
        let run = Arc::new(Run::new(selection, deadline, out.part()));
        self.call(&run);
        while run.wait(PATIENCE) {
            self.call(&run);
        }
        let late = run.end(self.host(), out);
        self.late.inc_by(late as u64);
    }

    /// Calls a thread to a run. Where none can be started, what it would have run is late.
    fn call(&self, run: &Arc<Run>) {
        let mut idle = self.shared.idle();
        if *idle > 0 {
            *idle -= 1;
        } else if let Err(e) = self.start() {
            log::warn!("can't start a thread for collectors: {e}");
            return;
        }
        drop(idle);
        // It fails when the threads have gone, which they do after the crew.
        self.runs.send(Arc::clone(run)).ok();
    }

    /// Starts a thread. It ends when it is one too many, with the crew, or with the process: one that hangs can't be joined.
    fn start(&self) -> io::Result<()> {
        let shared = Arc::clone(&self.shared);
        let work = move || {
            while let Ok(run) = shared.runs.recv() {
                run.work(&shared.host);
                drop(run);
                let mut idle = shared.idle();
                if *idle >= KEPT {
                    return;
                }
                *idle += 1;
            }
        };
        thread::Builder::new().name("collect".into()).stack_size(STACK_BYTES).spawn(work)?;
        Ok(())
    }
}

impl Shared {
    fn idle(&self) -> MutexGuard<'_, usize> {
        // A panic ends the process, so no lock is ever poisoned by one.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
