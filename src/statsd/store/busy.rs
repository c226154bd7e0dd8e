//! Which metrics are large, and which are busy: samples are counted a minute at a time.

use super::{FamilyKind, Store};
use crate::statsd::observe::{TICKS_PER_SECOND, Tick};

/// Samples are shown of the last whole minute.
const MINUTE: Tick = 60 * TICKS_PER_SECOND;

/// A metric in a list of the largest or the busiest.
pub type Ranked<'a> = (&'a str, FamilyKind, usize, u64);

impl Store {
    /// Ends the minute if it is over.
    pub fn turn_minute(&mut self, now: Tick) {
        let over = now.saturating_sub(self.minute) / MINUTE;
        if over == 0 {
            return;
        }
        self.minute += over * MINUTE;
        self.is_first_minute = false;
        for family in self.families.iter_mut().flatten() {
            let samples = std::mem::take(&mut family.samples);
            family.samples_before = if over == 1 { samples } else { 0 };
        }
    }

    /// Whether samples are shown since the start, because no minute is over yet.
    pub fn is_first_minute(&self) -> bool {
        self.is_first_minute
    }

    /// The metrics with most series, largest first: name, type, series, samples.
    pub fn largest(&self, count: usize) -> Vec<Ranked<'_>> {
        self.ranked(count, |(_, _, series, _)| *series as u64)
    }

    /// The metrics with most samples in the last whole minute, or since the start, busiest first; none without samples.
    pub fn busiest(&self, count: usize) -> Vec<Ranked<'_>> {
        let mut busiest = self.ranked(count, |(_, _, _, samples)| *samples);
        busiest.retain(|(_, _, _, samples)| *samples > 0);
        busiest
    }

    fn ranked(&self, count: usize, rank: fn(&Ranked<'_>) -> u64) -> Vec<Ranked<'_>> {
        let first = self.is_first_minute;
        let mut all: Vec<Ranked<'_>> = (self.families.iter().flatten())
            .map(|family| {
                let samples = if first { family.samples } else { family.samples_before };
                (family.desc().name, family.kind(), family.series.len(), samples)
            })
            .collect();
        all.sort_unstable_by_key(|metric| (std::cmp::Reverse(rank(metric)), metric.0));
        all.truncate(count);
        all
    }
}
