//! Limits on what apps send and on what says how to read it, as flags have them. What is over one is refused and counted.

use super::map;
use super::parse::Bounds;
use super::receive::{Lengths, StreamLimits};
use super::store;
use crate::flag::{Flag, FlagError, Values};

/// The flags.
pub const FLAGS: &[Flag] = &[
    Flag::value(
        "statsd.max-connections",
        "COUNT",
        "1000",
        "Connections that each listener for TCP or unix streams keeps; one more is closed at once and counted. 0: no limit.",
    ),
    Flag::value(
        "statsd.max-connections-per-address",
        "COUNT",
        "500",
        "The same for TCP connections of one client address, so that no client takes all. 0: no limit.",
    ),
    Flag::value(
        "statsd.idle-timeout",
        "DURATION",
        "1h",
        "How long a connection is kept on which nothing comes. 0: for ever.",
    ),
    Flag::value(
        "statsd.max-line-length",
        "BYTES",
        "8192",
        "Longest line that is taken, up to 64K: each connection may keep as much of one that is not whole.",
    ),
    Flag::value(
        "statsd.max-frame-length",
        "BYTES",
        "65536",
        "Longest packet that is taken from a unix stream, up to 1M: each connection may keep as much. A longer one ends its \
         connection.",
    ),
    Flag::value("statsd.max-name-length", "BYTES", "1024", "Longest name that is taken. 0: as long as a line."),
    Flag::value("statsd.max-tags", "COUNT", "100", "Tags that a sample may have. 0: as many as a line holds."),
    Flag::value(
        "statsd.max-label-length",
        "BYTES",
        "1024",
        "Longest name, and longest value, of a tag that is taken. 0: as long as a line.",
    ),
    Flag::value(
        "statsd.max-series",
        "COUNT",
        "100000",
        "Series that are kept; samples that would make one more are refused and counted. 0: no limit.",
    ),
    Flag::value(
        "statsd.max-series-per-metric",
        "COUNT",
        "0",
        "Series that are kept of one metric; samples that would make one more are refused and counted. 0: no limit.",
    ),
    Flag::value("statsd.max-mapping-size", "SIZE", "16M", "Largest mapping file that is read, in bytes or as 16M."),
    Flag::value(
        "statsd.max-mapping-rules",
        "COUNT",
        "100000",
        "Rules that a mapping file may have. 0: as many as a file holds.",
    ),
    Flag::value(
        "statsd.max-regex-size",
        "SIZE",
        "1M",
        "Memory that a regular expression of a mapping file may take once it is compiled, in bytes or as 1M.",
    ),
    Flag::value(
        "statsd.relay.buffer-size",
        "SIZE",
        "2M",
        "Bytes of lines that may wait to be sent on, as 2M. What is received at once and does not fit is dropped and counted.",
    ),
];

/// A limit; 0 stands for none.
fn limit(flags: &Values, name: &str) -> Result<usize, FlagError> {
    Ok(Some(flags.parse(name)?).filter(|count| *count > 0).unwrap_or(usize::MAX))
}

/// How many connections are kept, for how long, and how much of each.
pub fn streams(flags: &Values) -> Result<StreamLimits, FlagError> {
    Ok(StreamLimits {
        connections: limit(flags, "statsd.max-connections")?,
        per_address: limit(flags, "statsd.max-connections-per-address")?,
        idle: Some(flags.duration("statsd.idle-timeout")?).filter(|time| !time.is_zero()),
        lengths: Lengths { line: line(flags)?, frame: flags.bytes_within("statsd.max-frame-length", ["64", "1M"])? },
    })
}

/// As long as a datagram at the most.
fn line(flags: &Values) -> Result<usize, FlagError> {
    flags.bytes_within("statsd.max-line-length", ["64", "64K"])
}

/// How much a line may say.
pub fn bounds(flags: &Values) -> Result<Bounds, FlagError> {
    Ok(Bounds {
        line: line(flags)?,
        name: limit(flags, "statsd.max-name-length")?,
        tags: limit(flags, "statsd.max-tags")?,
        label: limit(flags, "statsd.max-label-length")?,
    })
}

/// How many series there may be.
pub fn series(flags: &Values) -> Result<store::Limits, FlagError> {
    Ok(store::Limits {
        series: limit(flags, "statsd.max-series")?,
        series_per_metric: limit(flags, "statsd.max-series-per-metric")?,
    })
}

/// How much a mapping file may say.
pub fn mapping(flags: &Values) -> Result<map::Limits, FlagError> {
    Ok(map::Limits {
        file_bytes: flags.bytes_within("statsd.max-mapping-size", ["1K", "1G"])? as u64,
        rules: limit(flags, "statsd.max-mapping-rules")?,
        regex_bytes: flags.bytes_within("statsd.max-regex-size", ["1K", "64M"])?,
    })
}

/// How many bytes may wait for the relay.
pub fn relay_buffer(flags: &Values) -> Result<usize, FlagError> {
    flags.bytes_within("statsd.relay.buffer-size", ["1K", "1G"])
}

/// How long a packet of the relay may be. Source: RFC 768 and 791, what 65,535 bytes leave beside the heads of UDP and IPv4.
pub fn relay_packet(flags: &Values) -> Result<usize, FlagError> {
    flags.number_within("statsd.relay.packet-length", ["64", "65507"])
}
