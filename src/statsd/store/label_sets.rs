//! How many sets of label names there were under metrics of each type, as statsd_exporter counts them: one that went stays
//! counted, and is not counted again when it comes back.
//!
//! A set that has series is kept, so that there are no more than series; of those that went, so many are remembered.

use super::family::{Family, FamilyKind};
use crate::statsd::labels::names_of;
use foldhash::fast::RandomState;
use hashbrown::HashTable;
use std::hash::BuildHasher;

/// Sets without a series that are remembered. Who sends more of them sees some counted again.
const MAX_GONE: usize = 10_000;

/// The sets, each by a hash of its metric's type and name and of its own names. Twelve bytes each, where padding would make
/// it sixteen.
#[derive(Clone, Copy)]
#[repr(Rust, packed(4))]
struct LabelSet {
    hash: u64,
    series: u32,
}

/// The sets and their number.
#[derive(Default)]
pub struct LabelSets {
    table: HashTable<LabelSet>,
    hasher: RandomState,
    /// Those in the table that have no series.
    gone: usize,
    /// By type, how many there were.
    counts: [usize; FamilyKind::ALL.len()],
}

impl LabelSets {
    /// How many there were of a type.
    pub fn count(&self, kind: FamilyKind) -> usize {
        self.counts[kind as usize]
    }

    /// A series with these labels came.
    pub fn add(&mut self, family: &Family, labels: &str) {
        let hash = self.hash(family, labels);
        if let Some(set) = self.table.find_mut(hash, |set| set.hash == hash) {
            self.gone -= usize::from(set.series == 0);
            set.series += 1;
            return;
        }
        self.counts[family.kind() as usize] += 1;
        self.table.insert_unique(hash, LabelSet { hash, series: 1 }, |set| set.hash);
    }

    /// A series with these labels went.
    pub fn remove(&mut self, family: &Family, labels: &str) {
        let hash = self.hash(family, labels);
        let Some(set) = self.table.find_mut(hash, |set| set.hash == hash) else { return };
        set.series -= 1;
        self.gone += usize::from(set.series == 0);
        if self.gone > MAX_GONE {
            self.table.retain(|set| set.series > 0);
            self.gone = 0;
        }
    }

    /// What the table takes for a moment when one more set comes.
    pub fn growth(&self) -> usize {
        super::growth(&self.table, 1)
    }

    fn hash(&self, family: &Family, labels: &str) -> u64 {
        self.hasher.hash_one((family.kind() as usize, &*family.name, names_of(labels)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statsd::store::{DEFAULT_HELP, FamilySpec, Shape};

    #[test]
    fn a_set_is_counted_once_while_it_has_series_and_while_it_is_remembered() {
        let family = |name, shape| Family::new(&FamilySpec { name, shape, help: DEFAULT_HELP }, 1, 0);
        let families = [family("a", &Shape::Counter), family("b", &Shape::Counter), family("a", &Shape::Gauge)];
        let mut sets = LabelSets::default();
        for labels in ["", "x=\"1\"", "x=\"2\"", "x=\"1\",y=\"1\""] {
            families.iter().for_each(|family| sets.add(family, labels));
        }
        let counts = |sets: &LabelSets| [FamilyKind::Counter, FamilyKind::Gauge].map(|kind| sets.count(kind));
        assert_eq!(counts(&sets), [6, 3]);
        sets.remove(&families[0], "x=\"1\"");
        let once = |sets: &mut LabelSets, i: usize| {
            let labels = format!("k{i}=\"\"");
            sets.add(&families[0], &labels);
            sets.remove(&families[0], &labels);
        };
        for i in 0..MAX_GONE {
            once(&mut sets, i);
            once(&mut sets, i);
        }
        assert_eq!((counts(&sets), sets.table.len()), ([6 + MAX_GONE, 3], 9 + MAX_GONE));
        for i in MAX_GONE..3 * MAX_GONE {
            once(&mut sets, i);
            assert!(sets.table.len() <= 9 + MAX_GONE, "those that went are forgotten");
        }
        for labels in ["x=\"1\"", "x=\"3\""] {
            families.iter().for_each(|family| sets.add(family, labels));
        }
        assert_eq!(counts(&sets), [6 + 3 * MAX_GONE, 3], "those that have series are not");
    }
}
