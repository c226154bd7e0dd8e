//! A thing that one thread at a time has, and that may not come back: others wait for it until a deadline at most, and
//! not at all once someone has given it up.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The place of the thing.
pub struct Slot<T> {
    state: Mutex<State<T>>,
    back: Condvar,
}

struct State<T> {
    thing: Option<T>,
    /// When it was last taken.
    taken: Instant,
    /// Whether someone said so since.
    given_up: bool,
    /// How many wait for it. To wake nobody would be a system call for nothing.
    waiting: usize,
}

/// How long a thing that is given up has been away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GivenUp {
    /// Since it was taken.
    pub away: Duration,
    /// Whether nobody had given it up before.
    pub first: bool,
}

impl<T> Slot<T> {
    /// A slot with the thing in it.
    pub fn new(thing: T) -> Self {
        let state = State { thing: Some(thing), taken: Instant::now(), given_up: false, waiting: 0 };
        Self { state: Mutex::new(state), back: Condvar::new() }
    }

    /// Takes the thing; `None`: it was not there by the deadline, or is not waited for.
    pub fn take(&self, deadline: Instant) -> Option<T> {
        let (mut state, now) = (self.lock(), Instant::now());
        let waits = |state: &mut State<T>| state.thing.is_none() && !state.given_up;
        if waits(&mut state) {
            state.waiting += 1;
            let waited = self.back.wait_timeout_while(state, deadline.saturating_duration_since(now), waits);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
            state.waiting -= 1;
        }
        let thing = state.thing.take()?;
        state.taken = Instant::now();
        Some(thing)
    }

    /// Puts the thing back. Whether it had been given up.
    pub fn put(&self, thing: T) -> bool {
        let mut state = self.lock();
        state.thing = Some(thing);
        if state.waiting > 0 {
            self.back.notify_one();
        }
        std::mem::take(&mut state.given_up)
    }

    /// Says that nobody is to wait for it until it is back; `None` if it is not away.
    pub fn give_up(&self) -> Option<GivenUp> {
        let mut state = self.lock();
        if state.thing.is_some() {
            return None;
        }
        let first = !std::mem::replace(&mut state.given_up, true);
        self.back.notify_all();
        Some(GivenUp { away: state.taken.elapsed(), first })
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        // A panic ends the process, so no lock is ever poisoned by one.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::thread;

    /// Far above what a slow machine needs.
    const PATIENCE: Duration = Duration::from_secs(60);

    #[test]
    fn one_has_it_and_others_wait_until_their_deadline() {
        let slot = Slot::new(7);
        let later = || Instant::now() + PATIENCE;
        assert_eq!(slot.give_up(), None, "it is there");
        assert_eq!(slot.take(Instant::now()), Some(7), "no need to wait");
        assert_eq!(slot.take(Instant::now()), None);
        thread::scope(|scope| {
            let waiting = scope.spawn(|| slot.take(later()));
            assert!(!slot.put(8));
            assert_eq!(waiting.join().unwrap(), Some(8));
        });
        assert!(!slot.put(9));
    }

    #[test]
    fn what_was_given_up_is_not_waited_for_until_it_is_back() {
        let slot = Slot::new(7);
        assert_eq!(slot.take(Instant::now()), Some(7));
        thread::scope(|scope| {
            let waiting = scope.spawn(|| slot.take(Instant::now() + PATIENCE));
            let first = [slot.give_up(), slot.give_up()].map(|gone| gone.map(|gone| gone.first));
            assert_eq!(first, [Some(true), Some(false)]);
            assert_eq!(waiting.join().unwrap(), None, "who waits waits no longer");
        });
        assert_eq!(slot.take(Instant::now() + PATIENCE), None, "nobody waits");
        assert!(slot.put(7), "it is back");
        assert_eq!(slot.take(Instant::now()), Some(7));
        assert_eq!(slot.give_up().map(|gone| gone.first), Some(true));
    }
}
