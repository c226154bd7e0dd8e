//! Runs collectors, times them and says how they did.

use super::slot::Slot;
use super::{CollectError, Collector, Env, Spec};
use crate::flag::FlagError;
use crate::model::{Desc, Sink};
use crate::once::Throttle;
use std::fmt;
use std::time::{Duration, Instant};

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
    collector: Slot<Box<dyn Collector>>,
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
            let collector = Slot::new((spec.build)(env)?);
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
        let picked = (0..).zip(&self.collectors).filter(|(_, running)| wanted(running.name)).map(|(at, _)| Picked(at));
        Ok(Selection(picked.collect()))
    }

    /// Runs a collector. `None`: another scrape is inside of it, and was until the deadline, or has given it up.
    pub fn run(&self, picked: Picked, deadline: Instant, out: &mut dyn Sink) -> Option<Outcome> {
        self.collectors.get(picked.0)?.run(deadline, out)
    }

    /// Gives up a collector that a scrape can't wait for: none waits for it until it has answered.
    pub fn give_up(&self, picked: Picked) -> Outcome {
        let away = self.collectors.get(picked.0).map_or(Duration::ZERO, Running::give_up);
        Outcome { seconds: away.as_secs_f64(), success: false }
    }

    /// Runs all of a selection on this thread, however long it takes, and reports on them.
    pub fn collect(&self, selection: &Selection, out: &mut dyn Sink) {
        let mut run = |&picked| {
            let outcome = self.run(picked, Instant::now(), out);
            outcome.unwrap_or_else(|| self.give_up(picked))
        };
        let outcomes: Vec<Outcome> = selection.0.iter().map(&mut run).collect();
        self.report(selection, &outcomes, out);
    }

    /// Pushes how the collectors of a selection did.
    pub fn report(&self, selection: &Selection, outcomes: &[Outcome], out: &mut dyn Sink) {
        let outcomes = || {
            let names = selection.0.iter().filter_map(|picked| Some(self.collectors.get(picked.0)?.name));
            names.zip(outcomes)
        };
        let mut family = out.family(&DURATION);
        outcomes().for_each(|(name, outcome)| family.sample(&[name], outcome.seconds));
        let mut family = out.family(&SUCCESS);
        outcomes().for_each(|(name, outcome)| family.sample(&[name], f64::from(u8::from(outcome.success))));
    }
}

impl Running {
    fn run(&self, deadline: Instant, out: &mut dyn Sink) -> Option<Outcome> {
        let start = Instant::now();
        let mut collector = self.collector.take(deadline)?;
        let result = collector.collect(out);
        if self.collector.put(collector) {
            log::info!("collector {}: it answers again", self.name);
        }
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
        Some(Outcome { seconds: start.elapsed().as_secs_f64(), success })
    }

    /// How long it has been at it.
    fn give_up(&self) -> Duration {
        let Some(gone) = self.collector.give_up() else { return Duration::ZERO };
        if gone.first {
            let seconds = gone.away.as_secs_f32();
            log::warn!("collector {}: no answer after {seconds:.1} s; it is left alone until it has one", self.name);
        }
        gone.away
    }
}

/// How a collector did.
#[derive(Clone, Copy, Debug)]
pub struct Outcome {
    seconds: f64,
    success: bool,
}

/// A collector that a scrape runs.
#[derive(Clone, Copy, Debug)]
pub struct Picked(usize);

/// The collectors that a scrape runs, in order.
#[derive(Debug)]
pub struct Selection(Vec<Picked>);

impl Selection {
    /// Those of it.
    pub fn picked(&self) -> &[Picked] {
        &self.0
    }
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
