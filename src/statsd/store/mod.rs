//! The series of apps: who has which name, what each series holds, and how a scrape writes them.
//!
//! Each series keeps its label text as it goes over the wire, so that a scrape writes and does not format.

mod busy;
mod created;
mod expire;
mod family;
mod label_sets;
mod load;
mod names;
mod save;
mod series;
#[cfg(test)]
mod tests;
mod write;

pub use busy::{Ranked, Ranking};
pub use family::{DEFAULT_HELP, FamilyKind, FamilySpec, Shape};
pub use load::{Circumstances, Loader, Lost};
pub use series::{Handle, Update};
pub use write::Cursor;

use super::observe::Tick;
use crate::memory::Room;
use created::{Created, WallClock};
use family::{Family, Fit};
use foldhash::fast::RandomState;
use hashbrown::HashTable;
use label_sets::LabelSets;
use names::Names;
use series::{Series, Value};
use std::hash::BuildHasher;

/// About what a series takes beside its text and what its value keeps apart: itself, its place in lists and in the index,
/// and what the allocator adds to each block.
const SERIES_BYTES: usize = size_of::<Option<Series>>() + 80;

/// The same for a metric, and what each name takes that it exposes.
const FAMILY_BYTES: usize = size_of::<Option<Family>>() + 80;
const NAME_BYTES: usize = 8;

/// Why a sample has no series.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreError {
    /// Another metric, of another type, has the name or one that it would expose.
    Conflict,
    /// There are as many series as there may be, of this metric or of all.
    Full,
    /// The agent takes as much memory as it may.
    Memory,
}

/// How many series there may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Of all metrics.
    pub series: usize,
    /// Of one metric.
    pub series_per_metric: usize,
}

/// What a series is to be when it is new.
#[derive(Clone, Copy, Debug)]
pub struct SeriesSpec<'a> {
    /// The text between the braces.
    pub labels: &'a str,
    /// How long it stays without a change; 0: for ever.
    pub ttl: Tick,
}

/// All series, in families. Not shared: its owner locks.
pub struct Store {
    /// A place that is empty belonged to a metric whose series have all gone, and is taken by the next that comes.
    families: Vec<Option<Family>>,
    free_families: Vec<u32>,
    names: Names,
    series: Vec<Option<Series>>,
    free_series: Vec<u32>,
    /// Places of series by family and label text.
    index: HashTable<u32>,
    hasher: RandomState,
    limits: Limits,
    /// Families and series that ever came; each has its number.
    births: u64,
    /// How often rules were read.
    rules: u32,
    /// Series with a time to live.
    mortal: usize,
    label_sets: LabelSets,
    /// When the minute began whose samples are counted now.
    minute: Tick,
    is_first_minute: bool,
    /// Whether the first scrape that sees a counter shows it at 0.
    zero_first: bool,
    created: Created,
}

impl Store {
    /// An empty store.
    pub fn new(limits: Limits) -> Self {
        Self {
            families: Vec::new(),
            free_families: Vec::new(),
            names: Names::default(),
            series: Vec::new(),
            free_series: Vec::new(),
            index: HashTable::new(),
            hasher: RandomState::default(),
            limits,
            births: 0,
            rules: 0,
            mortal: 0,
            label_sets: LabelSets::default(),
            minute: 0,
            is_first_minute: true,
            zero_first: false,
            created: Created::default(),
        }
    }

    /// The same store, which shows counters at 0 to the first scrape that sees them, or not.
    #[must_use]
    pub fn zero_first(mut self, zero_first: bool) -> Self {
        self.zero_first = zero_first;
        self
    }

    /// The same store, which notes when series come, by this clock.
    #[must_use]
    pub fn created(mut self, clock: Option<WallClock>) -> Self {
        self.created = Created::new(clock);
        self
    }

    /// An empty store with the same settings.
    fn like(&self) -> Self {
        Self::new(self.limits).zero_first(self.zero_first).created(self.created.clock())
    }

    /// The series with this name, type and label text, made if it is new and there is room for it.
    pub fn intern(
        &mut self,
        spec: &FamilySpec<'_>,
        series: &SeriesSpec<'_>,
        now: Tick,
        room: &mut Room,
    ) -> Result<Handle, StoreError> {
        let family = self.find_family(spec)?;
        let known = family.and_then(|family| self.find_series(family, series.labels));
        let at = match (known, family) {
            (Some(at), _) => at,
            (None, _) if self.len() >= self.limits.series => return Err(StoreError::Full),
            (None, Some(family)) if self.is_full(family) => return Err(StoreError::Full),
            (None, family) => {
                self.take_room(spec.shape, series, family.is_none().then_some(spec), room)?;
                let family = family.unwrap_or_else(|| self.add_family(spec));
                self.add_series(family, series, now)
            }
        };
        let Some(found) = self.series.get_mut(at as usize).and_then(Option::as_mut) else {
            return Err(StoreError::Full);
        };
        // Rules that were read anew may have changed it.
        self.mortal = self.mortal + usize::from(series.ttl > 0) - usize::from(found.ttl > 0);
        found.ttl = series.ttl;
        Ok(Handle { at, born: found.born })
    }

    /// The family that a sample belongs to, if it is there. One that the rules no longer make so goes.
    fn find_family(&mut self, spec: &FamilySpec<'_>) -> Result<Option<u32>, StoreError> {
        if let Some(at) = self.names.owner(spec.name, &self.families) {
            let rules = self.rules;
            let fit = self.families.get_mut(at as usize).and_then(Option::as_mut).map(|family| family.fit(spec, rules));
            match fit {
                Some(Fit::Same) => return Ok(Some(at)),
                Some(Fit::Outdated) => self.remove_family(at),
                Some(Fit::Conflict) | None => return Err(StoreError::Conflict),
            }
        }
        if spec.sample_names().any(|name| self.names.owner(&name, &self.families).is_some()) {
            return Err(StoreError::Conflict);
        }
        Ok(None)
    }

    fn find_series(&self, family: u32, labels: &str) -> Option<u32> {
        let hash = self.hasher.hash_one((family, labels));
        self.index.find(hash, |&at| self.get(at).is_some_and(|series| series.is(family, labels))).copied()
    }

    fn get(&self, at: u32) -> Option<&Series> {
        self.series.get(at as usize)?.as_ref()
    }

    fn is_full(&self, family: u32) -> bool {
        let family = self.families.get(family as usize).and_then(Option::as_ref);
        family.is_some_and(|family| family.series.len() >= self.limits.series_per_metric)
    }

    /// Takes room for a new series of this shape, and for its metric where that is new.
    fn take_room(
        &self,
        shape: &Shape,
        series: &SeriesSpec<'_>,
        family: Option<&FamilySpec<'_>>,
        room: &mut Room,
    ) -> Result<(), StoreError> {
        let own = SERIES_BYTES + series.labels.len() + shape.heap_bytes() + family.map_or(0, family_bytes);
        let tables = self.growth(family);
        let has_room = if room.is_full() {
            // In the place of one that went comes a new one with all that it needs.
            room.take(own + tables, self.len())
        } else {
            // Without room for a table, which doubles, there may be room for what does not make it grow: that is not refused.
            (tables == 0 || room.take_if_plenty(tables)) && room.take(own, self.len())
        };
        has_room.then_some(()).ok_or(StoreError::Memory)
    }

    /// What tables take for a moment when they grow by one series, and by its metric where that is new.
    fn growth(&self, family: Option<&FamilySpec<'_>>) -> usize {
        let names = family.map_or(0, |family| self.names.growth(family.names()));
        growth(&self.index, 1) + self.label_sets.growth() + names
    }

    fn add_family(&mut self, spec: &FamilySpec<'_>) -> u32 {
        self.births += 1;
        let at = place(&mut self.families, &mut self.free_families, Family::new(spec, self.births, self.rules));
        self.names.give(at, &self.families);
        at
    }

    fn add_series(&mut self, family: u32, spec: &SeriesSpec<'_>, now: Tick) -> u32 {
        self.births += 1;
        let Some(of) = self.families.get_mut(family as usize).and_then(Option::as_mut) else { return u32::MAX };
        let value = Value::new(&of.shape);
        let series =
            Series { family, changed: now, ttl: 0, seen: false, born: self.births, labels: spec.labels.into(), value };
        let hash = self.hasher.hash_one(series.key());
        let at = place(&mut self.series, &mut self.free_series, series);
        self.created.note(at);
        of.series.push(at);
        self.label_sets.add(of, spec.labels);
        let (all, hasher) = (&self.series, &self.hasher);
        let rehash = |&at: &u32| all[at as usize].as_ref().map_or(0, |series| hasher.hash_one(series.key()));
        self.index.insert_unique(hash, at, rehash);
        at
    }

    /// Changes a series as `update` says, which gets its type; `None` where the handle's series is gone.
    pub fn apply<'a, T>(
        &mut self,
        handle: Handle,
        now: Tick,
        update: impl FnOnce(FamilyKind) -> (Option<Update<'a>>, T),
    ) -> Option<T> {
        let series = self.series.get_mut(handle.at as usize)?.as_mut().filter(|series| series.born == handle.born)?;
        let family = self.families.get_mut(series.family as usize)?.as_mut()?;
        let (update, result) = update(family.kind());
        if let Some(update) = update {
            series.changed = now;
            family.samples += 1;
            series.value.apply(&family.shape, update, now);
        }
        Some(result)
    }

    /// Sets of label names under which metrics of this type have existed, as statsd_exporter counts them: one that
    /// went stays counted, and is not counted again when it comes back.
    pub fn label_sets(&self, kind: FamilyKind) -> usize {
        self.label_sets.count(kind)
    }

    /// Number of series.
    pub fn len(&self) -> usize {
        self.index.len()
    }

    /// Whether there is no series.
    pub fn is_empty(&self) -> bool {
        self.index.is_empty()
    }
}

/// What a metric takes beside its series, and beside tables.
fn family_bytes(family: &FamilySpec<'_>) -> usize {
    FAMILY_BYTES + family.names() * NAME_BYTES + family.name.len() + family.own_help().map_or(0, str::len)
}

/// What a table takes for a moment when it grows: the new one has twice the room, and the old one goes after it is filled.
fn growth<T>(table: &HashTable<T>, more: usize) -> usize {
    if table.len() + more > table.capacity() { 2 * table.allocation_size() } else { 0 }
}

/// Puts a value in a free place, or in a new one. Limits on series keep lists far below 2^32.
fn place<T>(list: &mut Vec<Option<T>>, free: &mut Vec<u32>, value: T) -> u32 {
    match free.pop() {
        Some(at) => {
            list[at as usize] = Some(value);
            at
        }
        None => {
            list.push(Some(value));
            u32::try_from(list.len() - 1).unwrap_or(u32::MAX)
        }
    }
}
