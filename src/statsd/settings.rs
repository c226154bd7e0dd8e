//! Flags of the StatsD side, and what they say once they are checked. Names are statsd_exporter's.

use super::limits;
use super::map;
use super::parse::{Bounds, Styles};
use super::receive::{AllowList, StreamLimits, parse_network};
use super::state::folder;
use super::store::Limits;
use crate::flag::{Flag, FlagError, Values};
use crate::listen;
use std::path::PathBuf;
use std::time::Duration;

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
    Flag::value(
        "statsd.listen-unixstream",
        "PATH",
        "",
        "Unix stream socket to take StatsD on: lines, or packets with a 32-bit little-endian length before each, as \
         DogStatsD's clients send them. The first four bytes of a connection tell: a length has a zero byte, a line none. \
         Empty: none.",
    ),
    Flag::values(
        "statsd.allow-from",
        "NETWORK",
        "",
        "Clients that may send over UDP and TCP, as ADDRESS/BITS or an address; may be given again and again. What others \
         send is dropped and counted. Empty: all.",
    ),
    Flag::value("statsd.unixsocket-mode", "MODE", "755", "Permission mode of the unix sockets, in octal."),
    Flag::value(
        "statsd.relay.address",
        "HOST:PORT",
        "",
        "Where to send every line on to, over UDP. What can't be sent in time is dropped and counted. A name is looked up \
         at the start, each minute, and after a failure; lines wait for its first address. Empty: nowhere.",
    ),
    Flag::value(
        "statsd.relay.packet-length",
        "BYTES",
        "1400",
        "Longest packet to send on, up to 65507, as UDP has it; a longer line is left out.",
    ),
    Flag::value("statsd.mapping-config", "FILE", "", "File of mapping rules."),
    Flag::value("debug.dump-fsm", "FILE", "", "File to write the tree of glob rules to, as a graph for Graphviz."),
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
        "Lines whose meaning is kept, so that their like need not be parsed again; fewer where they have more than 256 \
         bytes on average.",
    ),
    Flag::on("statsd.parse-dogstatsd-tags", "Parse DogStatsD tags: name:1|c|#key:value."),
    Flag::on("statsd.parse-influxdb-tags", "Parse InfluxDB tags: name,key=value:1|c."),
    Flag::on("statsd.parse-librato-tags", "Parse Librato tags: name#key=value:1|c."),
    Flag::on("statsd.parse-signalfx-tags", "Parse SignalFX tags: name[key=value]:1|c."),
    Flag::switch("statsd.parse-graphite-tags", "Parse Graphite tags: name;key=value:1|c."),
    Flag::switch(
        "statsd.dogstatsd-bare-tags",
        "Give a DogStatsD tag without a value the value true; otherwise it is left out and counted.",
    ),
    Flag::on("statsd.container-id", "Make the container of a DogStatsD sample a label, container_id."),
    Flag::value("statsd.set-window", "DURATION", "1m", "For how long a member of a set counts after it was sent last."),
    Flag::value(
        "statsd.state-file",
        "FILE",
        "",
        "File for the series of apps, so that a restart resets nothing: written on stop and each minute, read on start. \
         Empty: none.",
    ),
    Flag::switch(
        "statsd.zero-first",
        "Show a new counter at 0 to the first scrape that sees it, and its value to the next, so that rate() and \
         increase() count its first increments.",
    ),
];

/// How lines are read and what is kept of them.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Tag styles to read.
    pub styles: Styles,
    /// Lines in the cache.
    pub cached_lines: usize,
    /// How much a line may say.
    pub bounds: Bounds,
    /// How many series there may be.
    pub limits: Limits,
    /// For how long a member of a set counts.
    pub set_window: Duration,
    /// Whether the first scrape that sees a counter shows it at 0.
    pub zero_first: bool,
    /// Whether it is noted when series come.
    pub created: bool,
}

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

/// Where lines are sent on to.
#[derive(Clone, Debug)]
pub struct RelayTarget {
    /// As given.
    pub text: String,
    /// Bytes in a packet at the most.
    pub packet_length: usize,
    /// Bytes that may wait to be sent.
    pub buffer: usize,
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
    /// Unix stream socket.
    pub unixstream: Option<PathBuf>,
    /// Where lines are sent on to.
    pub relay: Option<RelayTarget>,
    /// Who may send over UDP and TCP.
    pub allow: AllowList,
    /// How many connections are kept, and for how long.
    pub streams: StreamLimits,
    /// Permission bits of unix sockets.
    pub unix_mode: u32,
    /// Bytes of receive buffer to ask for.
    pub read_buffer: usize,
    /// How lines are read and what is kept of them.
    pub options: Options,
    /// File of mapping rules.
    pub mapping: Option<map::Source>,
    /// File to draw the glob rules into.
    pub dump: Option<PathBuf>,
    /// File for the series.
    pub state: Option<PathBuf>,
}

impl Settings {
    /// Checks the flags.
    pub fn new(flags: &Values) -> Result<Self, FlagError> {
        let unix_mode = listen::unix::parse_mode(flags.text("statsd.unixsocket-mode"));
        let text_of = |name: &str| Some(flags.text(name)).filter(|path| !path.is_empty());
        let unix =
            |name: &str| text_of(name).map(listen::unix::fitting).transpose().map_err(|why| flags.wrong(name, why));
        let read_buffer = match flags.parse("statsd.read-buffer")? {
            0 => DEFAULT_READ_BUFFER,
            bytes => bytes,
        };
        Ok(Self {
            udp: addresses(flags, "statsd.listen-udp")?,
            tcp: addresses(flags, "statsd.listen-tcp")?,
            unixgram: unix("statsd.listen-unixgram")?,
            unixstream: unix("statsd.listen-unixstream")?,
            unix_mode: unix_mode.map_err(|why| flags.wrong("statsd.unixsocket-mode", why))?,
            read_buffer,
            allow: allow(flags)?,
            streams: limits::streams(flags)?,
            relay: relay(flags)?,
            mapping: mapping(flags)?,
            dump: text_of("debug.dump-fsm").map(PathBuf::from),
            state: state(flags)?,
            options: options(flags)?,
        })
    }
}

/// Who may send. An empty network stands for none in the list.
fn allow(flags: &Values) -> Result<AllowList, FlagError> {
    const NAME: &str = "statsd.allow-from";
    let texts = flags.all(NAME).iter().filter(|text| !text.is_empty());
    let network = |text: &String| parse_network(text).map_err(|why| flags.wrong_value(NAME, text, why));
    Ok(AllowList::new(texts.map(network).collect::<Result<Vec<_>, _>>()?))
}

/// The file for the series, which may not be there yet. What is no file is not replaced by one.
fn state(flags: &Values) -> Result<Option<PathBuf>, FlagError> {
    const NAME: &str = "statsd.state-file";
    let Some(path) = Some(flags.text(NAME)).filter(|path| !path.is_empty()).map(PathBuf::from) else { return Ok(None) };
    if path.symlink_metadata().is_ok_and(|meta| !meta.is_file()) {
        return Err(flags.wrong(NAME, "there is something that is no file".into()));
    }
    match folder(&path).is_dir() {
        true => Ok(Some(path)),
        false => Err(flags.wrong(NAME, "there is no such folder".into())),
    }
}

/// Where lines are sent on to.
fn relay(flags: &Values) -> Result<Option<RelayTarget>, FlagError> {
    let (packet_length, buffer) = (limits::relay_packet(flags)?, limits::relay_buffer(flags)?);
    let text = flags.text("statsd.relay.address");
    if text.is_empty() {
        return Ok(None);
    }
    let wrong = |why: String| flags.wrong("statsd.relay.address", why);
    listen::check_addr(text).map_err(wrong)?;
    Ok(Some(RelayTarget { text: text.to_owned(), packet_length, buffer }))
}

/// The file of mapping rules. Its limits are checked where there is none, too.
fn mapping(flags: &Values) -> Result<Option<map::Source>, FlagError> {
    let (path, limits) = (flags.text("statsd.mapping-config"), limits::mapping(flags)?);
    Ok((!path.is_empty()).then(|| map::Source { path: path.into(), limits }))
}

/// How lines are read and what is kept of them.
fn options(flags: &Values) -> Result<Options, FlagError> {
    Ok(Options {
        styles: Styles {
            dogstatsd: flags.on("statsd.parse-dogstatsd-tags"),
            influxdb: flags.on("statsd.parse-influxdb-tags"),
            librato: flags.on("statsd.parse-librato-tags"),
            signalfx: flags.on("statsd.parse-signalfx-tags"),
            graphite: flags.on("statsd.parse-graphite-tags"),
            bare: flags.on("statsd.dogstatsd-bare-tags"),
            container_id: flags.on("statsd.container-id"),
        },
        cached_lines: flags.parse("statsd.cache-size")?,
        bounds: limits::bounds(flags)?,
        limits: limits::series(flags)?,
        set_window: flags.duration("statsd.set-window")?,
        zero_first: flags.on("statsd.zero-first"),
        created: flags.on("web.enable-openmetrics") && flags.on("web.enable-openmetrics-created"),
    })
}

/// The addresses of a flag; an empty one stands for none.
fn addresses(flags: &Values, name: &str) -> Result<Vec<Address>, FlagError> {
    let given = flags.given(name);
    let texts = flags.all(name).iter().filter(|text| !text.is_empty());
    let address = |text: &String| {
        listen::check_addr(text).map_err(|why| flags.wrong_value(name, text, why))?;
        Ok(Address { text: text.clone(), given })
    };
    texts.map(address).collect()
}
