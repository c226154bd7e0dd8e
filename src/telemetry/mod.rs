//! Metrics about the agent itself, kept in a registry of the prometheus crate and adapted to a sink.
//!
//! The crate's own text encoder is not used: ours writes all families of a body alike, and knows which names are taken.

mod process;
mod registrar;
mod registry;

pub use process::{METRICS as PROCESS_METRICS, Resident};
pub use registrar::Registrar;
pub use registry::{Counters, Registry};

use crate::model::{Desc, Sink};
use process::ProcessMetrics;
use std::sync::{Mutex, PoisonError};

/// The labels of the build infos that the two exporters have; ours knows the last.
const BUILD_LABELS: &[&str] = &["branch", "goarch", "goos", "goversion", "revision", "tags", "version"];

static BUILD_INFO: Desc<'static> = Desc::gauge(
    "tallyd_build_info",
    "A metric with a constant '1' value labeled by version, target_os and target_arch of this tallyd.",
    &["version", "target_os", "target_arch"],
);
static COMPAT_INFO: [Desc<'static>; 2] = [
    Desc::gauge(
        "node_exporter_build_info",
        "A metric with a constant '1' value for dashboards that look for node_exporter; version is that of tallyd.",
        BUILD_LABELS,
    ),
    Desc::gauge(
        "statsd_exporter_build_info",
        "A metric with a constant '1' value for dashboards that look for statsd_exporter; version is that of tallyd.",
        BUILD_LABELS,
    ),
];

/// What of the agent's own metrics a scrape shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Metrics about the agent's process and its web server; off with `--web.disable-exporter-metrics`.
    pub exporter: bool,
    /// The build infos of the two exporters.
    pub compat: bool,
}

/// The agent's own metrics.
pub struct Telemetry {
    /// Where the parts of the agent register theirs.
    pub registry: Registry,
    settings: Settings,
    process: Mutex<ProcessMetrics>,
}

impl Telemetry {
    /// An empty registry.
    pub fn new(settings: Settings) -> Self {
        Self { registry: Registry::new(), settings, process: Mutex::default() }
    }

    /// Pushes all of them.
    pub fn collect(&self, out: &mut dyn Sink) {
        let (os, arch) = (std::env::consts::OS, std::env::consts::ARCH);
        let version = env!("CARGO_PKG_VERSION");
        out.family(&BUILD_INFO).sample(&[version, os, arch], 1.0);
        if self.settings.compat {
            for desc in &COMPAT_INFO {
                out.family(desc).sample(&["", arch, os, "", "", "", version], 1.0);
            }
        }
        if self.settings.exporter {
            self.process.lock().unwrap_or_else(PoisonError::into_inner).push(out);
        }
        self.registry.push(|name| self.settings.exporter || !is_of_exporter(name), out);
    }
}

/// Metrics about how metrics are served, as node_exporter sorts them: what is lost or refused is never among them.
fn is_of_exporter(name: &str) -> bool {
    name.starts_with("promhttp_") || name.starts_with("tallyd_web_")
}
