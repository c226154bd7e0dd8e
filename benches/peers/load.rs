//! StatsD load whose sum is known to the last line, so that loss is exact.

use crate::sys;
use std::fmt::Write as _;
use std::io::{self, Write};
use std::net::{Ipv4Addr, TcpStream, UdpSocket};
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
    /// Whether series differ by DogStatsD tags rather than by name.
    pub tagged: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Over {
    Udp,
    Tcp,
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
    pub seconds: f64,
}

impl Packets {
    pub fn new(load: Load) -> Self {
        let pool = POOL_LINES.max(load.series).min(load.lines) / load.lines_a_packet;
        let (mut packets, mut sums) = (Vec::with_capacity(pool), Vec::with_capacity(pool));
        for packet in 0..pool {
            let (mut text, mut sum) = (String::new(), 0);
            for n in packet * load.lines_a_packet..(packet + 1) * load.lines_a_packet {
                let (value, id) = (n as u64 % 7 + 1, n % load.series);
                sum += if load.kind == "c" { value } else { 1 };
                let written = match load.tagged {
                    true => {
                        writeln!(text, "bench.hits:{value}|{}|#endpoint:/item{id},method:GET,status:200", load.kind)
                    }
                    false => writeln!(text, "bench.hits.item{id}:{value}|{}", load.kind),
                };
                debug_assert!(written.is_ok(), "a string takes all");
            }
            packets.push(text.into_bytes());
            sums.push(sum);
        }
        Self { packets, sums, load }
    }

    /// Sends them all, at the load's rate.
    pub fn send(&self, port: u16) -> io::Result<Sent> {
        let count = self.load.lines / self.load.lines_a_packet;
        let (mut sent, mut sum, start) = (0, 0, Instant::now());
        let mut wire = Wire::open(self.load.over, port)?;
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
        Ok(Sent { sum, seconds: start.elapsed().as_secs_f64() })
    }
}

enum Wire {
    Udp(UdpSocket),
    Tcp(TcpStream),
}

impl Wire {
    fn open(over: Over, port: u16) -> io::Result<Self> {
        let to = (Ipv4Addr::LOCALHOST, port);
        if over == Over::Tcp {
            return TcpStream::connect(to).map(Self::Tcp);
        }
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
        socket.connect(to)?;
        Ok(Self::Udp(socket))
    }

    fn send(&mut self, packets: &[Vec<u8>]) -> io::Result<()> {
        let mut slices: Vec<&[u8]> = packets.iter().map(Vec::as_slice).collect();
        match self {
            Self::Tcp(stream) => slices.iter().try_for_each(|packet| stream.write_all(packet)),
            Self::Udp(socket) => {
                while !slices.is_empty() {
                    let sent = sys::send(socket, &slices)?;
                    slices.drain(..sent);
                }
                Ok(())
            }
        }
    }
}
