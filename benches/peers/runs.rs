//! Runs, and the medians of what they measure.

use std::cell::Cell;
use std::fs;
use std::io;

/// A run with more steal than this is made again.
const MAX_STEAL_PERCENT: f64 = 8.0;

/// So often at most, for each figure; then the quietest count.
const MAX_RUNS: usize = 8;

/// How often each thing is measured, and how quiet it was meanwhile.
pub struct Runs {
    wanted: usize,
    noisy: Cell<usize>,
}

impl Runs {
    /// So many of each.
    pub fn new(wanted: usize) -> Self {
        Self { wanted, noisy: Cell::new(0) }
    }

    /// Medians of the figures of quiet runs, or of the quietest. A run that fails is the end, by the name of the program:
    /// a table shows no failures.
    pub fn median<const N: usize>(
        &self,
        program: &str,
        mut run: impl FnMut() -> io::Result<[f64; N]>,
    ) -> io::Result<[f64; N]> {
        let mut made: Vec<(f64, [f64; N])> = Vec::new();
        let quiet = |made: &[(f64, _)]| made.iter().filter(|(steal, _)| *steal <= MAX_STEAL_PERCENT).count();
        while made.len() < MAX_RUNS && quiet(&made) < self.wanted {
            let steal = Steal::start();
            let figures = run().map_err(|e| io::Error::other(format!("{program} failed: {e}")))?;
            made.push((steal.percent(), figures));
        }
        self.noisy.set(self.noisy.get() + usize::from(quiet(&made) < self.wanted));
        made.sort_by(|one, other| one.0.total_cmp(&other.0));
        made.truncate(self.wanted);
        let mut medians = [f64::NAN; N];
        for (at, median) in medians.iter_mut().enumerate() {
            let mut figures: Vec<f64> = made.iter().map(|(_, figures)| figures[at]).collect();
            figures.sort_by(f64::total_cmp);
            *median = figures[figures.len() / 2];
        }
        Ok(medians)
    }

    /// What is to be said of the figures since the last call.
    pub fn remark(&self) -> Option<String> {
        let noisy = self.noisy.take();
        let text = format!(
            "The hypervisor took more than {MAX_STEAL_PERCENT} % of the time of runs behind {noisy} of these rows."
        );
        (noisy > 0).then_some(text)
    }
}

/// The part of the machine's time that its hypervisor took between two calls. Source: proc_stat(5).
struct Steal(Vec<u64>);

impl Steal {
    fn start() -> Self {
        let text = fs::read_to_string("/proc/stat").unwrap_or_default();
        let line = text.lines().next().unwrap_or_default();
        Self(line.split_ascii_whitespace().skip(1).take(8).filter_map(|field| field.parse().ok()).collect())
    }

    fn percent(&self) -> f64 {
        let now = Self::start();
        let passed: Vec<f64> = now.0.iter().zip(&self.0).map(|(now, then)| now.saturating_sub(*then) as f64).collect();
        100.0 * passed.last().copied().unwrap_or_default() / passed.iter().sum::<f64>().max(1.0)
    }
}
