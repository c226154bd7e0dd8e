//! What the sockets count. Names and help texts are statsd_exporter's, where it has them.

use crate::telemetry::Registrar;
use prometheus::{IntCounter, Registry};

/// Metrics of the receiving threads.
#[derive(Clone)]
pub struct Metrics {
    pub(super) udp_packets: IntCounter,
    pub(super) udp_drops: IntCounter,
    pub(super) unixgram_packets: IntCounter,
    pub(super) tcp_connections: IntCounter,
    pub(super) tcp_refused: IntCounter,
    pub(super) tcp_errors: IntCounter,
    pub(super) tcp_too_long: IntCounter,
    pub(super) socket_errors: IntCounter,
}

impl Metrics {
    /// Registers them.
    pub fn new(registry: &Registry) -> prometheus::Result<Self> {
        let r = Registrar(registry);
        Ok(Self {
            udp_packets: r.counter(
                "statsd_exporter_udp_packets_total",
                "The total number of StatsD packets received over UDP.",
            )?,
            udp_drops: r.counter(
                "statsd_exporter_udp_packet_drops_total",
                "The total number of StatsD packets that the kernel dropped because a UDP socket's buffer was full.",
            )?,
            unixgram_packets: r.counter(
                "statsd_exporter_unixgram_packets_total",
                "The total number of StatsD packets received over Unixgram.",
            )?,
            tcp_connections: r
                .counter("statsd_exporter_tcp_connections_total", "The total number of TCP connections handled.")?,
            tcp_refused: r.counter(
                "tallyd_statsd_tcp_connections_refused_total",
                "TCP connections closed at once because there were too many.",
            )?,
            tcp_errors: r.counter(
                "statsd_exporter_tcp_connection_errors_total",
                "The number of errors encountered reading from TCP.",
            )?,
            tcp_too_long: r.counter(
                "statsd_exporter_tcp_too_long_lines_total",
                "The number of lines discarded due to being too long.",
            )?,
            socket_errors: r
                .counter("tallyd_statsd_socket_errors_total", "Errors of reading from a socket for datagrams.")?,
        })
    }
}
