//! Paths that a pattern names, as Go's `filepath.Glob` has it: `*` and `?` within a name, `[a-z]`, `[^a-z]`, `\` before
//! a character that stands for itself. Names with a leading dot are names like any other.

use crate::host::files;
use std::path::{Path, PathBuf};

/// The paths that exist and match, sorted within each directory; none where the pattern is broken or nothing matches.
pub fn glob(pattern: &str) -> Vec<PathBuf> {
    let (mut found, relative) = match pattern.strip_prefix('/') {
        Some(rest) => (vec![PathBuf::from("/")], rest),
        None => (vec![PathBuf::new()], pattern),
    };
    for name in relative.split('/').filter(|name| !name.is_empty()) {
        found = if name.contains(['*', '?', '[', '\\']) {
            found.iter().flat_map(|directory| matching(directory, name)).collect()
        } else {
            found.iter().map(|directory| directory.join(name)).filter(|path| path.symlink_metadata().is_ok()).collect()
        };
    }
    found
}

fn matching(directory: &Path, pattern: &str) -> Vec<PathBuf> {
    let here = if directory.as_os_str().is_empty() { Path::new(".") } else { directory };
    let mut names = files::list(here).unwrap_or_default();
    names.retain(|name| matches(pattern, name));
    names.iter().map(|name| directory.join(name)).collect()
}

/// Whether a name matches a pattern. A broken pattern matches nothing.
fn matches(pattern: &str, name: &str) -> bool {
    let (pattern, name): (Vec<char>, Vec<char>) = (pattern.chars().collect(), name.chars().collect());
    // Where the last `*` is, and how much of the name it has taken: on a mismatch it takes one more.
    let (mut p, mut n, mut star) = (0, 0, None);
    while n < name.len() {
        if pattern.get(p) == Some(&'*') {
            star = Some((p, n));
            p += 1;
        } else if let Some(next) = one(&pattern, p, name[n]) {
            (p, n) = (next, n + 1);
        } else if let Some((place, taken)) = star {
            star = Some((place, taken + 1));
            (p, n) = (place + 1, taken + 1);
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|&c| c == '*')
}

/// Whether a character matches the part of the pattern at `p`; the place after that part.
fn one(pattern: &[char], p: usize, c: char) -> Option<usize> {
    match *pattern.get(p)? {
        '?' => Some(p + 1),
        '\\' => (*pattern.get(p + 1)? == c).then_some(p + 2),
        '[' => {
            let negated = pattern.get(p + 1) == Some(&'^');
            let (mut p, mut hit, mut first) = (p + 1 + usize::from(negated), false, true);
            while first || *pattern.get(p)? != ']' {
                first = false;
                let (low, next) = bound(pattern, p)?;
                let (high, next) =
                    if pattern.get(next) == Some(&'-') { bound(pattern, next + 1)? } else { (low, next) };
                hit |= (low..=high).contains(&c);
                p = next;
            }
            (hit != negated).then_some(p + 1)
        }
        literal => (literal == c).then_some(p + 1),
    }
}

/// A character of a class and the place after it.
fn bound(pattern: &[char], p: usize) -> Option<(char, usize)> {
    match *pattern.get(p)? {
        '\\' => Some((*pattern.get(p + 1)?, p + 2)),
        '-' | ']' => None,
        c => Some((c, p + 1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_match_as_in_go() {
        for (pattern, name, want) in [
            ("abc", "abc", true),
            ("*", "", true),
            ("*", ".hidden", true),
            ("a*", "ab", true),
            ("a*c", "abcbc", true),
            ("a*c", "abcb", false),
            ("a*b*c", "axbxbxc", true),
            ("*x", "xxx", true),
            ("ab[c]", "abc", true),
            ("ab[b-d]", "abc", true),
            ("ab[^b-d]", "abc", false),
            ("ab[^e-g]", "abc", true),
            ("a?b", "a☺b", true),
            ("a[^a]b", "a☺b", true),
            ("[\\]a]", "]", true),
            ("[x\\-]", "-", true),
            ("a\\*b", "a*b", true),
            ("a\\*b", "axb", false),
            ("[]a]", "]", false),
            ("[-x]", "x", false),
            ("[x-]", "x", false),
            ("[", "a", false),
            ("[^", "a", false),
            ("a[", "a", false),
            ("a\\", "a", false),
            ("", "", true),
            ("", "a", false),
        ] {
            assert_eq!(matches(pattern, name), want, "{pattern:?} on {name:?}");
        }
    }

    #[test]
    fn paths_are_found_level_by_level() {
        let root = tempfile::tempdir().unwrap();
        for name in ["b/x", "a/x", "a/y", ".c/x"] {
            std::fs::create_dir_all(root.path().join(name)).unwrap();
        }
        let found = |pattern: &str| {
            let paths = glob(&format!("{}/{pattern}", root.path().display()));
            paths.iter().map(|p| p.strip_prefix(root.path()).unwrap().display().to_string()).collect::<Vec<_>>()
        };
        assert_eq!(found("*/x"), [".c/x", "a/x", "b/x"]);
        assert_eq!(found("a/?"), ["a/x", "a/y"]);
        assert_eq!(found("a/x/"), ["a/x"]);
        assert_eq!(found("[ab]/*"), ["a/x", "a/y", "b/x"]);
        assert_eq!(found("d/*"), [""; 0]);
        assert_eq!(found("d"), [""; 0]);
    }

    proptest::proptest! {
        #[test]
        fn no_pattern_makes_it_panic(pattern in r"[-\[\]^\\*?ab]{0,12}", name in r"[-\[\]ab]{0,8}") {
            matches(&pattern, &name);
        }
    }
}
