//! The thread of one socket for datagrams, UDP or unix.

use super::batch::Batch;
use super::socket::Bound;
use super::{AllowList, Ingest, Shared, sys};
use crate::once::Throttle;
use crate::stop::Stop;
use prometheus::IntCounter;
use rustix::event::{PollFd, PollFlags, poll};
use std::os::fd::AsFd;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// Rest after a batch that was not full. Packets that come meanwhile are read together: that halves what a packet of
/// one line costs, and longer rests bring nothing more.
const REST: Duration = Duration::from_micros(50);

/// How long a stop may take to read what has come before it.
const DRAIN: Duration = Duration::from_millis(500);

/// Rest after an error of the socket, so that one that stays does not spin.
const REST_AFTER_ERROR: Duration = Duration::from_millis(100);

/// Receives from those who may send until told to stop, and then what is still there; but what is in a socket that a
/// service manager keeps is the next agent's.
pub fn run(socket: &Bound<impl AsFd>, shared: &Shared, packets: &IntCounter, allow: &AllowList) {
    let Shared { metrics, stop, .. } = shared;
    let (mut batch, complaints, mut deadline) = (Batch::new(), Throttle::default(), None);
    loop {
        if stop.is_said()
            && (socket.is_kept || Instant::now() > *deadline.get_or_insert_with(|| Instant::now() + DRAIN))
        {
            return;
        }
        match batch.receive(socket, allow) {
            Ok(0) if stop.is_said() => return,
            Ok(0) => wait(socket, stop),
            Ok(count) => {
                packets.inc_by(count as u64);
                metrics.cut_packets.inc_by(batch.cut() as u64);
                if !allow.is_empty() {
                    metrics.udp_refused.inc_by(batch.refused() as u64);
                }
                shared.ingest(batch.lines());
                if !batch.is_full() {
                    thread::sleep(REST);
                }
            }
            Err(e) => {
                metrics.socket_errors.inc();
                complaints.warn(Instant::now(), format_args!("reading StatsD datagrams: {e}"));
                thread::sleep(REST_AFTER_ERROR);
            }
        }
    }
}

/// Waits until something comes or the stop is said. An error of poll(2) is an interruption: the caller looks again.
fn wait(socket: &impl AsFd, stop: &Stop) {
    let mut descriptors = [PollFd::new(socket, PollFlags::IN), PollFd::new(stop, PollFlags::IN)];
    if poll(&mut descriptors, None).is_err() {
        thread::yield_now();
    }
}

/// Reads how many datagrams the kernel dropped at a socket; adds what is new to a counter when asked.
pub struct Drops<S> {
    socket: S,
    seen: AtomicU32,
}

impl<S: AsFd> Drops<S> {
    /// Watches a socket. What was dropped before is part of the count: one that a service manager keeps has dropped it
    /// while no agent was there.
    pub fn new(socket: S) -> Self {
        Self { socket, seen: AtomicU32::new(0) }
    }

    /// Adds what was dropped since the last call. The kernel counts modulo 2^32.
    pub fn add_to(&self, counter: &IntCounter) {
        if let Some(now) = sys::dropped(self.socket.as_fd()) {
            let before = self.seen.swap(now, Ordering::Relaxed);
            counter.inc_by(u64::from(now.wrapping_sub(before)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flag::Values;
    use crate::statsd::map::Mapper;
    use crate::statsd::receive::{Lengths, Metrics, StreamLimits};
    use crate::statsd::settings::Settings;
    use crate::statsd::{self, Clock, Pipeline};
    use crate::telemetry::Registry;
    use std::net::UdpSocket;
    use std::sync::Arc;

    /// An agent that is told to stop before it has read what waits: the packets that it takes, and those that are left.
    fn stopped(is_kept: bool) -> (u64, usize) {
        let registry = Registry::new();
        let sections = crate::config::sections();
        let flags = Values::defaults(sections.iter().flat_map(|section| &section.flags));
        let options = Settings::new(&flags).unwrap().options;
        let shared = Shared {
            pipeline: Arc::new(Pipeline::new(statsd::Metrics::new(&registry).unwrap(), &options, Mapper::empty())),
            metrics: Arc::new(Metrics::new(&registry).unwrap()),
            clock: Clock::start(),
            stop: Arc::new(Stop::new().unwrap()),
            allow: AllowList::default(),
            streams: StreamLimits {
                connections: 1,
                per_address: 1,
                idle: None,
                lengths: Lengths { line: 1, frame: 1 },
            },
            relay: None,
        };
        let bound = Bound { socket: UdpSocket::bind("127.0.0.1:0").unwrap(), file: None, is_kept };
        let to = bound.socket.local_addr().unwrap();
        (0..3).for_each(|_| assert_eq!(bound.socket.send_to(b"a:1|c", to).unwrap(), 5));
        shared.stop.say();
        run(&bound, &shared, &shared.metrics.udp_packets, &shared.allow);
        bound.socket.set_nonblocking(true).unwrap();
        let left = (0..).take_while(|_| bound.socket.recv(&mut [0; 9]).is_ok()).count();
        (shared.metrics.udp_packets.get(), left)
    }

    #[test]
    fn what_waits_at_the_stop_is_taken_unless_the_socket_is_kept_for_the_next_agent() {
        assert_eq!((stopped(false), stopped(true)), ((3, 0), (0, 3)));
    }
}
