//! Flags of the StatsD side, and what they say once they are checked. Names are statsd_exporter's.

use super::parse::Styles;
use crate::flag::{Flag, FlagError, Values};
use crate::listen;
use std::path::PathBuf;

/// The flags.
pub const FLAGS: &[Flag] = &[
    Flag::values(
        "statsd.listen-udp",
        "ADDRESS",
        "127.0.0.1:8125 [::1]:8125",
        "UDP address to take StatsD lines on; may be given again and again. Empty: none.",
    ),
    Flag::values(
        "statsd.listen-tcp",
        "ADDRESS",
        "127.0.0.1:8125 [::1]:8125",
        "TCP address to take StatsD lines on; may be given again and again. Empty: none.",
    ),
    Flag::value("statsd.listen-unixgram", "PATH", "", "Unix datagram socket to take StatsD lines on. Empty: none."),
    Flag::value("statsd.unixsocket-mode", "MODE", "755", "Permission mode of the unix socket, in octal."),
    Flag::value("statsd.mapping-config", "FILE", "", "File of mapping rules."),
    Flag::value(
        "statsd.read-buffer",
        "BYTES",
        "0",
        "Receive buffer to ask the kernel for at each socket for datagrams; 0 asks for 4 MiB. \
         The kernel grants at most net.core.rmem_max, unless the agent may administrate the network.",
    ),
    Flag::value(
        "statsd.cache-size",
        "LINES",
        "200000",
        "Lines whose meaning is kept, so that their like need not be parsed again.",
    ),
    Flag::on("statsd.parse-dogstatsd-tags", "Parse DogStatsD tags: name:1|c|#key:value."),
    Flag::on("statsd.parse-influxdb-tags", "Parse InfluxDB tags: name,key=value:1|c."),
    Flag::on("statsd.parse-librato-tags", "Parse Librato tags: name#key=value:1|c."),
    Flag::on("statsd.parse-signalfx-tags", "Parse SignalFX tags: name[key=value]:1|c."),
];

/// What the kernel is asked for unless the user says otherwise: a tenth of a second at a million lines/s.
const DEFAULT_READ_BUFFER: usize = 4 << 20;

/// Where to listen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// As given, and known to be an address.
    pub text: String,
    /// Whether the user gave it: one from a default that the host does not have (no IPv6) is no error.
    pub given: bool,
}

/// The StatsD side's settings.
#[derive(Clone, Debug)]
pub struct Settings {
    /// UDP sockets.
    pub udp: Vec<Address>,
    /// TCP listeners.
    pub tcp: Vec<Address>,
    /// Unix datagram socket.
    pub unixgram: Option<PathBuf>,
    /// Permission bits of unix sockets.
    pub unix_mode: u32,
    /// Bytes of receive buffer to ask for.
    pub read_buffer: usize,
    /// Lines in the cache.
    pub cached_lines: usize,
    /// Tag styles to read.
    pub styles: Styles,
}

impl Settings {
    /// Checks the flags.
    pub fn new(flags: &Values) -> Result<Self, FlagError> {
        let mode = flags.text("statsd.unixsocket-mode");
        let unix_mode = u32::from_str_radix(mode, 8).ok().filter(|mode| *mode <= 0o7777);
        let path = flags.text("statsd.listen-unixgram");
        let read_buffer = match flags.parse("statsd.read-buffer")? {
            0 => DEFAULT_READ_BUFFER,
            bytes => bytes,
        };
        Ok(Self {
            udp: addresses(flags, "statsd.listen-udp")?,
            tcp: addresses(flags, "statsd.listen-tcp")?,
            unixgram: (!path.is_empty()).then(|| path.into()),
            unix_mode: unix_mode
                .ok_or_else(|| flags.wrong("statsd.unixsocket-mode", "a mode is up to four octal digits".into()))?,
            read_buffer,
            cached_lines: flags.parse("statsd.cache-size")?,
            styles: Styles {
                dogstatsd: flags.on("statsd.parse-dogstatsd-tags"),
                influxdb: flags.on("statsd.parse-influxdb-tags"),
                librato: flags.on("statsd.parse-librato-tags"),
                signalfx: flags.on("statsd.parse-signalfx-tags"),
            },
        })
    }
}

/// The addresses of a flag; an empty one stands for none.
fn addresses(flags: &Values, name: &str) -> Result<Vec<Address>, FlagError> {
    let given = flags.given(name);
    let texts = flags.all(name).iter().filter(|text| !text.is_empty());
    let address = |text: &String| {
        listen::parse_addr(text).map_err(|why| FlagError { flag: name.into(), value: text.clone(), why })?;
        Ok(Address { text: text.clone(), given })
    };
    texts.map(address).collect()
}
