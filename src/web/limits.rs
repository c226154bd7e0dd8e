//! Limits on who scrapes, as flags have them. What is over one is refused and counted.

use crate::flag::{Flag, FlagError, Values};
use std::time::Duration;

/// The flags.
pub const FLAGS: &[Flag] = &[
    Flag::value("web.max-requests", "COUNT", "40", "Scrapes that may be in flight at once; 0 for no limit."),
    Flag::value(
        "web.max-connections",
        "COUNT",
        "512",
        "HTTP connections that are kept; for one more, one that is idle is closed, and where none is, the new one.",
    ),
    Flag::value(
        "web.max-connections-per-address",
        "COUNT",
        "256",
        "The same for those of one client address, of IPv6 one /64 network, so that no client takes all. 0: no limit.",
    ),
    Flag::value(
        "web.max-header-bytes",
        "BYTES",
        "8192",
        "Longest head of a request, up to 64K: each connection may keep as much. It may have 64 fields.",
    ),
    Flag::value(
        "web.read-header-timeout",
        "DURATION",
        "5s",
        "How long a head may take from its first byte on, and a handshake of TLS, up to an hour.",
    ),
    Flag::value(
        "web.idle-timeout",
        "DURATION",
        "2m",
        "How long a connection is kept between two requests, up to a day. Longer than the interval of scrapes, or each has \
         to connect anew.",
    ),
    Flag::value(
        "web.write-timeout",
        "DURATION",
        "30s",
        "How long an answer may take from the whole head to its last byte, up to an hour. A scrape is answered in this time \
         without the collectors that are late.",
    ),
    Flag::value(
        "web.max-failed-logins",
        "COUNT",
        "10",
        "How often a password may be wrong from one client address, up to 50; from then on, once a second.",
    ),
];

/// Limits in number, size and time.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Connections at once.
    pub connections: usize,
    /// Connections at once of one client.
    pub per_address: usize,
    /// Bytes of a head.
    pub head_bytes: usize,
    /// From the first byte of a head to its last.
    pub head_timeout: Duration,
    /// Between two requests, and before the first. Longer than a minute, the usual interval of scrapes.
    pub idle_timeout: Duration,
    /// From the whole head of a scrape, while there are as many as may be in flight, until it is refused.
    pub queue_timeout: Duration,
    /// From the whole head to the end of the answer.
    pub response_timeout: Duration,
    /// How often a password may be wrong from one address before it has to wait.
    pub failed_logins: u32,
    /// For the answers under way when the agent stops.
    pub stop_timeout: Duration,
    /// For the first request of a connection that came no longer than this before the agent stops: it was taken from the
    /// next agent, which might share the listener, and its client can't know.
    pub arrival_timeout: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 512,
            per_address: 256,
            head_bytes: 8 << 10,
            head_timeout: Duration::from_secs(5),
            idle_timeout: Duration::from_secs(120),
            queue_timeout: Duration::from_secs(1),
            response_timeout: Duration::from_secs(30),
            failed_logins: 10,
            stop_timeout: Duration::from_millis(1500),
            arrival_timeout: Duration::from_millis(250),
        }
    }
}

impl Limits {
    /// Checks the flags. No time can be lifted: a client that does nothing would keep its place for ever.
    pub fn new(flags: &Values) -> Result<Self, FlagError> {
        let per_address = Some(flags.parse("web.max-connections-per-address")?).filter(|count| *count > 0);
        let failed_logins = flags.number_within("web.max-failed-logins", ["1", "50"])?;
        Ok(Self {
            connections: flags.number_within("web.max-connections", ["1", "65535"])?,
            per_address: per_address.unwrap_or(usize::MAX),
            head_bytes: flags.bytes_within("web.max-header-bytes", ["512", "64K"])?,
            head_timeout: flags.duration_within("web.read-header-timeout", ["100ms", "1h"])?,
            idle_timeout: flags.duration_within("web.idle-timeout", ["100ms", "24h"])?,
            response_timeout: flags.duration_within("web.write-timeout", ["100ms", "1h"])?,
            failed_logins: u32::try_from(failed_logins).unwrap_or(u32::MAX),
            ..Self::default()
        })
    }
}
