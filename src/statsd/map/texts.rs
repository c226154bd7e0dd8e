//! Texts without which expressions can't match, and a tree to find those in a name.

use super::scratch::Marks;
use foldhash::fast::RandomState;
use hashbrown::HashMap;
use regex_syntax::hir::{Hir, HirKind};

/// Longer texts are cut to this many bytes.
const MAX_TEXT_BYTES: usize = 128;
/// A choice between more texts than this is left out of sight.
const MAX_TEXTS: usize = 32;

/// Texts of which a match holds at least one.
pub type Texts = Vec<Vec<u8>>;

/// Sets of texts; a match of the expression holds at least one of each.
pub fn required(hir: &Hir) -> Vec<Texts> {
    match hir.kind() {
        HirKind::Literal(literal) => vec![vec![literal.0.iter().take(MAX_TEXT_BYTES).copied().collect()]],
        HirKind::Capture(capture) => required(&capture.sub),
        HirKind::Repetition(repetition) if repetition.min > 0 => required(&repetition.sub),
        HirKind::Concat(parts) => parts.iter().flat_map(required).collect(),
        HirKind::Alternation(parts) => {
            let longest = |part| required(part).into_iter().max_by_key(|texts| texts.iter().map(Vec::len).min());
            let texts: Option<Vec<Texts>> = parts.iter().map(longest).collect();
            texts.map(|texts| texts.concat()).filter(|texts| texts.len() <= MAX_TEXTS).into_iter().collect()
        }
        HirKind::Empty | HirKind::Class(_) | HirKind::Look(_) | HirKind::Repetition(_) => Vec::new(),
    }
}

/// The texts as a tree of bytes.
#[derive(Debug, Default)]
pub struct Tree {
    /// Its nodes, by the node above, 0 for the root, and the byte that leads on from there.
    nodes: HashMap<(u32, u8), Node, RandomState>,
    /// Where the users are of the empty text.
    always: (u32, u32),
    /// The expressions that need a text, one text's after the other's.
    users: Vec<u32>,
}

#[derive(Clone, Copy, Debug)]
struct Node {
    id: u32,
    /// Where the users are of the text that ends here.
    users: (u32, u32),
}

impl Tree {
    /// The tree of some texts, each with the expressions that need it.
    pub fn new<'t>(texts: impl Iterator<Item = (&'t [u8], Vec<u32>)>) -> Self {
        let (mut tree, number) = (Self::default(), |len: usize| u32::try_from(len).unwrap_or(u32::MAX));
        for (text, mut users) in texts {
            let from = number(tree.users.len());
            tree.users.append(&mut users);
            let users = (from, number(tree.users.len()));
            let mut at = 0;
            for (depth, byte) in (1..).zip(text) {
                let next = Node { id: number(tree.nodes.len() + 1), users: (0, 0) };
                let node = tree.nodes.entry((at, *byte)).or_insert(next);
                at = node.id;
                if depth == text.len() {
                    node.users = users;
                }
            }
            if text.is_empty() {
                tree.always = users;
            }
        }
        tree
    }

    /// Adds the expressions whose texts are in the name, some perhaps more than once.
    pub fn find(&self, name: &[u8], seen: &mut Marks, found: &mut Vec<u32>) {
        let users = |(from, to): (u32, u32)| &self.users[from as usize..to as usize];
        found.extend(users(self.always));
        seen.start(self.users.len());
        for start in 0..name.len() {
            let mut at = 0;
            for byte in &name[start..] {
                let Some(node) = self.nodes.get(&(at, *byte)) else { break };
                at = node.id;
                // A text is marked by the place of its first user.
                if node.users.1 > node.users.0 && seen.put(node.users.0 as usize) {
                    found.extend(users(node.users));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern::parse;

    #[test]
    fn what_a_match_must_hold() {
        for (text, want) in [
            ("svc\\.(\\w+)\\.count", "svc. .count"),
            ("^svc-(\\d+)$", "svc-"),
            ("(a|bc)\\.(\\w+)", "a|bc ."),
            ("(web|app)(\\w+)", "web|app"),
            ("(x\\d+yy|app)(\\w+)", "yy|app"),
            ("(\\w+|app)", ""),
            ("(abc)?d", "d"),
            ("(abc)+d", "abc d"),
            ("a{2}", "a"),
            (".", ""),
            ("a*", ""),
            ("", ""),
            ("(?i)a", ""),
        ] {
            let sets =
                required(&parse(text).unwrap()).into_iter().map(|texts| String::from_utf8(texts.join(&b'|')).unwrap());
            assert_eq!(sets.collect::<Vec<_>>().join(" "), want, "text: {text:?}");
        }
    }

    #[test]
    fn texts_are_found_in_names() {
        let texts =
            [("", vec![9]), ("abc", vec![1, 2]), ("b", vec![3]), ("bcd", vec![2]), ("abd", vec![]), ("é", vec![5])];
        let tree = Tree::new(texts.iter().map(|(text, users)| (text.as_bytes(), users.clone())));
        let mut seen = Marks::default();
        for (name, want) in [
            ("", &[9][..]),
            ("x.abcabc", &[9, 1, 2, 3]),
            ("abcd", &[9, 1, 2, 3, 2]),
            ("abd", &[9, 3]),
            ("ab", &[9, 3]),
            ("é", &[9, 5]),
        ] {
            let mut found = Vec::new();
            tree.find(name.as_bytes(), &mut seen, &mut found);
            assert_eq!(found, want, "name: {name:?}");
        }
    }
}
