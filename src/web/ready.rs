//! Bodies that are not ready: what they wait for may take seconds, and the thread that reads them has others to answer.

use super::wake::Waker;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// Between a body that is not ready and the front, which holds its connection meanwhile. Clones are one.
#[derive(Clone)]
pub struct Ready(Arc<Shared>);

struct Shared {
    state: Mutex<State>,
    waker: Arc<Waker>,
}

#[derive(Default)]
struct State {
    is_said: bool,
    again: Option<Instant>,
}

impl Ready {
    /// Wakes by this waker.
    pub(super) fn new(waker: &Arc<Waker>) -> Self {
        Self(Arc::new(Shared { state: Mutex::default(), waker: Arc::clone(waker) }))
    }

    /// What `read` is to return when the body is not ready: it is called again once [`say`](Self::say) was, or at this
    /// time.
    pub fn not_yet(&self, again: Instant) -> io::Error {
        self.lock().again = Some(again);
        io::ErrorKind::WouldBlock.into()
    }

    /// Says that it is time to read again.
    pub fn say(&self) {
        self.lock().is_said = true;
        self.0.waker.wake();
    }

    /// Whether that was said since it was last asked.
    pub(super) fn take(&self) -> bool {
        std::mem::take(&mut self.lock().is_said)
    }

    /// When to read again at the latest.
    pub(super) fn again(&self) -> Option<Instant> {
        self.lock().again
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A panic ends the process, so no lock is ever poisoned by one.
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
