//! Threads that run collectors, because one may hang: a file of a dead FUSE file system, a driver that waits for its
//! device.
//!
//! A healthy host needs one thread, which lives on between scrapes. When nothing was done for a while and collectors
//! still wait, another thread is called to pass by the one that hangs. It is left inside its collector, which no scrape
//! asks again until it has answered, so there is at most one thread for each collector that hangs.

use super::run::{Progress, Run};
use crate::encode::Encoder;
use crate::host::{Host, Selection};
use crate::telemetry::{Registrar, Registry};
use crate::threads::STACK_BYTES;
use crate::web::Ready;
use prometheus::IntCounter;
use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// Time without an outcome after which another thread is called.
const PATIENCE: Duration = Duration::from_millis(100);
/// Time in which most runs are over: the turn of a web worker, which may be spent on waiting.
const GLANCE: Duration = Duration::from_millis(10);
/// Threads that stay when there is nothing to do.
const KEPT: usize = 1;

/// The threads of a host.
pub struct Crew {
    shared: Arc<Shared>,
    late: IntCounter,
}

struct Shared {
    host: Host,
    calls: Mutex<Calls>,
    called: Condvar,
}

#[derive(Default)]
struct Calls {
    /// Runs that nobody has come to yet. For each there is a thread that will.
    runs: VecDeque<Arc<Run>>,
    /// Threads with nothing to do.
    idle: usize,
    /// Whether the crew is gone.
    over: bool,
}

impl Crew {
    /// Starts no thread yet.
    pub fn new(host: Host, registry: &Registry) -> prometheus::Result<Self> {
        let late = Registrar(registry).counter(
            "tallyd_collectors_late_total",
            "Collectors that a scrape went on without, since they had not answered at its deadline or hung from an earlier \
             one.",
        )?;
        let (calls, called) = (Mutex::default(), Condvar::new());
        Ok(Self { shared: Arc::new(Shared { host, calls, called }), late })
    }

    /// Whose threads they are.
    pub fn host(&self) -> &Host {
        &self.shared.host
    }

    /// Has collectors run, until all are done or the deadline has come. What they write goes to the end of the body.
    pub fn begin(&self, selection: Selection, deadline: Instant, body: Encoder, ready: Ready) -> Running {
        let run = Arc::new(Run::new(selection, deadline, body, ready));
        self.shared.call(&run);
        let (shared, late) = (Arc::clone(&self.shared), self.late.clone());
        Running { shared, late, left: usize::MAX, since: Instant::now(), run }
    }
}

impl Drop for Crew {
    fn drop(&mut self) {
        self.shared.calls().over = true;
        self.shared.called.notify_all();
    }
}

/// A run under way. Abandoned when it is dropped.
pub struct Running {
    shared: Arc<Shared>,
    run: Arc<Run>,
    late: IntCounter,
    /// How many were left at the last look, and since when it is so many; `usize::MAX` before the first.
    left: usize,
    since: Instant,
}

impl Running {
    /// Looks whether it is over, or when to look again unless told before. The first look waits for a moment: most runs
    /// are over by then, and who looks is spared a second one. Calls another thread where the run does not go on.
    pub fn look(&mut self) -> Option<Instant> {
        let patience = if self.left == usize::MAX { GLANCE } else { Duration::ZERO };
        let Progress::Left { count, unbegun } = self.run.wait(patience) else { return None };
        let now = Instant::now();
        if count != self.left {
            (self.left, self.since) = (count, now);
        } else if now >= self.since + PATIENCE {
            self.since = now;
            if unbegun {
                self.shared.call(&self.run);
            }
        }
        Some(self.run.deadline().min(self.since + PATIENCE))
    }

    /// The body, with what was written and a report. Who is not done by now is given up, and counted.
    pub fn end(self) -> Encoder {
        let (body, late) = self.run.end(&self.shared.host);
        self.late.inc_by(late as u64);
        body
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.run.abandon();
    }
}

impl Shared {
    /// Calls a thread to a run. Where none can be started, what it would have run is late.
    fn call(self: &Arc<Self>, run: &Arc<Run>) {
        let mut calls = self.calls();
        if calls.idle > 0 {
            calls.idle -= 1;
        } else if let Err(e) = self.start() {
            log::warn!("can't start a thread for collectors: {e}");
            return;
        }
        calls.runs.push_back(Arc::clone(run));
        // Or the thread would wake to find the lock taken.
        drop(calls);
        self.called.notify_one();
    }

    /// Starts a thread. It ends when it is one too many, with the crew, or with the process: one that hangs can't be joined.
    fn start(self: &Arc<Self>) -> io::Result<()> {
        let shared = Arc::clone(self);
        let work = move || {
            while let Some(run) = shared.next() {
                let is_over = run.work(&shared.host);
                let mut calls = shared.calls();
                let stays = calls.idle < KEPT;
                calls.idle += usize::from(stays);
                drop(calls);
                // Told last, or the next scrape could come to find nobody idle, and start a thread.
                if is_over {
                    run.tell();
                }
                if !stays {
                    return;
                }
            }
        };
        thread::Builder::new().name("collect".into()).stack_size(STACK_BYTES).spawn(work)?;
        Ok(())
    }

    /// The next run, once there is one. A channel would do, but its receivers look for a while before they sleep, which
    /// costs more than to be woken.
    fn next(&self) -> Option<Arc<Run>> {
        let waits = |calls: &mut Calls| calls.runs.is_empty() && !calls.over;
        let woken = self.called.wait_while(self.calls(), waits);
        woken.unwrap_or_else(PoisonError::into_inner).runs.pop_front()
    }

    fn calls(&self) -> MutexGuard<'_, Calls> {
        // A panic ends the process, so no lock is ever poisoned by one.
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
