//! Sockets to batches of lines. One thread a socket does it all: it receives, and runs the pipeline on what came.

mod allow;
mod batch;
pub mod connection;
mod datagram;
mod metrics;
mod socket;
mod stream;
mod sys;

pub use allow::{AllowList, parse_network};
pub use connection::Lengths;
pub use metrics::{Metrics, StreamCounters};
pub use socket::Sockets;
pub use stream::StreamLimits;

use super::relay::Relay;
use super::{Clock, Pipeline};
use crate::listen::unix::SocketFile;
use crate::stop::Stop;
use crate::threads::Threads;
use datagram::Drops;
use socket::Bound;
use std::io;
use std::net::UdpSocket;
use std::sync::Arc;

/// What all receiving threads share.
#[derive(Clone)]
pub struct Shared {
    /// Where lines go.
    pub pipeline: Arc<Pipeline>,
    /// What the sockets count.
    pub metrics: Arc<Metrics>,
    /// What time it is.
    pub clock: Clock,
    /// The word to stop.
    pub stop: Arc<Stop>,
    /// Who may send over UDP and TCP.
    pub allow: AllowList,
    /// How many connections are kept, and for how long.
    pub streams: StreamLimits,
    /// Where lines are sent on to.
    pub relay: Option<Relay>,
}

/// Takes lines, batch by batch.
pub trait Ingest {
    /// Takes a batch of lines.
    fn ingest<'a>(&self, lines: impl Iterator<Item = &'a [u8]> + Clone);
}

impl Ingest for Shared {
    fn ingest<'a>(&self, lines: impl Iterator<Item = &'a [u8]> + Clone) {
        if let Some(relay) = &self.relay {
            relay.put(lines.clone());
        }
        self.pipeline.ingest(self.clock.now(), lines);
    }
}

/// The receiving side while it runs.
pub struct Receivers {
    drops: Vec<Drops<Arc<Bound<UdpSocket>>>>,
    metrics: Arc<Metrics>,
    /// Removes the sockets' files in the end.
    _files: Vec<SocketFile>,
}

impl Receivers {
    /// Starts a thread for each socket.
    pub fn start(sockets: Sockets, shared: &Shared, threads: &mut Threads) -> io::Result<Self> {
        let mut drops = Vec::new();
        for (socket, number) in sockets.udp.into_iter().zip(0..) {
            let (socket, shared) = (Arc::new(socket), shared.clone());
            drops.push(Drops::new(Arc::clone(&socket)));
            threads.spawn(&format!("statsd-udp-{number}"), move || {
                datagram::run(&socket, &shared, &shared.metrics.udp_packets, &shared.allow);
            })?;
        }
        for (listener, number) in sockets.tcp.into_iter().zip(0..) {
            let shared = shared.clone();
            threads.spawn(&format!("statsd-tcp-{number}"), move || {
                stream::run(&listener.socket, &shared, &shared.metrics.tcp);
            })?;
        }
        let mut files = Vec::new();
        for mut socket in sockets.unixgram {
            let shared = shared.clone();
            files.extend(socket.file.take());
            threads.spawn("statsd-unixgram", move || {
                datagram::run(&socket, &shared, &shared.metrics.unixgram_packets, &AllowList::default());
            })?;
        }
        for mut listener in sockets.unixstream {
            let shared = shared.clone();
            files.extend(listener.file.take());
            threads.spawn("statsd-unixstr", move || {
                stream::run(&listener.socket, &shared, &shared.metrics.unixstream);
            })?;
        }
        Ok(Self { drops, metrics: Arc::clone(&shared.metrics), _files: files })
    }

    /// Asks the kernel what it dropped, so that a scrape shows it even where no packet came since.
    pub fn count_drops(&self) {
        self.drops.iter().for_each(|drops| drops.add_to(&self.metrics.udp_drops));
    }
}
