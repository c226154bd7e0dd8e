//! Asks mounts for their space on threads that may get stuck.
//!
//! A healthy host needs one thread, which lives on between scrapes. When nothing was answered for a while and mounts
//! still wait, another thread is started to pass by the one that hangs. At the deadline, what a thread is inside of
//! counts as stuck: it is not asked again until that thread comes back. So there is at most one thread for each stuck
//! mount, and never more than [`MAX_THREADS`].

use super::space::{Space, reason};
use crossbeam_channel::{Receiver, Sender, after, bounded, select, tick};
use std::collections::{HashMap, HashSet, VecDeque};
use std::io;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

/// Threads, stuck ones included. With that many dead mounts, further ones are reported without being asked.
const MAX_THREADS: usize = 32;
/// Mounts handed over to the threads at once.
const MAX_QUEUED: usize = 64;
/// Time without an answer after which another thread is started.
const PATIENCE: Duration = Duration::from_millis(50);
/// The threads do nothing but call statvfs.
const STACK_BYTES: usize = 128 << 10;

/// What is asked. A mount over a dead one, or after it at the same path, is another and is asked.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Target {
    /// Where it is mounted.
    pub path: PathBuf,
    /// Major and minor number of its device.
    pub device: (u32, u32),
}

/// What came of a mount.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// It answered.
    Space(Space),
    /// It answered with an error.
    Failed(String),
    /// It did not answer in time, now or in an earlier scrape.
    Silent,
}

/// When to lose patience, again and again, and when to give up.
pub struct Alarms {
    patience: Receiver<Instant>,
    deadline: Receiver<Instant>,
}

impl Alarms {
    /// Alarms that count from now.
    pub fn new(timeout: Duration) -> Self {
        Self { patience: tick(PATIENCE), deadline: after(timeout) }
    }
}

type Stat = fn(&Path) -> io::Result<Space>;

enum Job {
    Ask(u64, Target),
    End,
}

struct Done {
    id: u64,
    result: io::Result<Space>,
}

/// Threads and what they are at.
pub struct Asker<S = Stat> {
    stat: S,
    jobs: Sender<Job>,
    queue: Receiver<Job>,
    done: Receiver<Done>,
    report: Sender<Done>,
    /// What threads are inside of since an earlier scrape, by the number of the job.
    stuck: HashMap<u64, Target>,
    threads: usize,
    max_threads: usize,
    /// Threads to keep when nothing is stuck.
    keep: usize,
    next: u64,
}

impl<S: Fn(&Path) -> io::Result<Space> + Clone + Send + 'static> Asker<S> {
    /// Starts no thread yet.
    pub fn new(keep: usize, stat: S) -> Self {
        let (jobs, queue) = bounded(MAX_QUEUED);
        // Room for all that can be under way, so that no thread ever waits to be rid of its answer.
        let (report, done) = bounded(MAX_QUEUED + MAX_THREADS);
        let (stuck, max_threads) = (HashMap::new(), MAX_THREADS);
        Self { stat, jobs, queue, done, report, stuck, threads: 0, max_threads, keep: keep.max(1), next: 0 }
    }

    /// Asks for the space of each target, and returns the answers in the same order. An error: there is no thread to ask
    /// with and none can be started.
    pub fn ask(&mut self, targets: &[Target], alarms: &Alarms) -> io::Result<Vec<Answer>> {
        while let Ok(done) = self.done.try_recv() {
            self.come_back(done.id);
        }
        let stuck: HashSet<&Target> = self.stuck.values().collect();
        let mut distinct = HashSet::new();
        let healthy = targets.iter().filter(|target| !stuck.contains(target) && distinct.insert(*target));
        let waiting: VecDeque<Target> = healthy.cloned().collect();
        if self.threads == self.stuck.len() && !waiting.is_empty() {
            match self.start() {
                Err(e) if self.threads == 0 => return Err(e),
                // All that there may be hang; what waits is silent with them.
                Err(e) => log::debug!("collector filesystem: no further thread: {e}"),
                Ok(()) => {}
            }
        }
        let answers = self.gather(waiting, alarms);
        self.shrink();
        Ok(targets.iter().map(|target| answers.get(target).cloned().unwrap_or(Answer::Silent)).collect())
    }

    /// Hands out jobs and takes answers until all are there or the deadline is. What has no answer is silent.
    fn gather(&mut self, mut waiting: VecDeque<Target>, alarms: &Alarms) -> HashMap<Target, Answer> {
        let (mut answers, mut asked) = (HashMap::new(), HashMap::new());
        loop {
            while !self.jobs.is_full()
                && let Some(target) = waiting.pop_front()
            {
                self.next += 1;
                if self.jobs.try_send(Job::Ask(self.next, target.clone())).is_ok() {
                    asked.insert(self.next, target);
                }
            }
            if asked.is_empty() || self.threads == self.stuck.len() {
                break;
            }
            select! {
                recv(self.done) -> done => if let Ok(done) = done { self.take(done, &mut asked, &mut answers) },
                recv(alarms.patience) -> _ => self.pass_by(),
                recv(alarms.deadline) -> _ => break,
            }
        }
        // Nobody has begun with these: they are asked again next time.
        while let Ok(job) = self.queue.try_recv() {
            match job {
                Job::Ask(id, _) => drop(asked.remove(&id)),
                // Nor has a thread ended yet that was to.
                Job::End => self.threads += 1,
            }
        }
        while let Ok(done) = self.done.try_recv() {
            self.take(done, &mut asked, &mut answers);
        }
        for target in asked.values() {
            let path = target.path.display();
            log::warn!("collector filesystem: {path} does not respond; it is left alone until it does");
        }
        self.stuck.extend(asked);
        answers
    }

    /// Takes an answer, or notes that a thread is back from a mount that was stuck.
    fn take(&mut self, done: Done, asked: &mut HashMap<u64, Target>, answers: &mut HashMap<Target, Answer>) {
        let Some(target) = asked.remove(&done.id) else {
            return self.come_back(done.id);
        };
        let answer = match done.result {
            Ok(space) => Answer::Space(space),
            Err(e) => {
                log::debug!("collector filesystem: {}: {e}", target.path.display());
                Answer::Failed(reason(&e))
            }
        };
        answers.insert(target, answer);
    }

    fn come_back(&mut self, id: u64) {
        if let Some(target) = self.stuck.remove(&id) {
            log::info!("collector filesystem: {} responds again", target.path.display());
        }
    }

    /// Starts a thread if there is something that nobody has begun with.
    fn pass_by(&mut self) {
        if !self.queue.is_empty()
            && let Err(e) = self.start()
        {
            log::debug!("collector filesystem: no further thread: {e}");
        }
    }

    fn start(&mut self) -> io::Result<()> {
        if self.threads >= self.max_threads {
            return Err(io::Error::other(format!("{} threads wait for mounts", self.threads)));
        }
        let (queue, report, stat) = (self.queue.clone(), self.report.clone(), self.stat.clone());
        let work = move || {
            // Ends when the collector is gone, on request, or with the process: a stuck one can't be joined.
            while let Ok(Job::Ask(id, target)) = queue.recv() {
                if report.send(Done { id, result: stat(&target.path) }).is_err() {
                    break;
                }
            }
        };
        thread::Builder::new().name("mount-stat".into()).stack_size(STACK_BYTES).spawn(work)?;
        self.threads += 1;
        Ok(())
    }

    /// Ends the threads that are not needed any more after mounts came back.
    fn shrink(&mut self) {
        while self.threads - self.stuck.len() > self.keep && self.jobs.try_send(Job::End).is_ok() {
            self.threads -= 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crossbeam_channel::{Select, never, unbounded};
    use std::sync::Arc;

    const SPACE: Space = Space { size: 5.0, free: 4.0, avail: 3.0, files: 2.0, files_free: 1.0 };

    /// Mounts that tests hold up and let go.
    struct Mounts {
        patience: Sender<Instant>,
        deadline: Sender<Instant>,
        asked: Sender<PathBuf>,
        gate: Receiver<()>,
    }

    /// The other ends of the channels in [`Mounts`].
    struct Hand {
        alarms: Alarms,
        asked: Receiver<PathBuf>,
        gate: Sender<()>,
    }

    /// `/ok` answers, `/bad` fails. `/dead` hangs and makes the scrape lose its patience, `/last` hangs and makes the
    /// deadline come: no test has to wait for a clock.
    fn stat(mounts: &Mounts, path: &Path) -> io::Result<Space> {
        mounts.asked.send(path.to_owned()).unwrap();
        let path = path.to_str().unwrap();
        for (mount, alarm) in [("/dead", &mounts.patience), ("/last", &mounts.deadline)] {
            if path.starts_with(mount) {
                alarm.send(Instant::now()).unwrap();
                mounts.gate.recv().unwrap();
            }
        }
        if path.starts_with("/bad") { Err(io::ErrorKind::NotFound.into()) } else { Ok(SPACE) }
    }

    fn asker(keep: usize) -> (Asker<impl Fn(&Path) -> io::Result<Space> + Clone + Send + 'static>, Hand) {
        let ((patience, p), (deadline, d), (asked, a), (g, gate)) =
            (unbounded(), unbounded(), unbounded(), unbounded());
        let mounts = Arc::new(Mounts { patience, deadline, asked, gate });
        let hand = Hand { alarms: Alarms { patience: p, deadline: d }, asked: a, gate: g };
        (Asker::new(keep, move |path: &Path| stat(&mounts, path)), hand)
    }

    fn target(path: &str) -> Target {
        Target { path: path.into(), device: (0, 48) }
    }

    fn targets(paths: &[&str]) -> Vec<Target> {
        paths.iter().map(|path| target(path)).collect()
    }

    impl Hand {
        fn asked(&self) -> Vec<String> {
            self.asked.try_iter().map(|path| path.to_str().unwrap().to_owned()).collect()
        }
    }

    #[test]
    fn one_thread_asks_healthy_mounts_scrape_after_scrape() {
        let (mut asker, hand) = asker(4);
        let many: Vec<Target> = (0..3 * MAX_QUEUED).map(|i| target(&format!("/ok/{i}"))).collect();
        for _ in 0..3 {
            let got = asker.ask(&many, &Alarms { patience: never(), deadline: never() }).unwrap();
            assert_eq!(got, vec![Answer::Space(SPACE); many.len()]);
            assert_eq!((hand.asked().len(), asker.threads), (many.len(), 1));
        }
    }

    #[test]
    fn answers_come_in_order_and_a_mount_is_asked_once() {
        let (mut asker, hand) = asker(4);
        let got = asker.ask(&targets(&["/ok", "/bad", "/ok"]), &hand.alarms).unwrap();
        assert_eq!(got, [Answer::Space(SPACE), Answer::Failed("entity not found".into()), Answer::Space(SPACE)]);
        assert_eq!(hand.asked(), ["/ok", "/bad"]);
        assert_eq!(asker.ask(&[], &hand.alarms).unwrap(), []);
    }

    #[test]
    fn a_dead_mount_is_passed_by_and_left_alone_until_it_answers() {
        let (mut asker, hand) = asker(1);
        let mounts = targets(&["/ok", "/dead", "/ok/2", "/last"]);
        let want = [Answer::Space(SPACE), Answer::Silent, Answer::Space(SPACE), Answer::Silent];
        assert_eq!(asker.ask(&mounts, &hand.alarms).unwrap(), want);
        assert_eq!(hand.asked(), ["/ok", "/dead", "/ok/2", "/last"]);
        assert_eq!((asker.threads, asker.stuck.len()), (2, 2), "a thread is in each");

        for _ in 0..5 {
            assert_eq!(asker.ask(&mounts, &hand.alarms).unwrap(), want);
            assert_eq!(hand.asked(), ["/ok", "/ok/2"], "the dead are not asked");
            assert_eq!((asker.threads, asker.stuck.len()), (3, 2), "threads do not pile up");
        }

        for left in [1, 0] {
            hand.gate.send(()).unwrap();
            let mut back = Select::new();
            back.recv(&asker.done);
            back.ready();
            let ok = targets(&["/ok"]);
            assert_eq!(asker.ask(&ok, &hand.alarms).unwrap(), [Answer::Space(SPACE)]);
            assert_eq!((asker.threads, asker.stuck.len()), (1 + left, left), "surplus threads end");
        }
    }

    #[test]
    fn with_all_threads_stuck_mounts_are_silent_and_no_scrape_hangs() {
        let (mut asker, hand) = asker(1);
        asker.max_threads = 2;
        let mounts = targets(&["/dead", "/last", "/ok"]);
        for _ in 0..3 {
            assert_eq!(asker.ask(&mounts, &hand.alarms).unwrap(), vec![Answer::Silent; 3]);
            assert_eq!((asker.threads, asker.stuck.len()), (2, 2));
        }
        assert_eq!(hand.asked(), ["/dead", "/last"]);
    }
}
