//! StatsD load whose sum is known to the last line, so that loss is exact.

use crate::sys;
use std::fmt::Write as _;
use std::io::{self, Write};
use std::net::{Ipv4Addr, TcpStream, UdpSocket};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

/// Packets are made before the clock starts, and sent over and over: some 4 MB.
const POOL_LINES: usize = 81_920;

/// What is sent.
#[derive(Clone, Copy)]
pub struct Load {
    pub title: &'static str,
    pub over: Over,
    pub lines: usize,
    pub lines_a_packet: usize,
    pub series: usize,
    /// Lines a second; 0 for all that the sender can.
    pub rate: usize,
    /// `c` or `ms`.
    pub kind: &'static str,
    /// DogStatsD tags, the first of which tells series apart; without any, the name does.
    pub tags: usize,
    /// Bytes of the value of each tag but the first.
    pub tag_bytes: usize,
    /// Mapping rules, of which each takes its part of the lines. Then no two lines have the same name.
    pub rules: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Over {
    Udp,
    Tcp,
    Unix,
}

/// The load that others differ from.
pub const UDP: Load = Load {
    title: "",
    over: Over::Udp,
    lines: 2_000_000,
    lines_a_packet: 20,
    series: 1000,
    rate: 1_000_000,
    kind: "c",
    tags: 0,
    tag_bytes: 6,
    rules: 0,
};

/// As fast as it is taken.
pub const TCP: Load = Load { over: Over::Tcp, rate: 0, lines: 10_000_000, ..UDP };

impl Load {
    /// Whether any StatsD server takes it: counters without tags over UDP.
    pub fn is_plain(&self) -> bool {
        self.over == Over::Udp && self.kind == "c" && self.tags == 0 && self.rate > 0 && self.rate < 2_000_000
    }

    /// The mapping file that goes with it.
    pub fn mapping(&self) -> String {
        let rule = |n| format!("- match: bench.hits.s{n}.*\n  name: bench_hits\n  labels: {{service: s{n}}}\n");
        let rules = (0..self.rules).map(rule);
        std::iter::once("mappings:\n".to_owned()).chain(rules).collect()
    }

    fn line(&self, n: usize, text: &mut String) -> std::fmt::Result {
        let (value, kind) = (n % 7 + 1, self.kind);
        match (self.rules, self.tags) {
            (0, 0) => write!(text, "bench.hits.item{}:{value}|{kind}", n % self.series)?,
            (0, _) => write!(text, "bench.hits:{value}|{kind}|#endpoint:/item{}", n % self.series)?,
            (rules, _) => write!(text, "bench.hits.s{}.n{n}:{value}|{kind}", n % rules)?,
        }
        for tag in 1..self.tags {
            write!(text, ",tag{tag}:{:x<1$}", "v", self.tag_bytes)?;
        }
        text.push('\n');
        Ok(())
    }
}

/// Packets, ready to be sent.
pub struct Packets {
    packets: Vec<Vec<u8>>,
    /// What a receiver of all of them has: the sum of counters, or the number of timings.
    sums: Vec<u64>,
    load: Load,
}

/// What was sent.
pub struct Sent {
    pub sum: u64,
    pub packets: usize,
    pub seconds: f64,
}

impl Packets {
    pub fn new(load: Load) -> Self {
        let unlike = if load.rules > 0 { load.lines } else { load.series };
        let pool = POOL_LINES.max(unlike).min(load.lines) / load.lines_a_packet;
        let (mut packets, mut sums) = (Vec::with_capacity(pool), Vec::with_capacity(pool));
        for packet in 0..pool {
            let (mut text, mut sum) = (String::new(), 0);
            for n in packet * load.lines_a_packet..(packet + 1) * load.lines_a_packet {
                sum += if load.kind == "c" { n as u64 % 7 + 1 } else { 1 };
                let written = load.line(n, &mut text);
                debug_assert!(written.is_ok(), "a string takes all");
            }
            packets.push(text.into_bytes());
            sums.push(sum);
        }
        Self { packets, sums, load }
    }

    /// Sends them all, at the load's rate, to a port or to the socket in a folder.
    pub fn send(&self, port: u16, folder: &Path) -> io::Result<Sent> {
        let count = self.load.lines / self.load.lines_a_packet;
        let (mut sent, mut sum, start) = (0, 0, Instant::now());
        let mut wire = Wire::open(self.load.over, port, folder)?;
        while sent < count {
            let at = sent % self.packets.len();
            let some = sys::BATCH.min(self.packets.len() - at).min(count - sent);
            wire.send(&self.packets[at..at + some])?;
            sum += self.sums[at..at + some].iter().sum::<u64>();
            sent += some;
            if self.load.rate > 0 {
                let due = Duration::from_secs_f64((sent * self.load.lines_a_packet) as f64 / self.load.rate as f64);
                // A shorter sleep is over too late.
                if let Some(early) = due.checked_sub(start.elapsed()).filter(|early| early.as_micros() > 200) {
                    thread::sleep(early);
                }
            }
        }
        Ok(Sent { sum, packets: count, seconds: start.elapsed().as_secs_f64() })
    }
}

enum Wire {
    Datagrams(UdpSocket),
    Stream(Box<dyn Write>),
}

impl Wire {
    fn open(over: Over, port: u16, folder: &Path) -> io::Result<Self> {
        let to = (Ipv4Addr::LOCALHOST, port);
        match over {
            Over::Tcp => Ok(Self::Stream(Box::new(TcpStream::connect(to)?))),
            Over::Unix => Ok(Self::Stream(Box::new(UnixStream::connect(folder.join("stream"))?))),
            Over::Udp => {
                let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
                socket.connect(to)?;
                Ok(Self::Datagrams(socket))
            }
        }
    }

    fn send(&mut self, packets: &[Vec<u8>]) -> io::Result<()> {
        match self {
            // One write for all: the goal is what the receiver can take, and not what the sender can write.
            Self::Stream(stream) => stream.write_all(&packets.concat()),
            Self::Datagrams(socket) => {
                let mut slices: Vec<&[u8]> = packets.iter().map(Vec::as_slice).collect();
                while !slices.is_empty() {
                    let sent = sys::send(socket, &slices)?;
                    slices.drain(..sent);
                }
                Ok(())
            }
        }
    }
}
