//! Signals as something to wait for, with a limit of time. Source: signal(7).

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use signal_hook::iterator::backend::SignalDelivery;
use signal_hook::iterator::exfiltrator::SignalOnly;
use std::io;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::time::Duration;

/// Signals that are caught from now on.
pub struct Signals(SignalDelivery<UnixStream, SignalOnly>);

impl Signals {
    /// Catches these.
    pub fn catch(signals: &[i32]) -> io::Result<Self> {
        let (read, write) = UnixStream::pair()?;
        SignalDelivery::with_pipe(read, write, SignalOnly, signals).map(Self)
    }

    /// Catches these as well.
    pub fn and(self, signals: &[i32]) -> io::Result<Self> {
        let handle = self.0.handle();
        signals.iter().try_for_each(|signal| handle.add_signal(*signal))?;
        Ok(self)
    }

    /// Waits until one has come, or the time is up. Two of a kind at once are one.
    pub fn wait(&mut self, limit: Option<Duration>) -> io::Result<impl Iterator<Item = i32> + use<>> {
        let limit = limit.and_then(|limit| Timespec::try_from(limit).ok());
        match poll(&mut [PollFd::new(self.0.get_read(), PollFlags::IN)], limit.as_ref()) {
            Ok(_) | Err(Errno::INTR) => Ok(self.0.pending()),
            Err(e) => Err(e.into()),
        }
    }
}

/// Lets a signal pass that would end the process, and tells nothing that an error does not tell as well.
pub fn let_pass(signal: i32) -> io::Result<()> {
    signal_hook::flag::register(signal, Arc::default()).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use signal_hook::consts::{SIGUSR1, SIGUSR2};
    use signal_hook::low_level::raise;

    #[test]
    fn a_wait_ends_with_a_signal_or_in_time() {
        let mut signals = Signals::catch(&[SIGUSR1]).unwrap().and(&[SIGUSR2]).unwrap();
        assert_eq!(signals.wait(Some(Duration::ZERO)).unwrap().count(), 0);
        raise(SIGUSR2).unwrap();
        raise(SIGUSR2).unwrap();
        assert_eq!(signals.wait(None).unwrap().collect::<Vec<_>>(), [SIGUSR2]);
        assert_eq!(signals.wait(Some(Duration::from_millis(1))).unwrap().count(), 0);
    }
}
