//! What the web side counts about itself. The first three carry the names that Go's promhttp gives them, because
//! dashboards and alerts ask for them.

use crate::telemetry::{Counters, Registrar, Registry};
use prometheus::{IntCounter, IntGauge};

/// Why a request was refused before any route saw it: the values of `reason`.
pub const REFUSED: [&str; 10] = [
    "bad_head",
    "head_too_large",
    "head_timeout",
    "body",
    "expect",
    "method",
    "scrape_limit",
    "unauthorized",
    "login_limit",
    "login_rate",
];
/// Why a TLS handshake failed.
pub const HANDSHAKES_FAILED: [&str; 9] = [
    "client_gone",
    "plain_http",
    "no_certificate",
    "bad_certificate",
    "not_allowed",
    "incompatible",
    "protocol",
    "timeout",
    "crowded_out",
];
/// Why a connection was refused.
pub const CONNECTIONS_REFUSED: [&str; 2] = ["connection_limit", "address_limit"];
/// Why a response ended before its end.
pub const ABORTED: [&str; 5] = ["client_gone", "too_slow", "crowded_out", "body_failed", "stopping"];

/// Counters and gauges of the web side. Clones count into the same.
#[derive(Clone, Debug)]
pub struct Stats {
    /// Scrapes by status code, counted when the answer has ended.
    pub scrapes: Counters,
    /// Scrapes from the head of the request to the end of the answer.
    pub scrapes_in_flight: IntGauge,
    /// Scrapes that failed inside, by cause.
    pub scrape_errors: Counters,
    /// Scrapes that had to wait for another to end.
    pub scrapes_queued: IntCounter,
    /// Connections that are open.
    pub connections: IntGauge,
    /// Connections accepted.
    pub connections_total: IntCounter,
    /// Connections refused, by reason.
    pub connections_refused: Counters,
    /// Idle connections closed to make room.
    pub connections_evicted: IntCounter,
    /// Requests refused, by reason.
    pub requests_refused: Counters,
    /// TLS handshakes that failed, by reason.
    pub handshakes_failed: Counters,
    /// Passwords checked, by result.
    pub logins: Counters,
    /// Times that the web config file was read again, by result.
    pub config_reloads: Counters,
    /// Failures of accept.
    pub accept_errors: IntCounter,
    /// Responses ended before their end, by reason.
    pub responses_aborted: Counters,
}

impl Stats {
    /// Makes all of them and registers them.
    pub fn register(registry: &Registry) -> prometheus::Result<Self> {
        let r = Registrar(registry);
        Ok(Self {
            scrapes: r.labeled(
                "promhttp_metric_handler_requests_total",
                "Total number of scrapes by HTTP status code.",
                "code",
                &["200", "500", "503"],
            )?,
            scrapes_in_flight: r
                .gauge("promhttp_metric_handler_requests_in_flight", "Current number of scrapes being served.")?,
            scrape_errors: r.labeled(
                "promhttp_metric_handler_errors_total",
                "Total number of internal errors encountered by the promhttp metric handler.",
                "cause",
                &["encoding", "gathering"],
            )?,
            scrapes_queued: r.counter(
                "tallyd_web_scrapes_queued_total",
                "Scrapes that had to wait for another to end, since as many as may be were in flight.",
            )?,
            connections: r.gauge("tallyd_web_connections_open", "HTTP connections that are open.")?,
            connections_total: r.counter("tallyd_web_connections_total", "HTTP connections accepted.")?,
            connections_refused: r.labeled(
                "tallyd_web_connections_refused_total",
                "HTTP connections closed at once, by reason.",
                "reason",
                &CONNECTIONS_REFUSED,
            )?,
            connections_evicted: r.counter(
                "tallyd_web_connections_evicted_total",
                "Idle HTTP connections closed to make room for new ones.",
            )?,
            requests_refused: r.labeled(
                "tallyd_web_requests_refused_total",
                "HTTP requests refused before any route saw them, by reason.",
                "reason",
                &REFUSED,
            )?,
            handshakes_failed: handshakes_failed(&r)?,
            logins: logins(&r)?,
            config_reloads: config_reloads(&r)?,
            accept_errors: r.counter(
                "tallyd_web_accept_errors_total",
                "Errors of accept, after most of which the listener rests for a moment.",
            )?,
            responses_aborted: r.labeled(
                "tallyd_web_responses_aborted_total",
                "HTTP responses ended before they were sent whole, by reason.",
                "reason",
                &ABORTED,
            )?,
        })
    }
}

fn handshakes_failed(r: &Registrar<'_>) -> prometheus::Result<Counters> {
    r.labeled(
        "tallyd_web_tls_handshakes_failed_total",
        "TLS handshakes that failed, by reason.",
        "reason",
        &HANDSHAKES_FAILED,
    )
}

fn logins(r: &Registrar<'_>) -> prometheus::Result<Counters> {
    r.labeled(
        "tallyd_web_logins_total",
        "Passwords checked against their bcrypt hash, by result.",
        "result",
        &["success", "failure"],
    )
}

fn config_reloads(r: &Registrar<'_>) -> prometheus::Result<Counters> {
    r.labeled(
        "tallyd_web_config_reloads_total",
        "Times that the web config file, or a file that it names, had changed and was read again, by result.",
        "result",
        &["success", "failure"],
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_registered_once_with_a_sentence_for_help() {
        let registry = Registry::new();
        Stats::register(&registry).unwrap();
        let families = registry.gather();
        assert_eq!(families.len(), 14);
        for family in &families {
            assert!(family.help().ends_with('.'), "{}", family.name());
        }
        assert!(Stats::register(&registry).is_err(), "a second registration is an error and no panic");
    }
}
