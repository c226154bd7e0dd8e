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
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// Threads, stuck ones included. With that many dead mounts, further ones are reported without being asked.
const MAX_THREADS: usize = 32;
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

impl Answer {
    /// What a mount answered.
    pub fn of(path: &Path, result: io::Result<Space>) -> Self {
        match result {
            Ok(space) => Self::Space(space),
            Err(e) => {
                log::debug!("collector filesystem: {}: {e}", path.display());
                Self::Failed(reason(&e))
            }
        }
    }
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

struct Done {
    id: u64,
    result: io::Result<Space>,
}

/// What the threads share with the collector.
struct Desk {
    papers: Mutex<Papers>,
    /// Tells a thread that there is something to do.
    called: Condvar,
    /// Tells the collector that all is answered. It is not told of each answer, since to wake costs more than to ask.
    finished: Sender<()>,
}

#[derive(Default)]
struct Papers {
    /// What nobody has begun with, by numbers that count on from scrape to scrape.
    jobs: VecDeque<(u64, Target)>,
    done: Vec<Done>,
    /// The first number of this scrape.
    first: u64,
    /// How many of its jobs are not done.
    left: usize,
    /// How many threads are to end.
    surplus: usize,
    /// Whether the collector is gone.
    over: bool,
}

impl Desk {
    /// Asks mounts until the thread is one too many. Ends with the process otherwise: a stuck one can't be joined.
    fn work(&self, stat: impl Fn(&Path) -> io::Result<Space>) {
        let mut papers = self.papers();
        loop {
            if papers.over {
                return;
            }
            if let Some((id, target)) = papers.jobs.pop_front() {
                drop(papers);
                let result = stat(&target.path);
                papers = self.papers();
                papers.done.push(Done { id, result });
                if id >= papers.first {
                    papers.left -= 1;
                    if papers.left == 0 {
                        // There is room: each scrape takes what an earlier one was told.
                        self.finished.try_send(()).ok();
                    }
                }
            } else if papers.surplus > 0 {
                papers.surplus -= 1;
                return;
            } else {
                papers = self.called.wait(papers).unwrap_or_else(PoisonError::into_inner);
            }
        }
    }

    fn papers(&self) -> MutexGuard<'_, Papers> {
        // A panic ends the process, so no lock is ever poisoned by one.
        self.papers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Threads and what they are at.
pub struct Asker<S = Stat> {
    stat: S,
    desk: Arc<Desk>,
    finished: Receiver<()>,
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
        let (tell, finished) = bounded(1);
        let desk = Arc::new(Desk { papers: Mutex::default(), called: Condvar::new(), finished: tell });
        let (stuck, max_threads) = (HashMap::new(), MAX_THREADS);
        Self { stat, desk, finished, stuck, threads: 0, max_threads, keep: keep.max(1), next: 0 }
    }

    /// Asks for the space of each target, and returns the answers in the same order. An error: there is no thread to ask
    /// with and none can be started.
    pub fn ask(&mut self, targets: &[Target], alarms: &Alarms) -> io::Result<Vec<Answer>> {
        let back = std::mem::take(&mut self.desk.papers().done);
        back.iter().for_each(|done| self.come_back(done.id));
        let stuck: HashSet<&Target> = self.stuck.values().collect();
        let mut distinct = HashSet::new();
        let healthy = targets.iter().filter(|target| !stuck.contains(target) && distinct.insert(*target));
        let asked: HashMap<u64, Target> = (self.next..).zip(healthy.cloned()).collect();
        if self.threads == self.stuck.len() && !asked.is_empty() {
            match self.start() {
                Err(e) if self.threads == 0 => return Err(e),
                // All that there may be hang; what waits is silent with them.
                Err(e) => log::debug!("collector filesystem: no further thread: {e}"),
                Ok(()) => {}
            }
        }
        let answers = self.gather(asked, alarms);
        self.shrink();
        Ok(targets.iter().map(|target| answers.get(target).cloned().unwrap_or(Answer::Silent)).collect())
    }

    /// Hands out jobs and waits until all are done or the deadline is there. What has no answer is silent.
    fn gather(&mut self, mut asked: HashMap<u64, Target>, alarms: &Alarms) -> HashMap<Target, Answer> {
        let mut answers = HashMap::new();
        if asked.is_empty() {
            return answers;
        }
        self.hand_out(&asked);
        while self.threads > self.stuck.len() {
            select! {
                recv(self.finished) -> _ => break,
                recv(alarms.patience) -> _ => self.pass_by(),
                recv(alarms.deadline) -> _ => break,
            }
        }
        let (unbegun, done) = {
            let mut papers = self.desk.papers();
            (papers.first, papers.left) = (self.next, 0);
            (std::mem::take(&mut papers.jobs), std::mem::take(&mut papers.done))
        };
        // Nobody has begun with these: they are asked again next time.
        unbegun.iter().for_each(|(id, _)| drop(asked.remove(id)));
        done.into_iter().for_each(|done| self.take(done, &mut asked, &mut answers));
        for target in asked.values() {
            let path = target.path.display();
            log::warn!("collector filesystem: {path} does not respond; it is left alone until it does");
        }
        self.stuck.extend(asked);
        answers
    }

    fn hand_out(&mut self, asked: &HashMap<u64, Target>) {
        let mut papers = self.desk.papers();
        papers.first = self.next;
        papers.left = asked.len();
        // Those that were to end and have not yet.
        self.threads += std::mem::take(&mut papers.surplus);
        // What is left of an earlier scrape, whose deadline came first.
        self.finished.try_recv().ok();
        while let Some(target) = asked.get(&self.next) {
            papers.jobs.push_back((self.next, target.clone()));
            self.next += 1;
        }
        drop(papers);
        self.desk.called.notify_one();
    }

    /// Takes an answer, or notes that a thread is back from a mount that was stuck.
    fn take(&mut self, done: Done, asked: &mut HashMap<u64, Target>, answers: &mut HashMap<Target, Answer>) {
        let Some(target) = asked.remove(&done.id) else {
            return self.come_back(done.id);
        };
        let answer = Answer::of(&target.path, done.result);
        answers.insert(target, answer);
    }

    fn come_back(&mut self, id: u64) {
        if let Some(target) = self.stuck.remove(&id) {
            log::info!("collector filesystem: {} responds again", target.path.display());
        }
    }

    /// Starts a thread if there is something that nobody has begun with.
    fn pass_by(&mut self) {
        let waits = !self.desk.papers().jobs.is_empty();
        if waits && let Err(e) = self.start() {
            log::debug!("collector filesystem: no further thread: {e}");
        }
    }

    fn start(&mut self) -> io::Result<()> {
        if self.threads >= self.max_threads {
            return Err(io::Error::other(format!("{} threads wait for mounts", self.threads)));
        }
        let (desk, stat) = (Arc::clone(&self.desk), self.stat.clone());
        let work = move || desk.work(stat);
        thread::Builder::new().name("mount-stat".into()).stack_size(STACK_BYTES).spawn(work)?;
        self.threads += 1;
        Ok(())
    }

    /// Ends the threads that are not needed any more after mounts came back.
    fn shrink(&mut self) {
        let surplus = (self.threads - self.stuck.len()).saturating_sub(self.keep);
        if surplus > 0 {
            self.threads -= surplus;
            self.desk.papers().surplus += surplus;
            self.desk.called.notify_all();
        }
    }
}

impl<S> Drop for Asker<S> {
    fn drop(&mut self) {
        self.desk.papers().over = true;
        self.desk.called.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crossbeam_channel::{never, unbounded};

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
        let many: Vec<Target> = (0..200).map(|i| target(&format!("/ok/{i}"))).collect();
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
            while asker.desk.papers().done.is_empty() {
                thread::yield_now();
            }
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
