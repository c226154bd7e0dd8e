//! Series that go: because their time is over, or because the rules no longer make their metric so.

use super::Store;
use crate::statsd::observe::Tick;
use std::hash::BuildHasher;

impl Store {
    /// From now on metrics are made by other rules. A metric changes when its next sample comes.
    pub fn rules_changed(&mut self) {
        self.rules += 1;
    }

    /// Lets all series go whose time is over. A metric whose last series goes gives its name back. Costs nothing while
    /// no series has a time to live.
    pub fn expire(&mut self, now: Tick) {
        if self.mortal == 0 {
            return;
        }
        for at in 0..self.families.len() {
            let Some(family) = self.families[at].as_ref() else { continue };
            let expired = |series: &u32| self.get(*series).is_some_and(|series| series.is_expired(now));
            if !family.series.iter().any(expired) {
                continue;
            }
            let (goes, stays): (Vec<u32>, Vec<u32>) = family.series.iter().partition(|series| expired(series));
            let is_empty = stays.is_empty();
            if let Some(family) = self.families[at].as_mut() {
                family.series = stays;
            }
            goes.into_iter().for_each(|series| self.remove_series(series));
            if is_empty {
                self.remove_family(u32::try_from(at).unwrap_or(u32::MAX));
            }
        }
    }

    /// Takes a family away with all its series.
    pub(super) fn remove_family(&mut self, at: u32) {
        let Some(family) = self.families.get_mut(at as usize).and_then(Option::as_mut) else { return };
        for series in std::mem::take(&mut family.series) {
            self.remove_series(series);
        }
        self.names.take_back(at, &self.families);
        self.families[at as usize] = None;
        self.free_families.push(at);
    }

    fn remove_series(&mut self, at: u32) {
        let Some(series) = self.series.get_mut(at as usize).and_then(Option::take) else { return };
        let hash = self.hasher.hash_one(series.key());
        if let Ok(entry) = self.index.find_entry(hash, |other| *other == at) {
            entry.remove();
        }
        if let Some(family) = self.families.get(series.family as usize).and_then(Option::as_ref) {
            self.label_sets.remove(family, &series.labels);
        }
        self.mortal -= usize::from(series.ttl > 0);
        self.free_series.push(at);
    }
}
