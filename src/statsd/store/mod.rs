//! The series of apps: who has which name, what each series holds, and how a scrape writes them.
//!
//! Each series keeps its label text as it goes over the wire, so that a scrape writes and does not format.

mod family;
mod series;
mod write;

pub use series::{Handle, Update};
pub use write::Cursor;

use family::Family;
pub use family::{FamilyKind, FamilySpec};
use foldhash::fast::RandomState;
use hashbrown::HashTable;
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
    families: Vec<Family>,
    /// Each sample name that a family exposes, to the family that has it.
    owners: hashbrown::HashMap<Box<str>, u32, RandomState>,
    series: Vec<Series>,
    /// Places of series by family and label text.
    index: HashTable<u32>,
    hasher: RandomState,
    /// Number of scrapes begun: a series born during one is not part of it.
    scrapes: u32,
    /// By type, how many sets of label names there are.
    label_sets: [usize; FamilyKind::ALL.len()],
}

impl Store {
    /// The series with this name, type and label text, made if it is new. `names` tells sets of label names apart.
    pub fn intern(&mut self, spec: &FamilySpec<'_>, labels: &str, names: u64) -> Result<Handle, StoreError> {
        let family = match self.owners.get(spec.name) {
            Some(&family) if self.families[family as usize].has(spec.name, spec.kind) => family,
            Some(_) => return Err(StoreError::Conflict),
            None => self.add_family(spec)?,
        };
        let hash = self.hasher.hash_one((family, labels));
        let known = self.index.find(hash, |&at| self.series[at as usize].is(family, labels));
        let at = match known {
            Some(&at) => at,
            None => self.add_series(family, labels, names, hash),
        };
        Ok(Handle { at })
    }

    fn add_family(&mut self, spec: &FamilySpec<'_>) -> Result<u32, StoreError> {
        let names = || [""].iter().chain(spec.kind.suffixes()).map(|suffix| [spec.name, suffix].concat());
        if names().any(|name| self.owners.contains_key(name.as_str())) {
            return Err(StoreError::Conflict);
        }
        let at = index(self.families.len());
        self.owners.extend(names().map(|name| (name.into(), at)));
        self.families.push(Family::new(spec, self.scrapes));
        Ok(at)
    }

    fn add_series(&mut self, family: u32, labels: &str, names: u64, hash: u64) -> u32 {
        let at = index(self.series.len());
        self.series.push(Series::new(family, labels, &self.families[family as usize], self.scrapes));
        let family = &mut self.families[family as usize];
        self.label_sets[family.kind() as usize] += usize::from(family.add(at, names));
        let (series, hasher) = (&self.series, &self.hasher);
        self.index.insert_unique(hash, at, |&at| hasher.hash_one(series[at as usize].key()));
        at
    }

    /// Changes a series; `false` where the handle's series is gone.
    pub fn apply(&mut self, handle: Handle, update: Update) -> bool {
        match self.series.get_mut(handle.at as usize) {
            Some(series) => {
                series.apply(update);
                true
            }
            None => false,
        }
    }

    /// The type behind a handle.
    pub fn kind(&self, handle: Handle) -> Option<FamilyKind> {
        self.series.get(handle.at as usize).map(|series| self.families[series.family as usize].kind())
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
