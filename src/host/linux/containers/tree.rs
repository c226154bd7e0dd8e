//! The tree of control groups.

use super::values::unless_gone;
use crate::host::{CollectError, files};
use std::collections::{HashSet, VecDeque};
use std::fs;
use std::path::{Path, PathBuf};

/// No more than this are looked for; the rest are counted where they are found, and not gone into.
const MAX_WALKED: usize = 1 << 14;
/// How many groups of a container are asked for a process.
const MAX_ASKED: usize = 8;

/// Groups by their id, which is the path from the root of the hierarchy.
#[derive(Debug, Default, PartialEq)]
pub struct Tree {
    /// `/`, `/system.slice`, `/system.slice/ssh.service`: those near the root first.
    pub ids: Vec<String>,
    /// Where the hierarchy is that tells processes.
    pub base: PathBuf,
    unwalked: u64,
}

impl Tree {
    /// All groups below a place, and the place itself.
    pub fn walk(base: &Path) -> Result<Self, CollectError> {
        let mut tree = Self { base: base.to_owned(), ..Self::default() };
        let mut waiting = VecDeque::from(["/".to_owned()]);
        while let Some(id) = waiting.pop_front() {
            if tree.ids.len() == MAX_WALKED {
                tree.unwalked += 1;
                continue;
            }
            let Some(children) = unless_gone(children(&place(base, &id)))? else { continue };
            let below = if id == "/" { "" } else { &id };
            waiting.extend(children.into_iter().map(|child| format!("{below}/{child}")));
            tree.ids.push(id);
        }
        Ok(tree)
    }

    /// Takes in the groups of another hierarchy.
    pub fn join(&mut self, other: Self) {
        let known: HashSet<&String> = self.ids.iter().collect();
        let new: Vec<String> = other.ids.into_iter().filter(|id| !known.contains(id)).collect();
        self.ids.extend(new);
        self.unwalked += other.unwalked;
    }

    /// Keeps those that are wanted, up to `max`, and says how many that leaves out.
    pub fn keep(&mut self, max: usize, wanted: impl Fn(&str) -> bool) -> u64 {
        self.ids.retain(|id| wanted(id));
        let left_out = self.ids.len().saturating_sub(max) as u64;
        self.ids.truncate(max);
        self.ids.sort_unstable();
        left_out + self.unwalked
    }

    /// The number of a process of a container, which may have groups of its own: Podman's has one named `container`.
    pub fn any_process(&self, id: &str) -> Result<Option<String>, CollectError> {
        let inside =
            |other: &&String| other.strip_prefix(id).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        for id in self.ids.iter().filter(inside).take(MAX_ASKED) {
            let text = unless_gone(files::read(&place(&self.base, id).join("cgroup.procs")))?;
            // A process that our namespace does not have is 0.
            let process = text.as_deref().and_then(|text| text.lines().find(|line| *line != "0"));
            if let Some(process) = process.filter(|text| text.bytes().all(|b| b.is_ascii_digit())) {
                return Ok(Some(process.to_owned()));
            }
        }
        Ok(None)
    }
}

/// Where the files of a group are.
pub fn place(base: &Path, id: &str) -> PathBuf {
    base.join(id.trim_start_matches('/'))
}

/// Names of the groups in a group.
fn children(path: &Path) -> Result<Vec<String>, CollectError> {
    let failed = |e| CollectError::io(path, e);
    let mut names = Vec::new();
    for entry in fs::read_dir(path).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        if entry.file_type().map_err(failed)?.is_dir() {
            names.extend(entry.file_name().into_string());
        }
    }
    names.sort_unstable();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree() -> (tempfile::TempDir, Tree) {
        let dir = tempfile::tempdir().unwrap();
        for path in ["b/x/y", "a", "b/container"] {
            fs::create_dir_all(dir.path().join(path)).unwrap();
        }
        fs::write(dir.path().join("b/cgroup.procs"), "").unwrap();
        fs::write(dir.path().join("b/container/cgroup.procs"), "0\n4711\n4712\n").unwrap();
        let tree = Tree::walk(dir.path()).unwrap();
        (dir, tree)
    }

    #[test]
    fn groups_near_the_root_come_first() {
        let (_dir, mut tree) = tree();
        assert_eq!(tree.ids, ["/", "/a", "/b", "/b/container", "/b/x", "/b/x/y"]);
        assert_eq!(tree.keep(3, |id| id != "/"), 2);
        assert_eq!(tree.ids, ["/a", "/b", "/b/container"]);
    }

    #[test]
    fn hierarchies_are_joined_once() {
        let (_dir, mut tree) = tree();
        tree.join(Tree { ids: vec!["/".into(), "/c".into()], unwalked: 2, ..Tree::default() });
        assert_eq!(tree.ids, ["/", "/a", "/b", "/b/container", "/b/x", "/b/x/y", "/c"]);
        assert_eq!(tree.keep(10, |_| true), 2);
    }

    #[test]
    fn a_process_may_be_in_a_group_below() {
        let (_dir, tree) = tree();
        assert_eq!(tree.any_process("/b").unwrap().as_deref(), Some("4711"));
        assert_eq!(tree.any_process("/a").unwrap(), None);
    }
}
