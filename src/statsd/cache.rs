//! The line cache: from the bytes of a line that are not its value to what they stand for.
//!
//! ```text
//! app.hits:1|c|#env:prod
//! ^^^^^^^^   ^^^^^^^^^^^^^   the key, in two pieces
//! ```
//!
//! A repeated line skips tags, mapping and label building and allocates nothing. The cache is bounded, in lines and in bytes;
//! what falls out of it is parsed again, and gives the same.
//!
//! A line takes its key and some thirty bytes: keys stand one behind the other in one buffer, oldest first, and of the ways
//! to read a line, of which an app has few, each is kept once.
//!
//! Where memory has a limit, lines take a quarter of it at the most, and none that the cache has not had before while
//! there is no room left: what is full lets the oldest go.

use super::store::Handle;
use crate::memory::Room;
use foldhash::fast::RandomState;
use hashbrown::HashTable;
use std::hash::{BuildHasher, Hasher};

/// Between name and rest in a key: a name has none, so that the key tells where the value stood.
const VALUE: u8 = b':';

/// Bytes of keys for each line of the limit. Where lines are longer on average, fewer are kept.
const KEY_BYTES: usize = 256;

/// Where a key starts is kept in four bytes.
const MAX_KEY_BYTES: usize = u32::MAX as usize;

/// The part of a limit on memory that lines may take: more is for what can't be had again.
const SHARE: usize = 4;

/// What the cache may take in any case, since without lines each costs several times what it must.
const SMALLEST: usize = 64 << 10;

/// How far back a reading is looked for that is like a new one.
const RECENT_READINGS: usize = 32;

/// What a line stands for once it is parsed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Recipe {
    /// The series. One that is gone leaves recipes behind.
    pub series: Handle,
    /// How the line's value is read.
    pub reading: Reading,
}

/// How a value is read, and what is counted with it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reading {
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

impl Reading {
    /// What a number on the line means.
    pub fn value(&self, number: f64) -> f64 {
        number / self.divide * self.multiply
    }
}

/// A line: where its key is, and what it stands for.
struct Entry {
    start: u32,
    length: u16,
    reading: u32,
    series: Handle,
}

/// A bounded map from lines without their values to recipes.
pub struct LineCache {
    entries: HashTable<Entry>,
    keys: Vec<u8>,
    readings: Vec<Reading>,
    hasher: RandomState,
    limit: usize,
    /// Bytes of keys there were at the most: as many have become resident.
    touched: usize,
}

impl LineCache {
    /// A cache of at most `limit` lines.
    pub fn new(limit: usize) -> Self {
        let (entries, keys, readings) = (HashTable::new(), Vec::new(), Vec::new());
        Self { entries, keys, readings, hasher: RandomState::default(), limit, touched: 0 }
    }

    /// The recipe of a line, if it is known.
    pub fn get(&self, name: &[u8], rest: &[u8]) -> Option<Recipe> {
        let entry = self.entries.find(hash(&self.hasher, name, rest), |entry| entry.is(&self.keys, name, rest))?;
        Some(Recipe { series: entry.series, reading: *self.readings.get(entry.reading as usize)? })
    }

    /// Keeps the recipe of a line. A full cache lets its oldest lines go first, as does one that there is no room for.
    pub fn put(&mut self, name: &[u8], rest: &[u8], recipe: Recipe, room: &mut Room) {
        let hash = hash(&self.hasher, name, rest);
        if let Some(known) = self.entries.find_mut(hash, |entry| entry.is(&self.keys, name, rest)) {
            // Its series came anew. The same bytes are read alike as long as the rules are the same.
            known.series = recipe.series;
            return;
        }
        let (bytes, most) = (name.len() + 1 + rest.len(), self.limit.saturating_mul(KEY_BYTES).min(MAX_KEY_BYTES));
        let Ok(length) = u16::try_from(bytes) else { return };
        if bytes > most {
            return;
        }
        while self.entries.len() >= self.limit
            || self.keys.len() + bytes > most
            || !self.take_room(bytes, &recipe.reading, room)
        {
            if self.keys.is_empty() {
                return;
            }
            self.forget_oldest();
        }
        let Ok(start) = u32::try_from(self.keys.len()) else { return };
        for piece in [name, &[VALUE], rest] {
            self.keys.extend_from_slice(piece);
        }
        let entry = Entry { start, length, reading: self.reading(recipe.reading), series: recipe.series };
        let (keys, hasher) = (&self.keys, &self.hasher);
        self.entries.insert_unique(hash, entry, |entry| entry.hash(keys, hasher));
    }

    /// Forgets all lines: the rules have changed.
    pub fn clear(&mut self) {
        self.entries.clear();
        self.keys.clear();
        self.readings.clear();
    }

    /// Takes room for one more line, where it needs memory that the cache has not had before.
    fn take_room(&mut self, bytes: usize, reading: &Reading, room: &mut Room) -> bool {
        let touched = self.touched.max(self.keys.len() + bytes);
        let growth = self.table_growth() + self.readings_growth(reading);
        let new = touched - self.touched + growth;
        if new == 0 {
            return true;
        }
        let all = touched + self.table_bytes() + self.readings_bytes() + growth;
        let within_share = room.most().is_none_or(|most| all <= most / SHARE);
        let has_room = all <= SMALLEST || within_share && room.take_if_plenty(new);
        if has_room {
            self.touched = touched;
        }
        has_room
    }

    fn table_bytes(&self) -> usize {
        self.entries.allocation_size()
    }

    fn readings_bytes(&self) -> usize {
        self.readings.capacity() * size_of::<Reading>()
    }

    /// What the table takes for a moment when one more line makes it grow: a new one of twice the size, beside the old one.
    fn table_growth(&self) -> usize {
        let is_full = self.entries.len() == self.entries.capacity();
        // The capacity is less where lines went: each leaves a trace. A table of which half are traces clears these away
        // when it is full, and does not grow.
        let grows = self.entries.len() >= self.entries.num_buckets() / 16 * 7;
        if is_full && grows { 2 * self.table_bytes() } else { 0 }
    }

    /// The same for the readings, which grow with one that no line had shortly before.
    fn readings_growth(&self, reading: &Reading) -> usize {
        let is_full = self.readings.len() == self.readings.capacity();
        if is_full && self.recent(reading).is_none() { 2 * self.readings_bytes() } else { 0 }
    }

    /// The place of a reading that a line had shortly before.
    fn recent(&self, reading: &Reading) -> Option<usize> {
        let first = self.readings.len().saturating_sub(RECENT_READINGS);
        self.readings.iter().skip(first).position(|other| other == reading).map(|place| first + place)
    }

    /// The place of a reading, which lines that came shortly before may share.
    fn reading(&mut self, reading: Reading) -> u32 {
        let at = self.recent(&reading).unwrap_or_else(|| {
            self.readings.push(reading);
            self.readings.len() - 1
        });
        // At most one for each line, and those are fewer.
        u32::try_from(at).unwrap_or(u32::MAX)
    }

    /// Lets an eighth go, and the readings that only it had.
    #[cold]
    fn forget_oldest(&mut self) {
        let gone = (self.keys.len() / 8).max(1);
        self.keys.drain(..gone);
        let gone = u32::try_from(gone).unwrap_or(u32::MAX);
        self.entries.retain(|entry| {
            let start = entry.start.checked_sub(gone);
            entry.start = start.unwrap_or_default();
            start.is_some()
        });
        let unread = self.entries.iter().map(|entry| entry.reading).min().unwrap_or(u32::MAX);
        self.readings.drain(..self.readings.len().min(unread as usize));
        self.entries.iter_mut().for_each(|entry| entry.reading -= unread);
    }
}

impl Entry {
    fn key<'a>(&self, keys: &'a [u8]) -> &'a [u8] {
        let start = self.start as usize;
        keys.get(start..start + usize::from(self.length)).unwrap_or_default()
    }

    /// Whether the key is these two pieces, cut at the same place.
    fn is(&self, keys: &[u8], name: &[u8], rest: &[u8]) -> bool {
        let pieces = self.key(keys).split_at_checked(name.len());
        pieces.is_some_and(|(start, end)| start == name && end.split_first() == Some((&VALUE, rest)))
    }

    fn hash(&self, keys: &[u8], hasher: &RandomState) -> u64 {
        let key = self.key(keys);
        let name = memchr::memchr(VALUE, key).unwrap_or(key.len());
        hash(hasher, &key[..name], key.get(name + 1..).unwrap_or_default())
    }
}

fn hash(hasher: &RandomState, name: &[u8], rest: &[u8]) -> u64 {
    let mut state = hasher.build_hasher();
    state.write(name);
    state.write(rest);
    state.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recipe(weight: u64) -> Recipe {
        let reading = Reading { divide: 1.0, multiply: 1.0, weight, tagged: false, mapped: false, let_by: 0 };
        Recipe { series: Handle::default(), reading }
    }

    fn weight(cache: &LineCache, name: &str, rest: &str) -> Option<u64> {
        cache.get(name.as_bytes(), rest.as_bytes()).map(|recipe| recipe.reading.weight)
    }

    #[test]
    fn lines_are_told_apart_by_all_their_bytes_and_where_the_value_stood() {
        let mut cache = LineCache::new(10);
        cache.put(b"a|c", b"|c", recipe(1), &mut Room::default());
        cache.put(b"a", b"|c|c", recipe(2), &mut Room::default());
        cache.put(b"ab", b"|c", recipe(3), &mut Room::default());
        for (name, rest, want) in [
            ("a|c", "|c", Some(1)),
            ("a", "|c|c", Some(2)),
            ("ab", "|c", Some(3)),
            ("ab", "|g", None),
            ("", "ab|c", None),
        ] {
            assert_eq!(weight(&cache, name, rest), want, "{name}:{rest}");
        }
    }

    #[test]
    fn the_limit_holds_and_the_oldest_lines_go_first() {
        for limit in [0, 1, 7, 64] {
            let mut cache = LineCache::new(limit);
            for i in 0..1000 {
                cache.put(format!("line{i}").as_bytes(), b"|c", recipe(i), &mut Room::default());
                let known: Vec<u64> = (0..=i).filter_map(|i| weight(&cache, &format!("line{i}"), "|c")).collect();
                assert!(known.iter().copied().eq(i + 1 - known.len() as u64..=i), "{known:?} after {i}");
                assert!(known.len() <= limit && (limit == 0 || !known.is_empty()), "{known:?}");
                assert!(cache.readings.len() <= limit, "{} readings", cache.readings.len());
            }
        }
    }

    #[test]
    fn long_lines_are_fewer() {
        let mut cache = LineCache::new(10);
        for i in 0..100 {
            cache.put(format!("{i}").as_bytes(), &[b'|'; 1000], recipe(1), &mut Room::default());
            assert!(cache.entries.len() <= 2 && cache.keys.len() <= 10 * KEY_BYTES);
        }
        cache.put(b"longer than all", &[b'|'; 3000], recipe(1), &mut Room::default());
        assert_eq!(cache.entries.len(), 2);
    }

    /// Fills a cache with lines of a hundred bytes, and returns the bytes it took.
    fn fill(cache: &mut LineCache, lines: std::ops::Range<u64>, room: &mut Room) -> usize {
        for i in lines {
            cache.put(format!("{i:0>98}").as_bytes(), b"|c", recipe(i), room);
            assert_eq!(weight(cache, &format!("{i:0>98}"), "|c"), Some(i), "the newest line is known");
        }
        cache.touched + cache.entries.allocation_size() + cache.readings.capacity() * size_of::<Reading>()
    }

    #[test]
    fn lines_take_a_quarter_of_a_limit_on_memory() {
        for most in [1 << 20, 4 << 20] {
            let (mut cache, mut room) = (LineCache::new(1_000_000), Room::new(most, Box::new(|| Some(0))));
            let bytes = fill(&mut cache, 0..30_000, &mut room);
            assert!((most / 8..=most / 4).contains(&bytes), "{bytes} of {most}");
        }
    }

    #[test]
    fn lines_take_no_new_memory_where_there_is_no_room() {
        let mut cache = LineCache::new(1_000_000);
        let bytes = fill(&mut cache, 0..5000, &mut Room::default());
        let mut full = Room::new(1, Box::new(|| Some(2)));
        assert!(!full.take(1, 0));
        assert_eq!(fill(&mut cache, 5000..20_000, &mut full), bytes);
        cache.clear();
        assert_eq!(fill(&mut cache, 20_000..40_000, &mut full), bytes);
        let mut empty = LineCache::new(1_000_000);
        assert!(fill(&mut empty, 0..5000, &mut full) <= SMALLEST);
    }

    #[test]
    fn lines_share_readings_and_take_few_bytes() {
        let mut cache = LineCache::new(1000);
        for i in 0..1000 {
            cache.put(format!("line{i}").as_bytes(), b"|c", recipe(i % 20), &mut Room::default());
        }
        assert_eq!((cache.readings.len(), size_of::<Entry>()), (20, 24));
    }
}
