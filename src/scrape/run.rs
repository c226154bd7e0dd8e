//! The host's part of one scrape: which collectors are to run, what those that are done have written, and its end.

use crate::encode::Encoder;
use crate::host::{Host, Outcome, Picked, Selection};
use crate::web::Ready;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// A run through the collectors of a selection, by one thread or more.
pub struct Run {
    selection: Selection,
    deadline: Instant,
    /// Where it is said that it is over, when somebody does something else meanwhile.
    ready: Ready,
    state: Mutex<State>,
    over: Condvar,
}

/// How far a run has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// All are done, or the deadline has come.
    Over,
    /// So many are not done, and there may be some that nobody has begun with.
    Left {
        /// How many.
        count: usize,
        /// Whether there are such.
        unbegun: bool,
    },
}

struct State {
    /// What collectors that are done have written, each whole. `None` after the end: who is late writes nowhere.
    body: Option<Encoder>,
    outcomes: Vec<Option<Outcome>>,
    /// The first that nobody has begun with.
    next: usize,
    /// How many are not done.
    left: usize,
    /// Whether its end is to be told.
    is_awaited: bool,
}

impl Run {
    /// A run that nobody has begun with; what is written goes to the end of `body`.
    pub fn new(selection: Selection, deadline: Instant, body: Encoder, ready: Ready) -> Self {
        let left = selection.picked().len();
        let state = State { body: Some(body), outcomes: vec![None; left], next: 0, left, is_awaited: false };
        Self { selection, deadline, ready, state: Mutex::new(state), over: Condvar::new() }
    }

    /// Runs collectors one after another until nobody has to begin with any. Whether the last of all is done, which is
    /// for [`tell`](Self::tell) to say.
    pub fn work(&self, host: &Host) -> bool {
        let Some(mut part) = self.state().body.as_ref().map(Encoder::part) else { return false };
        let mut is_over = false;
        while let Some((at, picked)) = self.next() {
            let outcome = host.run(picked, self.deadline, &mut part);
            is_over = self.done(at, outcome, &mut part);
        }
        is_over
    }

    /// Tells who waits that it is over.
    pub fn tell(&self) {
        let is_awaited = self.state().is_awaited;
        self.over.notify_one();
        if is_awaited {
            self.ready.say();
        }
    }

    fn next(&self) -> Option<(usize, Picked)> {
        let mut state = self.state();
        let at = state.next;
        let picked = *self.selection.picked().get(at).filter(|_| state.body.is_some())?;
        state.next += 1;
        Some((at, picked))
    }

    /// Whether it was the last one.
    fn done(&self, at: usize, outcome: Option<Outcome>, part: &mut Encoder) -> bool {
        let mut state = self.state();
        let Some(body) = &mut state.body else { return false };
        body.append(part);
        if let Some(place) = state.outcomes.get_mut(at) {
            *place = outcome;
        }
        state.left -= 1;
        state.left == 0
    }

    /// When it is over at the latest.
    pub fn deadline(&self) -> Instant {
        self.deadline
    }

    /// Waits for its end for no longer than this. If that is too short, the end will be told.
    pub fn wait(&self, patience: Duration) -> Progress {
        let while_at_it = patience.min(self.deadline.saturating_duration_since(Instant::now()));
        let waited = self.over.wait_timeout_while(self.state(), while_at_it, |state| state.left > 0);
        let mut state = waited.unwrap_or_else(PoisonError::into_inner).0;
        if state.left == 0 || Instant::now() >= self.deadline {
            return Progress::Over;
        }
        state.is_awaited = true;
        Progress::Left { count: state.left, unbegun: state.next < state.outcomes.len() }
    }

    /// Ends it for want of anyone who reads: nobody begins with what is left.
    pub fn abandon(&self) {
        self.state().body = None;
    }

    /// Ends it: the body with what was written and a report. Who is not done by now is given up, and counted.
    pub fn end(&self, host: &Host) -> (Encoder, usize) {
        let (body, outcomes) = {
            let mut state = self.state();
            (state.body.take(), std::mem::take(&mut state.outcomes))
        };
        // It is there: nobody else ends the run.
        let mut body = body.unwrap_or_default();
        let late = outcomes.iter().filter(|outcome| outcome.is_none()).count();
        let all = outcomes.into_iter().zip(self.selection.picked());
        let outcomes: Vec<Outcome> =
            all.map(|(outcome, &picked)| outcome.unwrap_or_else(|| host.give_up(picked))).collect();
        host.report(&self.selection, &outcomes, &mut body);
        (body, late)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A panic ends the process, so no lock is ever poisoned by one.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
