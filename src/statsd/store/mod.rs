//! The series of apps: who has which name, what each series holds, and how a scrape writes them.
//!
//! Each series keeps its label text as it goes over the wire, so that a scrape writes and does not format.

mod family;
mod series;
mod write;

pub use family::{FamilyKind, FamilySpec, Shape, SummaryShape};
pub use series::{Handle, Update};
pub use write::Cursor;

use super::observe::Tick;
use family::Family;
use foldhash::fast::RandomState;
use hashbrown::{HashMap, HashTable};
use series::{Series, Value};
use std::hash::BuildHasher;

/// Why a sample has no series.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreError {
    /// Another metric, of another type, has the name or one that it would expose.
    Conflict,
}

/// All series, in families. Not shared: its owner locks.
#[derive(Default)]
pub struct Store {
    /// A place that is empty belonged to a metric whose series have all gone.
    families: Vec<Option<Family>>,
    /// Each sample name that a family exposes, to the family that has it.
    owners: HashMap<Box<str>, u32, RandomState>,
    series: Vec<Option<Series>>,
    /// Places of series by family and label text.
    index: HashTable<u32>,
    hasher: RandomState,
    /// Families and series that ever came; each has its number.
    births: u64,
    /// By type, how many sets of label names there are.
    label_sets: [usize; FamilyKind::ALL.len()],
}

impl Store {
    /// The series with this name, type and label text, made if it is new. `names` tells sets of label names apart.
    pub fn intern(&mut self, spec: &FamilySpec<'_>, labels: &str, names: u64, now: Tick) -> Result<Handle, StoreError> {
        let family = match self.owners.get(spec.name) {
            Some(&at) if self.family(at).is_some_and(|family| family.has(spec)) => at,
            Some(_) => return Err(StoreError::Conflict),
            None => self.add_family(spec)?,
        };
        let hash = self.hasher.hash_one((family, labels));
        let is = |&at: &u32| self.get(at).is_some_and(|series| series.is(family, labels));
        let at = match self.index.find(hash, is) {
            Some(&at) => at,
            None => self.add_series(family, labels, names, now),
        };
        Ok(Handle { at, born: self.get(at).map_or(0, |series| series.born) })
    }

    fn get(&self, at: u32) -> Option<&Series> {
        self.series.get(at as usize)?.as_ref()
    }

    fn family(&self, at: u32) -> Option<&Family> {
        self.families.get(at as usize)?.as_ref()
    }

    fn birth(&mut self) -> u64 {
        self.births += 1;
        self.births
    }

    fn add_family(&mut self, spec: &FamilySpec<'_>) -> Result<u32, StoreError> {
        if spec.sample_names().any(|name| self.owners.contains_key(name.as_str())) {
            return Err(StoreError::Conflict);
        }
        let at = index(self.families.len());
        self.owners.extend(spec.sample_names().map(|name| (name.into(), at)));
        let born = self.birth();
        self.families.push(Some(Family::new(spec, born)));
        Ok(at)
    }

    fn add_series(&mut self, family: u32, labels: &str, names: u64, now: Tick) -> u32 {
        let (at, born) = (index(self.series.len()), self.birth());
        let Some(of) = self.families.get_mut(family as usize).and_then(Option::as_mut) else { return at };
        self.label_sets[of.kind() as usize] += usize::from(of.add(at, names));
        let value = Value::new(&of.shape);
        let series = Series { family, changed: now, born, labels: labels.into(), value };
        let hash = self.hasher.hash_one(series.key());
        self.series.push(Some(series));
        let (all, hasher) = (&self.series, &self.hasher);
        let rehash = |&at: &u32| all[at as usize].as_ref().map_or(0, |series| hasher.hash_one(series.key()));
        self.index.insert_unique(hash, at, rehash);
        at
    }

    /// Changes a series; `None` where the handle's series is gone, and otherwise what `update` returned beside the
    /// change, which it makes from the type.
    pub fn apply<T>(
        &mut self,
        handle: Handle,
        now: Tick,
        update: impl FnOnce(FamilyKind) -> (Option<Update>, T),
    ) -> Option<T> {
        let series = self.series.get_mut(handle.at as usize)?.as_mut().filter(|series| series.born == handle.born)?;
        let family = self.families.get(series.family as usize)?.as_ref()?;
        let (update, result) = update(family.kind());
        if let Some(update) = update {
            series.changed = now;
            series.value.apply(&family.shape, update, now);
        }
        Some(result)
    }

    /// Sets of label names under which metrics of this type exist, as statsd_exporter counts them.
    pub fn label_sets(&self, kind: FamilyKind) -> usize {
        self.label_sets[kind as usize]
    }

    /// Number of series.
    pub fn len(&self) -> usize {
        self.series.len()
    }

    /// Whether there is no series.
    pub fn is_empty(&self) -> bool {
        self.series.is_empty()
    }
}

/// A place in a list as the 32 bits that series and families are referred to by. Limits on series keep lists far
/// below that; were one ever longer, two would share a place that exists.
fn index(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}
