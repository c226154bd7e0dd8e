//! Each sample name that a metric exposes, to the metric that has it.

use super::family::Family;
use foldhash::fast::RandomState;
use hashbrown::HashTable;
use std::hash::BuildHasher;

/// A family's place, and which of its names it is: four bytes a name, since the family has the text.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Name(u32);

/// No kind of metric has more names, with the bare one.
const MAX_NAMES: u32 = 4;

impl Name {
    fn new(family: u32, which: u32) -> Self {
        Self(family * MAX_NAMES + which)
    }

    fn family(self) -> u32 {
        self.0 / MAX_NAMES
    }

    /// Its text in two parts.
    fn parts(self, families: &[Option<Family>]) -> Option<[&str; 2]> {
        families.get(self.family() as usize)?.as_ref()?.sample_name((self.0 % MAX_NAMES) as usize)
    }

    fn hash(self, families: &[Option<Family>], hasher: &RandomState) -> u64 {
        self.parts(families).map_or(0, |parts| hasher.hash_one(parts.concat().as_str()))
    }
}

/// The names. The families they belong to are passed in: always pass the same.
#[derive(Default)]
pub struct Names {
    table: HashTable<Name>,
    hasher: RandomState,
}

impl Names {
    /// The place of the family that has a name.
    pub fn owner(&self, name: &str, families: &[Option<Family>]) -> Option<u32> {
        let is_it = |other: &Name| {
            other.parts(families).is_some_and(|[start, end]| name.strip_prefix(start).is_some_and(|rest| rest == end))
        };
        self.table.find(self.hasher.hash_one(name), is_it).map(|name| name.family())
    }

    /// Gives all names of the family at a place to it. Nobody may have them.
    pub fn give(&mut self, at: u32, families: &[Option<Family>]) {
        let (table, hasher) = (&mut self.table, &self.hasher);
        for name in names(at, families) {
            table.insert_unique(name.hash(families, hasher), name, |name| name.hash(families, hasher));
        }
    }

    /// Takes them back.
    pub fn take_back(&mut self, at: u32, families: &[Option<Family>]) {
        for name in names(at, families) {
            let hash = name.hash(families, &self.hasher);
            if let Ok(entry) = self.table.find_entry(hash, |other| *other == name) {
                entry.remove();
            }
        }
    }

    /// What it takes for a moment when so many more names come: a new table has twice the room, and the old one goes
    /// after it is filled.
    pub fn growth(&self, more: usize) -> usize {
        super::growth(&self.table, more)
    }
}

fn names(at: u32, families: &[Option<Family>]) -> impl Iterator<Item = Name> {
    (0..MAX_NAMES).map(move |which| Name::new(at, which)).filter(|name| name.parts(families).is_some())
}
