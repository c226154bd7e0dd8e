//! Where a name leads, asked again from time to time on a thread of its own: a resolver may take its time, and lines
//! must not wait for it.

use crate::threads::STACK_BYTES;
use crossbeam_channel::{Receiver, TryRecvError, bounded};
use std::net::SocketAddr;
use std::thread::Builder;
use std::time::{Duration, Instant};

/// How often a name is looked up. What DNS says of its lifetime does not reach us: getaddrinfo(3) has no word for it.
const INTERVAL: Duration = Duration::from_secs(60);

/// How soon after a packet that could not be sent, or a look-up that failed.
const RETRY: Duration = Duration::from_secs(5);

/// Finds the addresses of `host:port`.
pub type Resolve = fn(&str) -> Result<Vec<SocketAddr>, String>;

/// The address of a peer as of the last look-up.
pub struct Lookup {
    target: String,
    resolve: Resolve,
    /// When to ask next; `None` for a target that is an address itself.
    due: Option<Instant>,
    under_way: Option<Receiver<Result<Vec<SocketAddr>, String>>>,
}

impl Lookup {
    /// For a target that is a name, and asked for at once; or an address.
    pub fn new(target: &str, resolve: Resolve, now: Instant) -> Self {
        let is_name = target.parse::<SocketAddr>().is_err();
        Self { target: target.to_owned(), resolve, due: is_name.then_some(now), under_way: None }
    }

    /// A packet could not be sent: perhaps the peer has moved.
    pub fn hurry(&mut self, now: Instant) {
        self.due = self.due.map(|due| due.min(now + RETRY));
    }

    /// Asks when it is time, and returns what came of the question before, without waiting for it.
    pub fn poll(&mut self, now: Instant) -> Option<Result<Vec<SocketAddr>, String>> {
        let Some(answer) = &self.under_way else {
            if self.due.is_some_and(|due| now >= due) {
                self.ask();
            }
            return None;
        };
        let result = match answer.try_recv() {
            Ok(result) => result,
            Err(TryRecvError::Empty) => return None,
            Err(TryRecvError::Disconnected) => Err("no thread for it".into()),
        };
        self.under_way = None;
        self.due = Some(now + if result.is_ok() { INTERVAL } else { RETRY });
        Some(result)
    }

    /// The thread is left alone when the agent stops: who hangs in a resolver can't be called back.
    fn ask(&mut self) {
        let (sender, answer) = bounded(1);
        let (target, resolve) = (self.target.clone(), self.resolve);
        // Nobody waits for an answer any more where the relay has ended; without a thread, the sender is gone.
        let body = move || drop(sender.send(resolve(&target)));
        drop(Builder::new().name("statsd-lookup".into()).stack_size(STACK_BYTES).spawn(body));
        self.under_way = Some(answer);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(lookup: &mut Lookup, now: Instant) -> Result<Vec<SocketAddr>, String> {
        loop {
            match lookup.poll(now) {
                Some(result) => return result,
                None => std::thread::yield_now(),
            }
        }
    }

    #[test]
    fn a_name_is_asked_for_in_time_and_sooner_after_trouble() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut lookup = Lookup::new("localhost:8125", crate::listen::resolve, start);
        let found = answer(&mut lookup, at(0)).unwrap();
        assert!(found.iter().all(|address| address.ip().is_loopback()), "{found:?}");
        assert!(lookup.poll(at(59)).is_none() && lookup.under_way.is_none());
        assert_eq!(answer(&mut lookup, at(60)).unwrap(), found);
        assert!(lookup.poll(at(119)).is_none() && lookup.under_way.is_none());
        lookup.hurry(at(70));
        let mut lookup = Lookup { resolve: |_| Err("no such host".into()), ..lookup };
        assert_eq!(answer(&mut lookup, at(75)), Err("no such host".into()));
        assert!(lookup.poll(at(79)).is_none() && lookup.under_way.is_none());
        assert_eq!(answer(&mut lookup, at(80)), Err("no such host".into()));
    }

    #[test]
    fn an_address_is_never_asked_for() {
        let start = Instant::now();
        let mut lookup = Lookup::new("[::1]:8125", |_| panic!("asked"), start);
        lookup.hurry(start);
        assert!(lookup.poll(start + INTERVAL * 2).is_none() && lookup.under_way.is_none());
    }
}
