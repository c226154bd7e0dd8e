//! Who has which name in a body: the sources of one scrape don't know each other, and may write on several threads.

use super::{Format, openmetrics};
use crate::model::Desc;
use foldhash::fast::RandomState;
use std::collections::HashSet;
use std::hash::BuildHasher;

/// No kind of family has more, in either format: `_bucket`, `_sum`, `_count` and `_created`.
const MAX_SUFFIXES: usize = 4;

/// Room for the names of a host's families, or the set would grow half a dozen times in each scrape.
const USUAL: usize = 448;

/// The names that have an owner.
#[derive(Clone, Default)]
pub struct Owners {
    /// By keyed hash: eight bytes each, whatever their length.
    owned: HashSet<u64, RandomState>,
    hasher: RandomState,
    key: String,
}

impl Owners {
    /// Gives all sample names of a family to it, or none where one of them has an owner.
    pub fn claim(&mut self, desc: &Desc<'_>, format: Format) -> bool {
        let (base, suffixes) = names(desc, format);
        // Hashed whole, since `t` with `_count` and `t_count` are one name; in a buffer that is used again.
        self.key.clear();
        self.key.push_str(base);
        let mut names = [self.hasher.hash_one(&self.key); 1 + MAX_SUFFIXES];
        for (name, suffix) in names[1..].iter_mut().zip(suffixes) {
            self.key.push_str(suffix);
            *name = self.hasher.hash_one(&self.key);
            self.key.truncate(base.len());
        }
        let names = &names[..=suffixes.len().min(MAX_SUFFIXES)];
        let free = !names.iter().any(|name| self.owned.contains(name));
        if free {
            if self.owned.is_empty() {
                self.owned.reserve(USUAL);
            }
            self.owned.extend(names);
        }
        free
    }

    /// Whether a family of this name has an owner.
    pub fn has(&self, desc: &Desc<'_>, format: Format) -> bool {
        self.owned.contains(&self.hasher.hash_one(names(desc, format).0))
    }
}

/// The name of a family, and the suffixes of its samples.
fn names<'d>(desc: &Desc<'d>, format: Format) -> (&'d str, &'static [&'static str]) {
    match format {
        Format::Text => (desc.name, desc.kind.suffixes()),
        Format::OpenMetrics => (openmetrics::family_name(desc), openmetrics::suffixes(desc.kind)),
    }
}
