//! Reading the mapping file again: all or nothing.

use super::Pipeline;
use super::map::{MapError, Mapper, Source};
use crate::telemetry::{Registrar, Registry};
use prometheus::IntCounter;
use std::fmt;
use std::sync::Arc;

/// Reads the mapping file again when told to.
pub struct Reloader {
    file: Option<Source>,
    pipeline: Arc<Pipeline>,
    /// By outcome: success, failure.
    outcomes: Vec<IntCounter>,
}

/// Why rules were not read again; the old ones stay.
#[derive(Debug)]
pub enum ReloadError {
    /// There is no file to read.
    NoFile,
    /// The file can't be used.
    Mapping(MapError),
}

impl fmt::Display for ReloadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoFile => f.write_str("there is no mapping file to read again (--statsd.mapping-config)"),
            Self::Mapping(e) => write!(f, "the rules stay as they were: {e}"),
        }
    }
}

impl std::error::Error for ReloadError {}

impl Reloader {
    /// For this file and this pipeline.
    pub fn new(file: Option<Source>, pipeline: Arc<Pipeline>, registry: &Registry) -> prometheus::Result<Self> {
        let outcomes = Registrar(registry).each(
            "statsd_exporter_config_reloads_total",
            "The number of configuration reloads.",
            "outcome",
            &["success", "failure"],
        )?;
        Ok(Self { file, pipeline, outcomes })
    }

    /// Reads the file, and tells how many rules it has. An error leaves the rules as they were. Of two at once, the rules
    /// that were read first could come last: the main thread alone does it. Where there is no file nothing is counted, as
    /// statsd_exporter has it.
    pub fn reload(&self) -> Result<usize, ReloadError> {
        let file = self.file.as_ref().ok_or(ReloadError::NoFile)?;
        let result = file.load().map_err(ReloadError::Mapping).map(|mapper| {
            warn_unused(&mapper);
            let rules = mapper.rules().len();
            self.pipeline.set_rules(mapper);
            rules
        });
        if let Some(outcome) = self.outcomes.get(usize::from(result.is_err())) {
            outcome.inc();
        }
        result
    }
}

/// Logs the rules that no metric will ever reach.
pub fn warn_unused(mapper: &Mapper) {
    for rule in mapper.unused() {
        log::warn!(
            "mapping rule on line {}: no metric reaches {:?}: an earlier rule takes them all",
            rule.line,
            rule.matching
        );
    }
}
