//! Metrics of apps: sockets to batches of lines, lines to samples, samples to series.

pub mod parse;

/// Longest line that is read, in bytes: what DogStatsD clients send at the most in one datagram.
pub const MAX_LINE_BYTES: usize = 8192;
