//! The line cache: from the bytes of a line that are not its value to what they stand for.
//!
//! ```text
//! app.hits:1|c|#env:prod
//! ^^^^^^^^   ^^^^^^^^^^^^^   the key, in two pieces
//! ```
//!
//! A repeated line skips tags, mapping and label building and allocates nothing. The cache is bounded; what falls out
//! of it is parsed again, and gives the same.

use foldhash::fast::RandomState;
use hashbrown::HashTable;
use std::hash::{BuildHasher, Hasher};

/// What a line stands for once it is parsed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Recipe {
    /// The series, and the generation of its place: a series that is gone leaves recipes behind.
    pub series: super::store::Handle,
    /// What the value is divided by: the rate of a counter, 1000 for milliseconds.
    pub divide: f64,
    /// What the value is multiplied with after that: the rule's scale.
    pub multiply: f64,
    /// How many observations one stands for.
    pub weight: u64,
    /// Whether the line has tags, which is counted.
    pub tagged: bool,
    /// Whether a rule made the name, which is counted.
    pub mapped: bool,
    /// Sections that are let by, which are counted.
    pub let_by: u32,
}

impl Recipe {
    /// What a number on the line means.
    pub fn value(&self, number: f64) -> f64 {
        number / self.divide * self.multiply
    }
}

struct Entry {
    hash: u64,
    name: u32,
    key: Box<[u8]>,
    recipe: Recipe,
}

/// A bounded map from lines without their values to recipes.
pub struct LineCache {
    entries: HashTable<Entry>,
    hasher: RandomState,
    limit: usize,
}

impl LineCache {
    /// A cache of at most `limit` lines.
    pub fn new(limit: usize) -> Self {
        Self { entries: HashTable::new(), hasher: RandomState::default(), limit }
    }

    /// The recipe of a line, if it is known.
    pub fn get(&self, name: &[u8], rest: &[u8]) -> Option<Recipe> {
        let hash = self.hash(name, rest);
        self.entries.find(hash, |entry| entry.hash == hash && entry.is(name, rest)).map(|entry| entry.recipe)
    }

    /// Keeps the recipe of a line. A full cache lets a share of its entries go first, whichever the table comes upon.
    pub fn put(&mut self, name: &[u8], rest: &[u8], recipe: Recipe) {
        let Ok(length) = u32::try_from(name.len()) else { return };
        if self.limit == 0 {
            return;
        }
        if self.entries.len() >= self.limit {
            let mut left = (self.limit / 8).max(1);
            self.entries.retain(|_| {
                let goes = left > 0;
                left -= usize::from(goes);
                !goes
            });
        }
        let hash = self.hash(name, rest);
        let entry = Entry { hash, name: length, key: [name, rest].concat().into(), recipe };
        if let Ok(mut known) = self.entries.find_entry(hash, |entry| entry.hash == hash && entry.is(name, rest)) {
            *known.get_mut() = entry;
        } else {
            self.entries.insert_unique(hash, entry, |entry| entry.hash);
        }
    }

    /// Forgets all lines: the rules have changed.
    pub fn clear(&mut self) {
        self.entries.clear();
    }

    fn hash(&self, name: &[u8], rest: &[u8]) -> u64 {
        let mut state = self.hasher.build_hasher();
        state.write(name);
        state.write(rest);
        state.finish()
    }
}

impl Entry {
    /// Whether the key is these two pieces, cut at the same place.
    fn is(&self, name: &[u8], rest: &[u8]) -> bool {
        self.name as usize == name.len() && self.key.split_at(name.len()) == (name, rest)
    }
}

#[cfg(test)]
mod tests {
    use super::super::store::Handle;
    use super::*;

    fn recipe(weight: u64) -> Recipe {
        Recipe {
            series: Handle::default(),
            divide: 1.0,
            multiply: 1.0,
            weight,
            tagged: false,
            mapped: false,
            let_by: 0,
        }
    }

    #[test]
    fn lines_are_told_apart_by_all_their_bytes_and_where_the_value_stood() {
        let mut cache = LineCache::new(10);
        cache.put(b"ab", b"|c", recipe(1));
        cache.put(b"a", b"b|c", recipe(2));
        cache.put(b"ab", b"|c", recipe(3));
        let get = |name: &[u8], rest: &[u8]| cache.get(name, rest).map(|r| r.weight);
        assert_eq!(
            [get(b"ab", b"|c"), get(b"a", b"b|c"), get(b"ab", b"|g"), get(b"", b"ab|c")],
            [Some(3), Some(2), None, None]
        );
    }

    #[test]
    fn the_limit_holds() {
        for limit in [0, 1, 7, 64] {
            let mut cache = LineCache::new(limit);
            for i in 0..1000 {
                cache.put(format!("line{i}").as_bytes(), b"|c", recipe(i));
                assert!(cache.entries.len() <= limit);
                assert_eq!(cache.get(format!("line{i}").as_bytes(), b"|c").map(|r| r.weight), (limit > 0).then_some(i));
            }
        }
    }
}
