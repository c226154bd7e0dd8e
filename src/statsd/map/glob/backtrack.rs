//! Whether globs without an order need the way back from a word to the star beside it.
//!
//! statsd_exporter decides that once for all rules (`TestIfNeedBacktracking`), and what it decides shows in what is
//! matched: it is needed if some rule with a star shares the parts before its first star with another rule of as many
//! parts, unless that rule holds another one or is held by one, star for word.

use super::{Globs, ROOT};
use std::collections::{HashMap, HashSet};

impl Globs {
    pub(super) fn needs_backtracking(&self, globs: &[&str]) -> bool {
        let mut sharing: HashMap<(usize, &str), u32> = HashMap::new();
        for glob in globs {
            let parts = parts(glob);
            let ends = glob.match_indices('.').map(|(i, _)| i + 1);
            for end in std::iter::once(0).chain(ends) {
                *sharing.entry((parts, &glob[..end])).or_default() += 1;
            }
        }
        let related = self.related(globs);
        globs.iter().any(|glob| {
            let shared = glob.find('*').and_then(|star| sharing.get(&(parts(glob), &glob[..star])));
            shared.is_some_and(|rules| *rules > 1) && !related.contains(glob)
        })
    }

    /// The globs that hold another one, or are held by one. A glob that stands twice is both.
    fn related<'a>(&self, globs: &[&'a str]) -> HashSet<&'a str> {
        let mut ends: HashMap<u32, &'a str> = HashMap::new();
        let mut related = HashSet::new();
        for glob in globs {
            let mut node = ROOT;
            for part in glob.split('.') {
                node = self.follow(node, part).unwrap_or(ROOT);
            }
            if ends.insert(node, glob).is_some() {
                related.insert(*glob);
            }
        }
        let mut stack = Vec::new();
        for glob in globs {
            stack.push((ROOT, Some(*glob)));
            while let Some((node, rest)) = stack.pop() {
                let Some(rest) = rest else {
                    if let Some(holder) = ends.get(&node).filter(|holder| *holder != glob) {
                        related.extend([*holder, *glob]);
                    }
                    continue;
                };
                let (part, rest) = rest.split_once('.').map_or((rest, None), |(part, rest)| (part, Some(rest)));
                stack.extend(self.star(node).map(|star| (star, rest)));
                if part != "*" {
                    stack.extend(self.follow(node, part).map(|word| (word, rest)));
                }
            }
        }
        related
    }

    fn follow(&self, node: u32, part: &str) -> Option<u32> {
        match part {
            "*" => self.star(node),
            _ => self.child(node, *self.words.get(part)?),
        }
    }
}

fn parts(glob: &str) -> usize {
    glob.split('.').count()
}
