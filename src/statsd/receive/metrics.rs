//! What the sockets count. Names and help texts are statsd_exporter's, where it has them.

use crate::telemetry::{Registrar, Registry};
use prometheus::IntCounter;

/// What listeners for streams of one kind count.
#[derive(Clone)]
pub struct StreamCounters {
    pub(super) connections: IntCounter,
    /// By [`Refusal`](super::stream::Refusal).
    pub(super) refused: Vec<IntCounter>,
    pub(super) idle: IntCounter,
    pub(super) errors: IntCounter,
    pub(super) too_long_lines: IntCounter,
    pub(super) cut_lines: IntCounter,
    /// Where connections may send frames.
    pub(super) frames: Option<FrameCounters>,
}

/// What is counted of frames.
#[derive(Clone)]
pub struct FrameCounters {
    pub(super) too_long: IntCounter,
    pub(super) cut: IntCounter,
}

impl StreamCounters {
    fn tcp(r: &Registrar<'_>) -> prometheus::Result<Self> {
        Ok(Self {
            connections: r
                .counter("statsd_exporter_tcp_connections_total", "The total number of TCP connections handled.")?,
            refused: r.each(
                "tallyd_statsd_tcp_connections_refused_total",
                "TCP connections closed at once: because there were too many, or too many of one address, because \
                 descriptors have run short, or because the client may not send.",
                "reason",
                &["connection_limit", "descriptor_limit", "address_limit", "not_allowed"],
            )?,
            idle: r.counter(
                "tallyd_statsd_tcp_connections_idle_total",
                "TCP connections ended because nothing came for too long.",
            )?,
            errors: r.counter(
                "statsd_exporter_tcp_connection_errors_total",
                "The number of errors encountered reading from TCP.",
            )?,
            too_long_lines: r.counter(
                "statsd_exporter_tcp_too_long_lines_total",
                "The number of lines discarded due to being too long.",
            )?,
            cut_lines: r.counter(
                "tallyd_statsd_tcp_cut_lines_total",
                "Lines over TCP that were not taken because the agent stopped before their end came.",
            )?,
            frames: None,
        })
    }

    fn unix(r: &Registrar<'_>) -> prometheus::Result<Self> {
        Ok(Self {
            connections: r
                .counter("tallyd_statsd_unixstream_connections_total", "Connections of unix stream sockets taken.")?,
            // Clients of these have no address.
            refused: r.each(
                "tallyd_statsd_unixstream_connections_refused_total",
                "Connections of unix stream sockets closed at once: because there were too many, or because descriptors \
                 have run short.",
                "reason",
                &["connection_limit", "descriptor_limit"],
            )?,
            idle: r.counter(
                "tallyd_statsd_unixstream_connections_idle_total",
                "Connections of unix stream sockets ended because nothing came for too long.",
            )?,
            errors: r.counter(
                "tallyd_statsd_unixstream_connection_errors_total",
                "Errors of taking connections of unix stream sockets and of reading from them.",
            )?,
            too_long_lines: r.counter(
                "tallyd_statsd_unixstream_too_long_lines_total",
                "Lines from unix stream sockets that were let by because they were too long.",
            )?,
            cut_lines: r.counter(
                "tallyd_statsd_unixstream_cut_lines_total",
                "Lines from unix stream sockets that were not taken because the agent stopped before their end came.",
            )?,
            frames: Some(FrameCounters {
                too_long: r.counter(
                    "tallyd_statsd_unixstream_too_long_frames_total",
                    "Connections of unix stream sockets ended because of a frame that was too long.",
                )?,
                cut: r.counter(
                    "tallyd_statsd_unixstream_cut_frames_total",
                    "Frames from unix stream sockets that were not taken because their connection, or the agent, ended \
                     before their end came.",
                )?,
            }),
        })
    }
}

/// Metrics of the receiving threads.
#[derive(Clone)]
pub struct Metrics {
    pub(super) udp_packets: IntCounter,
    pub(super) udp_drops: IntCounter,
    pub(super) udp_refused: IntCounter,
    pub(super) unixgram_packets: IntCounter,
    pub(super) cut_packets: IntCounter,
    pub(super) tcp: StreamCounters,
    /// Of the unix stream socket.
    pub unixstream: StreamCounters,
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
            udp_refused: r.counter(
                "tallyd_statsd_udp_packets_refused_total",
                "StatsD packets received over UDP and dropped because their sender may not send.",
            )?,
            unixgram_packets: r.counter(
                "statsd_exporter_unixgram_packets_total",
                "The total number of StatsD packets received over Unixgram.",
            )?,
            cut_packets: r.counter(
                "tallyd_statsd_cut_packets_total",
                "StatsD packets longer than 65,536 bytes, of which the end and the line that it cuts were lost.",
            )?,
            tcp: StreamCounters::tcp(&r)?,
            unixstream: StreamCounters::unix(&r)?,
            socket_errors: r
                .counter("tallyd_statsd_socket_errors_total", "Errors of reading from a socket for datagrams.")?,
        })
    }
}
