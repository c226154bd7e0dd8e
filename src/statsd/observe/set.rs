//! Distinct values of the last while.
//!
//! Exact up to [`MAX_EXACT`] values, kept as hashes with the bucket they were last seen in. From there on a HyperLogLog per
//! age bucket (Flajolet et al. 2007; estimator of Ertl, "New cardinality estimation algorithms", 2017), with a
//! standard error of 1.04 / sqrt(1024), 3.3 %. Two values are one with a chance of 2^-48. When the window is empty, it is exact again.

use super::tick::{Buckets, Clock, Saved, Tick};
use crate::statsd::bytes::{Bytes, Put};
use foldhash::quality::FixedState;
use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

/// Distinct values that are counted exactly.
pub const MAX_EXACT: usize = 512;
/// Steps in which values leave the window.
const AGE_BUCKETS: u32 = 5;
/// Hashed to see whether two runs hash alike.
const PROBE: &[u8] = b"tallyd";
const REGISTERS: usize = 1 << REGISTER_BITS;
const REGISTER_BITS: u32 = 10;
/// Low bits of an entry: the bucket the value was last seen in. The rest is hash.
const BUCKET_BITS: u32 = 16;
/// Numbers of buckets before they start anew: a multiple of [`AGE_BUCKETS`], so that a number and its remainder have one ring.
const BUCKET_MARKS: u64 = 65_535;
/// Which form the values have in a saved set.
const EXACT: u8 = 0;
const ESTIMATED: u8 = 1;
/// Bits of the hash that are neither bucket nor register.
const RANK_BITS: u32 = u64::BITS - BUCKET_BITS - REGISTER_BITS;

/// What all sets share.
#[derive(Debug, Clone)]
pub struct SetOptions {
    buckets: Buckets,
    /// Chosen at random, so that nobody can send values that collide.
    seed: u64,
    hasher: FixedState,
}

impl SetOptions {
    /// Values count for this long after they were last seen, or a fifth less.
    pub fn new(window: Duration) -> Self {
        let seed = RandomState::new().hash_one(PROBE);
        Self { buckets: Buckets::new(window, AGE_BUCKETS), seed, hasher: FixedState::with_seed(seed) }
    }

    /// Appends what a later run needs to know a value again: the seed, and a hash made with it.
    pub fn save(&self, out: &mut Vec<u8>) {
        out.put_u64(self.seed);
        out.put_u64(self.hasher.hash_one(PROBE));
    }

    /// The same with the hashes of an earlier run, and whether they are: another version of the program may hash otherwise.
    pub fn load(&self, input: &mut Bytes<'_>) -> Option<(Self, bool)> {
        let seed = input.u64()?;
        let options = Self { buckets: self.buckets, seed, hasher: FixedState::with_seed(seed) };
        let same = options.hasher.hash_one(PROBE) == input.u64()?;
        Some((options, same))
    }
}

/// One series' set. Its options are shared and passed in: always pass the same.
#[derive(Debug, Default)]
pub struct SetWindow {
    values: Values,
    clock: Clock,
}

#[derive(Debug)]
enum Values {
    /// Sorted: the hash, and in its low bits the bucket.
    Exact(Vec<u64>),
    /// The registers of one bucket after the other.
    Estimated(Box<[u8]>),
}

impl Default for Values {
    fn default() -> Self {
        Self::Exact(Vec::new())
    }
}

impl SetWindow {
    /// An empty set, without any memory of its own yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a value, or says that it was seen again.
    pub fn insert(&mut self, options: &SetOptions, value: &[u8], now: Tick) {
        if self.values.is_empty() {
            self.clock = Clock::starting(options.buckets, now);
        }
        self.turn(options, now);
        let hash = options.hasher.hash_one(value) >> BUCKET_BITS;
        match &mut self.values {
            Values::Exact(entries) => {
                let entry = hash << BUCKET_BITS | bucket_mark(self.clock.bucket);
                let at = entries.partition_point(|other| other >> BUCKET_BITS < hash);
                let full = entries.len() >= MAX_EXACT;
                match entries.get_mut(at).filter(|other| **other >> BUCKET_BITS == hash) {
                    Some(same) => *same = entry,
                    None if !full => entries.insert(at, entry),
                    None => {
                        let mut registers = estimate_from(entries);
                        note(&mut registers, hash, u64::from(self.clock.bucket));
                        self.values = Values::Estimated(registers);
                    }
                }
            }
            Values::Estimated(registers) => note(registers, hash, u64::from(self.clock.bucket)),
        }
    }

    /// Distinct values in the window.
    pub fn distinct(&mut self, options: &SetOptions, now: Tick) -> f64 {
        self.turn(options, now);
        match &self.values {
            #[allow(clippy::cast_precision_loss)] // A few hundred.
            Values::Exact(entries) => entries.len() as f64,
            Values::Estimated(registers) => estimate(registers).round(),
        }
    }

    /// Appends itself, as of now.
    pub fn save(&self, now: Tick, out: &mut Vec<u8>) {
        self.clock.save(now, out);
        match &self.values {
            Values::Exact(entries) => {
                out.put_u8(EXACT);
                out.put_list(entries, |out, entry| out.put_u64(*entry));
            }
            Values::Estimated(registers) => {
                out.put_u8(ESTIMATED);
                out.put_list(registers, |out, register| out.put_u8(*register));
            }
        }
    }

    /// As it was saved.
    pub fn load(input: &mut Bytes<'_>, saved: Saved) -> Option<Self> {
        let clock = Clock::load(input, saved)?;
        let values = match input.u8()? {
            EXACT => Values::Exact(input.list(Bytes::u64)?),
            ESTIMATED => Values::Estimated(input.list(Bytes::u8)?.into()),
            _ => return None,
        };
        values.is_whole().then_some(Self { values, clock })
    }

    /// Memory beyond the struct itself.
    pub fn heap_bytes(&self) -> usize {
        match &self.values {
            Values::Exact(entries) => size_of::<u64>() * entries.capacity(),
            Values::Estimated(registers) => registers.len(),
        }
    }

    fn turn(&mut self, options: &SetOptions, now: Tick) {
        if self.clock.is_over(now) {
            let ended = self.clock.bucket;
            self.clock.advance(options.buckets, now);
            self.values.expire(ended, self.clock.bucket);
        }
    }
}

impl Values {
    fn is_empty(&self) -> bool {
        matches!(self, Self::Exact(entries) if entries.is_empty())
    }

    /// Whether values from elsewhere are as they must be.
    fn is_whole(&self) -> bool {
        match self {
            Self::Exact(entries) => {
                let rise = entries.windows(2).all(|pair| pair[0] >> BUCKET_BITS < pair[1] >> BUCKET_BITS);
                rise && entries.len() <= MAX_EXACT
            }
            Self::Estimated(registers) => registers.len() == REGISTERS * AGE_BUCKETS as usize,
        }
    }

    /// Forgets what was last seen in buckets that have left the window.
    fn expire(&mut self, ended: u32, bucket: u32) {
        if bucket - ended >= AGE_BUCKETS {
            *self = Self::default();
            return;
        }
        match self {
            // Buckets are all of the last few, so the low bits of their numbers tell them apart.
            Self::Exact(entries) => {
                let age = |entry: u64| (bucket_mark(bucket) + BUCKET_MARKS - entry % (1 << BUCKET_BITS)) % BUCKET_MARKS;
                entries.retain(|&entry| age(entry) < u64::from(AGE_BUCKETS));
            }
            Self::Estimated(registers) => {
                for gone in ended + 1..=bucket {
                    ring(registers, u64::from(gone)).fill(0);
                }
                if registers.iter().all(|&register| register == 0) {
                    *self = Self::default();
                }
            }
        }
    }
}

fn bucket_mark(bucket: u32) -> u64 {
    u64::from(bucket) % BUCKET_MARKS
}

/// The registers of a bucket.
fn ring(registers: &mut [u8], bucket: u64) -> &mut [u8] {
    let start = usize::try_from(bucket % u64::from(AGE_BUCKETS)).unwrap_or(0) * REGISTERS;
    &mut registers[start..start + REGISTERS]
}

fn estimate_from(entries: &[u64]) -> Box<[u8]> {
    let mut registers = vec![0; REGISTERS * AGE_BUCKETS as usize].into_boxed_slice();
    for entry in entries {
        note(&mut registers, entry >> BUCKET_BITS, entry % (1 << BUCKET_BITS));
    }
    registers
}

/// Enters a hash of 48 bits: the low ten name the register, the zeros that lead the rest are what it keeps the most of.
fn note(registers: &mut [u8], hash: u64, bucket: u64) {
    let index = usize::try_from(hash & (REGISTERS as u64 - 1)).unwrap_or(0);
    let zeros = (hash >> REGISTER_BITS).leading_zeros() - (u64::BITS - RANK_BITS);
    if let Some(register) = ring(registers, bucket).get_mut(index) {
        *register = (*register).max(u8::try_from(zeros + 1).unwrap_or(u8::MAX));
    }
}

/// Ertl's improved raw estimator: no table, no switch between small and large.
fn estimate(registers: &[u8]) -> f64 {
    let mut found = [0.0_f64; RANK_BITS as usize + 2];
    for index in 0..REGISTERS {
        let most = registers.iter().skip(index).step_by(REGISTERS).copied().max().unwrap_or(0);
        if let Some(count) = found.get_mut(usize::from(most)) {
            *count += 1.0;
        }
    }
    #[allow(clippy::cast_precision_loss)] // A thousand.
    let registers = REGISTERS as f64;
    let [none, middle @ .., all] = &found;
    let mut sum = registers * tau(1.0 - all / registers);
    for count in middle.iter().rev() {
        sum = 0.5 * (sum + count);
    }
    sum += registers * sigma(none / registers);
    registers * registers / (2.0 * std::f64::consts::LN_2 * sum)
}

fn sigma(mut x: f64) -> f64 {
    let (mut y, mut z) = (1.0, x);
    loop {
        x *= x;
        let before = z;
        z += x * y;
        y += y;
        if z == before || !z.is_finite() {
            return z;
        }
    }
}

fn tau(mut x: f64) -> f64 {
    if x == 0.0 || x == 1.0 {
        return 0.0;
    }
    let (mut y, mut z) = (1.0, 1.0 - x);
    loop {
        x = x.sqrt();
        let before = z;
        y *= 0.5;
        z -= (1.0 - x).powi(2) * y;
        if z == before {
            return z / 3.0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options() -> SetOptions {
        SetOptions::new(Duration::from_secs(10))
    }

    #[test]
    fn few_values_are_counted_exactly() {
        let options = options();
        let mut set = SetWindow::new();
        assert_eq!((set.distinct(&options, 0), set.heap_bytes()), (0.0, 0));
        for round in 0..3 {
            for i in 0..MAX_EXACT {
                set.insert(&options, format!("user-{i}").as_bytes(), round);
            }
        }
        assert_eq!((set.distinct(&options, 5), set.heap_bytes()), (512.0, 4096));
    }

    #[test]
    fn values_leave_after_the_window_unless_seen_again() {
        let options = options();
        let mut set = SetWindow::new();
        set.insert(&options, b"", 5);
        set.insert(&options, b"once", 5);
        set.insert(&options, b"again", 5);
        set.insert(&options, b"again", 60);
        for (now, want) in [(60, 3.0), (104, 3.0), (105, 1.0), (144, 1.0), (145, 0.0)] {
            assert_eq!(set.distinct(&options, now), want, "now: {now}");
        }
        set.insert(&options, b"back", 1_000_000_000);
        assert_eq!(set.distinct(&options, 1_000_000_000), 1.0);
        // Long enough for the numbers of buckets to start anew.
        for now in (1_000_000_000..1_003_000_000).step_by(90) {
            set.insert(&options, b"busy", now);
        }
        assert_eq!(set.distinct(&options, 1_003_000_000), 1.0);
    }

    #[test]
    fn many_values_are_estimated_and_leave_too() {
        let options = options();
        for count in [600_u32, 3_000, 100_000] {
            let mut set = SetWindow::new();
            for i in 0..count {
                set.insert(&options, &i.to_le_bytes(), if i < count / 2 { 0 } else { 50 });
            }
            // Six standard errors: fails once in half a billion runs.
            for (now, want) in [(50, f64::from(count)), (100, f64::from(count / 2))] {
                let distinct = set.distinct(&options, now);
                assert!((distinct / want - 1.0).abs() < 0.2, "{distinct} of {want} at {now}");
            }
            assert_eq!(set.heap_bytes(), 5 * 1024);
            assert_eq!((set.distinct(&options, 200), set.heap_bytes()), (0.0, 0));
        }
    }

    proptest::proptest! {
        #[test]
        fn a_set_counts_like_a_set(values: Vec<(u8, u8)>) {
            let options = options();
            let (mut set, mut last, mut now) = (SetWindow::new(), std::collections::HashMap::new(), 0_u32);
            for (value, pause) in values {
                now += u32::from(pause) / 8;
                set.insert(&options, &[value], now);
                last.insert(value, now);
            }
            let seen_since = |age: u32| last.values().filter(|&&at| now - at < age).count() as f64;
            let distinct = set.distinct(&options, now);
            proptest::prop_assert!((seen_since(80)..=seen_since(100)).contains(&distinct), "{distinct}");
        }
    }
}
