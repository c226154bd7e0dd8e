//! Lines on to another StatsD server, over UDP: whole lines, as many as fit in a packet, at least once a second.
//!
//! A receiving thread never waits for it: it leaves each batch in a bounded queue, or drops it and counts its lines.
//!
//! What a datagram or frame brings goes on whatever the agent itself makes of it, a line that is too long for its parser
//! as well: the peer may have other limits. Of a stream's line that is too long nothing is kept, so nothing goes on. As
//! statsd_exporter has both.

mod lookup;

use super::settings::RelayTarget;
use crate::listen;
use crate::once::Throttle;
use crate::stop::Stop;
use crate::telemetry::{Registrar, Registry};
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded, never};
use lookup::Lookup;
use prometheus::IntCounter;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Of the bytes that may wait, so many make room for one batch: what was received at once, a few KiB mostly. A batch takes
/// some memory besides its bytes.
const BATCH_BYTES: usize = 32 << 10;

/// A line waits no longer than this for others to fill its packet.
const FLUSH: Duration = Duration::from_secs(1);

/// How often a thread without work looks whether it is to stop.
const LOOK: Duration = Duration::from_millis(250);

/// Lines of one batch, each with a line feed behind it.
struct Lines {
    text: Vec<u8>,
    count: u64,
}

/// Where receiving threads leave lines.
#[derive(Clone)]
pub struct Relay {
    queue: Sender<Lines>,
    /// Bytes in the queue.
    waiting: Arc<AtomicUsize>,
    /// How many there may be.
    buffer: usize,
    packet_length: usize,
    counters: Counters,
}

#[derive(Clone)]
struct Counters {
    packets: IntCounter,
    long_lines: IntCounter,
    lines: IntCounter,
    dropped: IntCounter,
    failed_lookups: IntCounter,
}

/// The sending side, for a thread of its own.
pub struct Outlet {
    queue: Receiver<Lines>,
    waiting: Arc<AtomicUsize>,
    /// `None` until a name has an address.
    peer: Option<Peer>,
    target: String,
    lookup: Lookup,
    complaints: Throttle,
    packet_length: usize,
    counters: Counters,
    packet: Vec<u8>,
    flush_at: Instant,
}

/// Where lines go, and the socket for them.
pub struct Peer {
    socket: UdpSocket,
    address: SocketAddr,
}

impl Peer {
    /// At an address. The socket is not connected, so that a peer that is away is no error of the next packet.
    pub fn new(address: SocketAddr) -> io::Result<Self> {
        let from: SocketAddr = match address {
            SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
            SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
        };
        let socket = UdpSocket::bind(from)?;
        socket.set_nonblocking(true)?;
        Ok(Self { socket, address })
    }
}

impl Counters {
    fn new(registry: &Registry, target: &str) -> prometheus::Result<Self> {
        let one = |name: &'static str, help: &'static str| -> prometheus::Result<IntCounter> {
            Ok(Registrar(registry).counters(name, help, &["target"])?.with_label_values(&[target]))
        };
        Ok(Self {
            packets: one("statsd_exporter_relay_packets_total", "The number of StatsD packets relayed.")?,
            long_lines: one("statsd_exporter_relay_long_lines_total", "The number lines that were too long to relay.")?,
            lines: one(
                "statsd_exporter_relay_lines_relayed_total",
                "The number of lines that were buffered to be relayed.",
            )?,
            dropped: one(
                "tallyd_statsd_relay_lines_dropped_total",
                "Lines that were not relayed because too many waited, or because the system refused to send them.",
            )?,
            failed_lookups: one(
                "tallyd_statsd_relay_lookup_errors_total",
                "Look-ups of the relay's address that failed, so that lines go where they went before, or wait.",
            )?,
        })
    }
}

/// A relay and its sending side. Without a peer, what the target stands for is looked up.
pub fn new(target: &RelayTarget, peer: Option<Peer>, registry: &Registry) -> prometheus::Result<(Relay, Outlet)> {
    let (sender, receiver) = bounded((target.buffer / BATCH_BYTES).max(1));
    let counters = Counters::new(registry, &target.text)?;
    let RelayTarget { packet_length, buffer, .. } = *target;
    let waiting = Arc::<AtomicUsize>::default();
    let relay =
        Relay { queue: sender, waiting: Arc::clone(&waiting), buffer, packet_length, counters: counters.clone() };
    let now = Instant::now();
    let outlet = Outlet {
        queue: receiver,
        waiting,
        peer,
        target: target.text.clone(),
        lookup: Lookup::new(&target.text, listen::resolve, now),
        complaints: Throttle::default(),
        packet_length,
        counters,
        packet: Vec::new(),
        flush_at: now,
    };
    Ok((relay, outlet))
}

impl Relay {
    /// Leaves a batch of lines to be sent, without waiting.
    pub fn put<'a>(&self, lines: impl Iterator<Item = &'a [u8]>) {
        let mut batch = Lines { text: Vec::new(), count: 0 };
        for line in lines.filter(|line| !line.is_empty()) {
            if line.len() >= self.packet_length {
                self.counters.long_lines.inc();
                continue;
            }
            batch.text.extend_from_slice(line);
            batch.text.push(b'\n');
            batch.count += 1;
        }
        let count = batch.count;
        if count == 0 {
            return;
        }
        let bytes = batch.text.len();
        let fits = self.waiting.fetch_add(bytes, Ordering::Relaxed) + bytes <= self.buffer;
        if fits && self.queue.try_send(batch).is_ok() {
            self.counters.lines.inc_by(count);
        } else {
            self.waiting.fetch_sub(bytes, Ordering::Relaxed);
            self.counters.dropped.inc_by(count);
        }
    }
}

impl Outlet {
    /// Sends until told to stop, and then what is still there.
    pub fn run(mut self, stop: &Stop) {
        loop {
            let now = Instant::now();
            if let Some(found) = self.lookup.poll(now) {
                self.move_to(found, now);
            }
            // Without a peer lines stay in the queue, which is bounded.
            let lines = if self.peer.is_some() { self.queue.recv_timeout(LOOK) } else { never().recv_timeout(LOOK) };
            match lines {
                Ok(lines) => {
                    self.waiting.fetch_sub(lines.text.len(), Ordering::Relaxed);
                    self.add(&lines.text);
                }
                Err(RecvTimeoutError::Timeout) if !stop.is_said() => {}
                Err(_) => return self.finish(),
            }
            if Instant::now() >= self.flush_at {
                self.flush();
            }
        }
    }

    /// Sends the last packet. What still waits for an address is lost, which nobody will read off a counter.
    fn finish(mut self) {
        self.flush();
        let lost: u64 = self.queue.try_iter().map(|lines| lines.count).sum();
        if lost > 0 {
            log::warn!("lines that were not relayed, since {} had no address: {lost}", self.target);
        }
    }

    /// Sends to where the target is now: the same address as long as it is among those of the name.
    fn move_to(&mut self, found: Result<Vec<SocketAddr>, String>, now: Instant) {
        let moved = found.and_then(|found| {
            let is_there = self.peer.as_ref().is_some_and(|peer| found.contains(&peer.address));
            let Some(&to) = found.first().filter(|_| !is_there) else { return Ok(()) };
            let before = self.peer.replace(Peer::new(to).map_err(|e| e.to_string())?);
            match before {
                Some(before) => log::info!("relaying StatsD lines to {to} from now on, not to {}", before.address),
                None => log::info!("relaying StatsD lines to {to}"),
            }
            Ok(())
        });
        if let Err(why) = moved {
            self.counters.failed_lookups.inc();
            let (target, complaints) = (&self.target, &self.complaints);
            match &self.peer {
                Some(Peer { address, .. }) => {
                    complaints.warn(now, format_args!("relaying StatsD lines to {address} as before: {why}"));
                }
                None => complaints.warn(now, format_args!("StatsD lines wait for an address of {target}: {why}")),
            }
        }
    }

    fn add(&mut self, text: &[u8]) {
        for line in text.split_inclusive(|&byte| byte == b'\n') {
            if self.packet.len() + line.len() > self.packet_length {
                self.flush();
            }
            if self.packet.is_empty() {
                // A look is late by its own length at the most.
                self.flush_at = Instant::now() + FLUSH.saturating_sub(LOOK);
            }
            self.packet.extend_from_slice(line);
        }
    }

    fn flush(&mut self) {
        let Some(Peer { socket, address }) = self.peer.as_ref().filter(|_| !self.packet.is_empty()) else { return };
        match socket.send_to(&self.packet, address) {
            Ok(_) => self.counters.packets.inc(),
            Err(e) => {
                log::debug!("relaying StatsD lines to {address}: {e}");
                self.lookup.hurry(Instant::now());
                let lines = self.packet.iter().filter(|byte| **byte == b'\n').count();
                self.counters.dropped.inc_by(lines as u64);
            }
        }
        self.packet.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_lines_fill_packets_and_a_full_queue_drops() {
        let peer = UdpSocket::bind("127.0.0.1:0").unwrap();
        peer.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let to = peer.local_addr().unwrap();
        let target = RelayTarget { text: to.to_string(), packet_length: 12, buffer: 8 * BATCH_BYTES };
        let (relay, mut outlet) = new(&target, Some(Peer::new(to).unwrap()), &Registry::new()).unwrap();
        relay.put([&b"a:1|c"[..], b"", b"b:1|c", b"c:1|c", b"long:11111|c"].into_iter());
        outlet.add(&outlet.queue.recv().unwrap().text);
        outlet.flush();
        let mut buffer = [0; 100];
        for want in ["a:1|c\nb:1|c\n", "c:1|c\n"] {
            let length = peer.recv(&mut buffer).unwrap();
            assert_eq!(std::str::from_utf8(&buffer[..length]), Ok(want));
        }
        for _ in 0..8 + 3 {
            relay.put([&b"a:1|c"[..], b"b:1|c"].into_iter());
        }
        let Counters { packets, long_lines, lines, dropped, .. } = &relay.counters;
        assert_eq!([packets.get(), long_lines.get(), lines.get(), dropped.get()], [2, 1, 3 + 2 * 8, 6]);
    }

    #[test]
    fn lines_follow_a_peer_that_moves_and_stay_where_nothing_better_is_found() {
        let peers = ["127.0.0.1:0", "127.0.0.1:0"].map(|address| UdpSocket::bind(address).unwrap());
        let [first, second] = peers.each_ref().map(|peer| peer.local_addr().unwrap());
        peers.iter().for_each(|peer| peer.set_read_timeout(Some(Duration::from_secs(10))).unwrap());
        let target = RelayTarget { text: "peer:8125".into(), packet_length: 100, buffer: BATCH_BYTES };
        let (_, mut outlet) = new(&target, Some(Peer::new(first).unwrap()), &Registry::new()).unwrap();
        let elsewhere: SocketAddr = "127.0.0.9:9".parse().unwrap();
        for (found, at) in [
            (Ok(vec![elsewhere, first]), 0),
            (Err("no such host".to_owned()), 0),
            (Ok(vec![second, elsewhere]), 1),
            (Err("no such host".to_owned()), 1),
        ] {
            outlet.move_to(found, Instant::now());
            outlet.add(b"a:1|c\n");
            outlet.flush();
            assert_eq!(peers[at].recv(&mut [0; 10]).unwrap(), 6);
        }
        assert_eq!((outlet.counters.failed_lookups.get(), outlet.counters.packets.get()), (2, 4));
    }

    #[test]
    fn lines_wait_for_a_name_that_has_no_address_yet() {
        let peer = UdpSocket::bind("127.0.0.1:0").unwrap();
        peer.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let text = format!("localhost:{}", peer.local_addr().unwrap().port());
        let target = RelayTarget { text, packet_length: 100, buffer: BATCH_BYTES };
        let (relay, mut outlet) = new(&target, None, &Registry::new()).unwrap();
        outlet.move_to(Err("no such host".to_owned()), Instant::now());
        assert!(outlet.peer.is_none());
        relay.put([&b"a:1|c"[..]].into_iter());
        let stop = Arc::new(Stop::new().unwrap());
        let thread = std::thread::spawn({
            let stop = Arc::clone(&stop);
            move || outlet.run(&stop)
        });
        let mut buffer = [0; 100];
        let length = peer.recv(&mut buffer).unwrap();
        assert_eq!(&buffer[..length], b"a:1|c\n");
        stop.say();
        thread.join().unwrap();
        let Counters { packets, dropped, failed_lookups, .. } = &relay.counters;
        assert_eq!([packets.get(), dropped.get(), failed_lookups.get()], [1, 0, 1]);
    }
}
