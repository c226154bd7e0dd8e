//! What is counted about the state file.

use super::Header;
use crate::statsd::store::Lost;
use crate::telemetry::{Registrar, Registry};
use prometheus::{Gauge, IntCounter, IntGauge};
use std::time::{Duration, SystemTime};

const FROM: [&str; 4] = ["nothing", "finished", "unfinished", "damaged"];

/// Metrics of the state file.
pub struct Metrics {
    age: IntGauge,
    /// By [`FROM`].
    begun: Vec<IntGauge>,
    /// By reason.
    expired: IntCounter,
    over_limit: IntCounter,
    over_memory: IntCounter,
    /// By outcome.
    written: IntCounter,
    failed: IntCounter,
    last: IntGauge,
    took: Gauge,
    bytes: IntGauge,
}

impl Metrics {
    /// Registers them.
    pub fn new(registry: &Registry) -> prometheus::Result<Self> {
        let r = Registrar(registry);
        let lost = r.labeled(
            "tallyd_state_series_lost_total",
            "Series in the state file that the agent did not begin with: their time to live was over, there were as many \
             as there may be, or memory was at its limit.",
            "reason",
            &["expired", "over_limit", "over_memory"],
        )?;
        let writes = r.labeled(
            "tallyd_state_writes_total",
            "How often the state file was written, or could not be.",
            "outcome",
            &["success", "failure"],
        )?;
        Ok(Self {
            age: r.gauge(
                "tallyd_state_age_seconds",
                "How old the state was that the agent began with. After a run that was killed, what came in its last \
                 seconds is not in it.",
            )?,
            begun: r.gauges(
                "tallyd_state_begun",
                "1 for what the agent began with: nothing, the state of a run that ended in order (finished) or did not \
                 (unfinished), or nothing because the state was damaged.",
                "from",
                &FROM,
            )?,
            expired: lost.with_label_values(&["expired"]),
            over_limit: lost.with_label_values(&["over_limit"]),
            over_memory: lost.with_label_values(&["over_memory"]),
            written: writes.with_label_values(&["success"]),
            failed: writes.with_label_values(&["failure"]),
            last: r.gauge("tallyd_state_last_write_timestamp_seconds", "When the state file was last written.")?,
            took: r.seconds(
                "tallyd_state_last_write_duration_seconds",
                "How long the last write of the state file took: a killed agent loses as much more than a minute.",
            )?,
            bytes: r.gauge("tallyd_state_size_bytes", "Size of the state file as it was last written.")?,
        })
    }

    /// The agent begins with a state.
    pub(super) fn begun(&self, header: &Header, lost: Lost) {
        self.from(if header.finished { "finished" } else { "unfinished" });
        self.age.set(seconds(header.age));
        self.expired.inc_by(lost.expired);
        self.over_limit.inc_by(lost.over_limit);
        self.over_memory.inc_by(lost.over_memory);
    }

    pub(super) fn begun_with_nothing(&self) {
        self.from("nothing");
    }

    pub(super) fn begun_with_damage(&self) {
        self.from("damaged");
    }

    pub(super) fn written(&self, bytes: u64, wall: SystemTime, took: Duration) {
        self.took.set(took.as_secs_f64());
        self.written.inc();
        self.bytes.set(i64::try_from(bytes).unwrap_or(i64::MAX));
        self.last.set(seconds(wall.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default()));
    }

    pub(super) fn failed(&self) {
        self.failed.inc();
    }

    fn from(&self, from: &str) {
        for (known, gauge) in FROM.iter().zip(&self.begun) {
            gauge.set(i64::from(*known == from));
        }
    }
}

fn seconds(time: Duration) -> i64 {
    i64::try_from(time.as_secs()).unwrap_or(i64::MAX)
}
