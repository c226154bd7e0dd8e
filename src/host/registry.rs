//! Runs collectors, times them and says how they did.

use super::{CollectError, Collector, Env, Spec};
use crate::flag::FlagError;
use crate::model::{Desc, Sink};
use crate::once::Throttle;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

static DURATION: Desc<'static> = Desc::gauge(
    "node_scrape_collector_duration_seconds",
    "node_exporter: Duration of a collector scrape.",
    &["collector"],
);
static SUCCESS: Desc<'static> =
    Desc::gauge("node_scrape_collector_success", "node_exporter: Whether a collector succeeded.", &["collector"]);

/// The families of the runner itself, which no collector may claim.
pub static METRICS: &[&Desc<'static>] = &[&DURATION, &SUCCESS];

/// The enabled collectors.
pub struct Host {
    collectors: Vec<Running>,
    known: &'static [&'static Spec],
}

struct Running {
    name: &'static str,
    collector: Mutex<Box<dyn Collector>>,
    complaints: Throttle,
}

impl Host {
    /// Builds the enabled ones of `specs`. Errors name the flag that is wrong.
    pub fn new(
        specs: &'static [&'static Spec],
        env: &Env<'_>,
        enabled: impl Fn(&Spec) -> bool,
    ) -> Result<Self, FlagError> {
        let mut collectors = Vec::new();
        for spec in specs.iter().filter(|spec| enabled(spec)) {
            let collector = Mutex::new((spec.build)(env)?);
            collectors.push(Running { name: spec.name, collector, complaints: Throttle::default() });
        }
        Ok(Self { collectors, known: specs })
    }

    /// Names of the enabled collectors, in order.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.collectors.iter().map(|running| running.name)
    }

    /// The collectors that a scrape asks for, by `collect[]` and `exclude[]`.
    pub fn select(&self, collect: &[&str], exclude: &[&str]) -> Result<Selection, SelectionError> {
        if !collect.is_empty() && !exclude.is_empty() {
            return Err(SelectionError::Both);
        }
        for name in collect.iter().chain(exclude) {
            if !self.collectors.iter().any(|running| running.name == *name) {
                let known = self.known.iter().any(|spec| spec.name == *name);
                return Err(if known { SelectionError::Disabled } else { SelectionError::Missing }((*name).to_owned()));
            }
        }
        let wanted = |name: &str| if collect.is_empty() { !exclude.contains(&name) } else { collect.contains(&name) };
        let picked = (0..self.collectors.len()).filter(|&i| wanted(self.collectors[i].name));
        Ok(Selection { picked: picked.collect(), next: 0, outcomes: Vec::new() })
    }

    /// Runs the next collector of the selection, or reports on all of them after the last. `false`: nothing is left.
    pub fn step(&self, selection: &mut Selection, out: &mut dyn Sink) -> bool {
        if let Some(&index) = selection.picked.get(selection.next) {
            let running = &self.collectors[index];
            selection.outcomes.push(running.run(out));
        } else if selection.next == selection.picked.len() {
            self.report(selection, out);
        } else {
            return false;
        }
        selection.next += 1;
        true
    }

    fn report(&self, selection: &Selection, out: &mut dyn Sink) {
        let outcomes = || selection.picked.iter().map(|&i| self.collectors[i].name).zip(&selection.outcomes);
        let mut family = out.family(&DURATION);
        outcomes().for_each(|(name, outcome)| family.sample(&[name], outcome.seconds));
        let mut family = out.family(&SUCCESS);
        outcomes().for_each(|(name, outcome)| family.sample(&[name], f64::from(u8::from(outcome.success))));
    }
}

impl Running {
    fn run(&self, out: &mut dyn Sink) -> Outcome {
        let start = Instant::now();
        // A panic ends the process, so no lock is ever poisoned by one.
        let result = self.collector.lock().unwrap_or_else(PoisonError::into_inner).collect(out);
        let success = match &result {
            Ok(()) => true,
            Err(e @ CollectError::NoData(_)) => {
                log::debug!("collector {}: {e}", self.name);
                false
            }
            Err(e) => {
                self.complaints.warn(start, format_args!("collector {}: {e}", self.name));
                false
            }
        };
        Outcome { seconds: start.elapsed().as_secs_f64(), success }
    }
}

struct Outcome {
    seconds: f64,
    success: bool,
}

/// Which collectors a scrape runs, and how far it is.
pub struct Selection {
    picked: Vec<usize>,
    next: usize,
    outcomes: Vec<Outcome>,
}

/// A scrape that asks for collectors that it can't have. The sentences are node_exporter's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SelectionError {
    /// No collector has the name.
    Missing(String),
    /// The collector of this name is not enabled.
    Disabled(String),
    /// Both `collect[]` and `exclude[]` are given.
    Both,
}

impl fmt::Display for SelectionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(name) => write!(f, "missing collector: {name}"),
            Self::Disabled(name) => write!(f, "disabled collector: {name}"),
            Self::Both => f.write_str("collect and exclude queries can't be combined"),
        }
    }
}

impl std::error::Error for SelectionError {}
