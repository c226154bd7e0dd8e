//! Which metrics are large, and which are busy: samples are counted a minute at a time.

use super::{Family, FamilyKind, Store};
use crate::statsd::observe::{TICKS_PER_SECOND, Tick};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Samples are shown of the last whole minute.
const MINUTE: Tick = 60 * TICKS_PER_SECOND;

/// A metric in a list of the largest or the busiest. It is before another by its figure, and then by its name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ranked {
    by: u64,
    /// Its name.
    pub name: Reverse<Box<str>>,
    /// Its type.
    pub kind: FamilyKind,
    /// How many series it has.
    pub series: usize,
    /// How many samples it had.
    pub samples: u64,
}

/// The first of all metrics that were shown to it.
#[derive(Debug)]
struct Best {
    count: usize,
    /// The last of them on top, which goes when a better one comes.
    heap: BinaryHeap<Reverse<Ranked>>,
}

impl Best {
    fn new(count: usize) -> Self {
        Self { count, heap: BinaryHeap::new() }
    }

    /// Takes a metric if it is among the first. The name of one that is not is not copied.
    fn offer(&mut self, by: u64, family: &Family, samples: u64) {
        if self.heap.len() >= self.count {
            let Some(Reverse(last)) = self.heap.peek() else { return };
            if (by, Reverse(&family.name)) <= (last.by, Reverse(&last.name.0)) {
                return;
            }
            self.heap.pop();
        }
        let (name, kind, series) = (Reverse(family.name.clone()), family.kind(), family.series.len());
        self.heap.push(Reverse(Ranked { by, name, kind, series, samples }));
    }

    fn into_sorted(self) -> Vec<Ranked> {
        self.heap.into_sorted_vec().into_iter().map(|Reverse(ranked)| ranked).collect()
    }
}

/// A look for the largest and the busiest metrics, in turns: its owner lets go of the lock between two of them.
#[derive(Debug)]
pub struct Ranking {
    count: usize,
    /// The metrics before this place were looked at.
    family: usize,
    /// The minute of which samples are counted meanwhile. When it ends, the look begins anew.
    minute: Tick,
    /// Whether samples are those since the start, because no minute is over yet.
    pub is_first_minute: bool,
    /// Series of all metrics.
    pub series: usize,
    largest: Best,
    busiest: Best,
}

impl Ranking {
    /// The metrics with most series, largest first, and those with most samples in the last whole minute, or since the
    /// start, busiest first; of these none without samples.
    pub fn end(self) -> [Vec<Ranked>; 2] {
        [self.largest.into_sorted(), self.busiest.into_sorted()]
    }
}

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

    /// Begins a look for so many of the largest and the busiest metrics.
    pub fn begin_ranking(&self, count: usize) -> Ranking {
        Ranking {
            count,
            family: 0,
            minute: self.minute,
            is_first_minute: self.is_first_minute,
            series: self.len(),
            largest: Best::new(count),
            busiest: Best::new(count),
        }
    }

    /// Looks at up to `turn` more metrics. `false`: none was left.
    pub fn rank(&self, ranking: &mut Ranking, turn: usize) -> bool {
        if ranking.minute != self.minute {
            *ranking = self.begin_ranking(ranking.count);
        }
        let rest = self.families.get(ranking.family..).unwrap_or_default();
        let some = &rest[..rest.len().min(turn)];
        for family in some.iter().flatten() {
            let samples = if ranking.is_first_minute { family.samples } else { family.samples_before };
            ranking.largest.offer(family.series.len() as u64, family, samples);
            if samples > 0 {
                ranking.busiest.offer(samples, family, samples);
            }
        }
        ranking.family += some.len();
        some.len() < rest.len()
    }
}
