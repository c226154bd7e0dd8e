//! Runs, and the medians of what they measure.

use std::fs;
use std::io;

/// Runs with more steal than this are dropped.
const MAX_STEAL_PERCENT: f64 = 8.0;

/// After that many runs a figure is made of what there is.
const MAX_RUNS: usize = 8;

/// Medians of the figures of the quiet runs; `None` where a run fails.
pub fn median<const N: usize>(runs: usize, mut run: impl FnMut() -> io::Result<[f64; N]>) -> Option<[f64; N]> {
    let mut kept: Vec<[f64; N]> = Vec::new();
    for _ in 0..MAX_RUNS {
        let steal = Steal::start();
        let figures = run().ok()?;
        if steal.percent() <= MAX_STEAL_PERCENT {
            kept.push(figures);
        }
        if kept.len() == runs {
            break;
        }
    }
    let mut medians = [f64::NAN; N];
    for (at, median) in medians.iter_mut().enumerate() {
        let mut figures: Vec<f64> = kept.iter().map(|figures| figures[at]).collect();
        figures.sort_by(f64::total_cmp);
        *median = figures.get(figures.len() / 2).copied().unwrap_or(f64::NAN);
    }
    Some(medians)
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
