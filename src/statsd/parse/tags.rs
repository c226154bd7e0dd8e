//! The tags of a line as they were sent, in a buffer that is used again for the next line.

/// A name and a value, neither empty, both as sent.
pub type Tag<'a> = (&'a str, &'a str);

/// Tags of one line: those of its name, then those of the sample that was read last.
#[derive(Debug, Default)]
pub struct Tags<'a> {
    list: Vec<Tag<'a>>,
    of_name: usize,
    errors_of_name: u32,
    errors: u32,
}

impl<'a> Tags<'a> {
    /// All tags; of two with one name the later counts.
    pub fn as_slice(&self) -> &[Tag<'a>] {
        &self.list
    }

    /// Tags that had no name or no value and were left out, not told of before.
    pub fn take_errors(&mut self) -> u32 {
        std::mem::take(&mut self.errors) + std::mem::take(&mut self.errors_of_name)
    }

    pub(super) fn clear(&mut self) {
        *self = Self { list: std::mem::take(&mut self.list), ..Self::default() };
        self.list.clear();
    }

    pub(super) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// From here on tags belong to a sample.
    pub(super) fn seal(&mut self) {
        self.of_name = self.list.len();
        self.errors_of_name += std::mem::take(&mut self.errors);
    }

    /// Drops the tags of the sample before.
    pub(super) fn unseal(&mut self) {
        self.list.truncate(self.of_name);
    }

    pub(super) fn push(&mut self, name: &'a str, value: &'a str) {
        self.list.push((name, value));
    }

    /// Adds `name SEPARATOR value`; a part that is missing makes it an error.
    pub(super) fn push_text(&mut self, tag: &'a str, separator: char) {
        match tag.split_once(separator) {
            Some((name, value)) if !name.is_empty() && !value.is_empty() => self.push(name, value),
            _ => self.errors += 1,
        }
    }

    /// Adds a list of tags with `between` between them; one at the end of the list is no error.
    pub(super) fn push_list(&mut self, list: &'a str, between: char, separator: char) {
        for tag in split_list(list, between) {
            self.push_text(tag, separator);
        }
    }

    pub(super) fn refuse_one(&mut self) {
        self.errors += 1;
    }
}

/// The tags of a list, none where it is empty.
pub fn split_list(list: &str, between: char) -> impl Iterator<Item = &str> {
    let whole = (!list.is_empty()).then(|| list.strip_suffix(between).unwrap_or(list));
    whole.into_iter().flat_map(move |list| list.split(between))
}
