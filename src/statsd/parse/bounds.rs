//! How much a line may say: what is over it becomes no series. A line's length alone would let a hundred thousand series
//! take a hundred thousand long lines of memory.

use super::LineError;
use super::tags::Tag;

/// Limits of names and tags.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Bytes of a line.
    pub line: usize,
    /// Bytes of a name, without its tags.
    pub name: usize,
    /// Tags of a sample.
    pub tags: usize,
    /// Bytes of a tag's name, and of its value.
    pub label: usize,
}

impl Bounds {
    /// Checks the name and tags of a sample. It is refused whole: without some of its tags it would be another's.
    pub fn check(&self, name: &str, tags: &[Tag<'_>]) -> Result<(), LineError> {
        if name.len() > self.name {
            return Err(LineError::NameTooLong);
        }
        if tags.len() > self.tags {
            return Err(LineError::TooManyTags);
        }
        let is_long = |(name, value): &Tag<'_>| name.len().max(value.len()) > self.label;
        if tags.iter().any(is_long) { Err(LineError::LabelTooLong) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_over_a_limit_is_refused() {
        let bounds = Bounds { line: 100, name: 3, tags: 2, label: 4 };
        for (name, tags, want) in [
            ("abc", &[("abcd", "wxyz"), ("a", "b")][..], Ok(())),
            ("abcd", &[], Err(LineError::NameTooLong)),
            ("a", &[("a", "b"), ("a", "b"), ("a", "b")], Err(LineError::TooManyTags)),
            ("a", &[("abcde", "b")], Err(LineError::LabelTooLong)),
            ("a", &[("a", "b"), ("a", "vwxyz")], Err(LineError::LabelTooLong)),
        ] {
            assert_eq!(bounds.check(name, tags), want, "{name} {tags:?}");
        }
    }
}
