//! From the tags of a line to the text between the braces: named, sorted, escaped, and one for each name.

use crate::encode::escape_label_value;
use crate::model::name::{escape_into, is_label_name};

/// Builds label text; keeps its buffers from line to line.
#[derive(Debug, Default)]
pub struct LabelBuilder {
    names: String,
    /// Where each label's name ends in `names`, and its value.
    labels: Vec<(std::ops::Range<usize>, String)>,
    order: Vec<usize>,
    text: Vec<u8>,
}

impl LabelBuilder {
    /// Forgets the labels of the series before.
    pub fn clear(&mut self) {
        self.names.clear();
        self.labels.clear();
    }

    /// Adds a label; of two with one name the one added later counts. The name may be any text. `false`: it starts with
    /// `__`, which Prometheus keeps to itself, and is left out. `reserved`, the label that this kind of series writes
    /// itself, becomes `exported_` and its name, as a scrape would rename it.
    pub fn push(&mut self, name: &str, value: &str, reserved: Option<&str>) -> bool {
        let start = self.names.len();
        if Some(name) == reserved {
            self.names.push_str("exported_");
        }
        escape_into(name, &mut self.names);
        if self.names[start..].starts_with("__") {
            self.names.truncate(start);
            return false;
        }
        self.labels.push((start..self.names.len(), value.to_owned()));
        true
    }

    /// The label text.
    pub fn finish(&mut self) -> &str {
        let name = |&i: &usize| &self.names[self.labels[i].0.clone()];
        self.order.clear();
        self.order.extend(0..self.labels.len());
        // Labels with one name stay in the order in which they came.
        self.order.sort_unstable_by(|a, b| (name(a), a).cmp(&(name(b), b)));
        self.text.clear();
        for (place, at) in self.order.iter().enumerate() {
            if self.order.get(place + 1).is_some_and(|next| name(next) == name(at)) {
                continue;
            }
            self.text.extend_from_slice(if self.text.is_empty() { b"" } else { b"," });
            self.text.extend_from_slice(name(at).as_bytes());
            self.text.extend_from_slice(b"=\"");
            escape_label_value(&self.labels[*at].1, &mut self.text);
            self.text.push(b'"');
        }
        // Built from text and ASCII: never anything but UTF-8.
        std::str::from_utf8(&self.text).unwrap_or_default()
    }
}

/// A key for the set of label names of a text, without their values; `None` where the text is not as [`LabelBuilder::finish`] makes it.
pub fn names_of(text: &str) -> Option<u64> {
    let (mut names, mut rest, mut before) = (0, text, "");
    while !rest.is_empty() {
        let (name, tail) = rest.split_once("=\"")?;
        if !is_label_name(name) || name <= before {
            return None;
        }
        names = fold(names, name.as_bytes());
        rest = after_value(tail)?;
        before = name;
        if !rest.is_empty() {
            rest = rest.strip_prefix(',').filter(|rest| !rest.is_empty())?;
        }
    }
    Some(names)
}

/// What follows the quote that ends a label value.
fn after_value(text: &str) -> Option<&str> {
    let mut rest = text;
    loop {
        let at = rest.find(['"', '\\', '\n'])?;
        let tail = rest.get(at..)?;
        match tail.as_bytes() {
            [b'"', ..] => return tail.get(1..),
            [b'\\', b'\\' | b'"' | b'n', ..] => rest = tail.get(2..)?,
            _ => return None,
        }
    }
}

/// FNV-1a over the names, with a separator that no name holds. It tells label sets apart for a gauge that counts them;
/// nothing else rests on it.
fn fold(state: u64, name: &[u8]) -> u64 {
    let state = if state == 0 { 0xcbf2_9ce4_8422_2325 } else { state };
    name.iter().chain(&[0]).fold(state, |state, byte| (state ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(labels: &[(&str, &str)], reserved: Option<&str>) -> (String, usize) {
        let mut builder = LabelBuilder::default();
        let refused = labels.iter().filter(|(name, value)| !builder.push(name, value, reserved)).count();
        (builder.finish().to_owned(), refused)
    }

    #[test]
    fn labels_are_sorted_named_and_escaped() {
        for (labels, reserved, want, refused) in [
            (&[][..], None, "", 0),
            (&[("b", "2"), ("a", "1")], None, "a=\"1\",b=\"2\"", 0),
            (&[("a", "1"), ("b", "2"), ("a", "3")], None, "a=\"3\",b=\"2\"", 0),
            (&[("my-key.x", "1"), ("1k", "2")], None, "_1k=\"2\",my_key_x=\"1\"", 0),
            (&[("a", "x\"y\\z\n")], None, "a=\"x\\\"y\\\\z\\n\"", 0),
            (&[("__name__", "y"), ("a", "1")], None, "a=\"1\"", 1),
            (&[("le", "5")], Some("le"), "exported_le=\"5\"", 0),
            (&[("le", "5")], Some("quantile"), "le=\"5\"", 0),
        ] {
            assert_eq!(text(labels, reserved), (want.to_owned(), refused), "labels: {labels:?}");
        }
    }

    #[test]
    fn sets_of_names_are_told_apart_from_their_values() {
        let key = |labels: &[(&str, &str)]| {
            let mut builder = LabelBuilder::default();
            labels.iter().for_each(|(name, value)| assert!(builder.push(name, value, None)));
            names_of(builder.finish()).unwrap()
        };
        assert_eq!(key(&[("a", "1")]), key(&[("a", "2")]));
        assert_ne!(key(&[("ab", "1"), ("c", "1")]), key(&[("a", "1"), ("bc", "1")]));
        assert_ne!(key(&[]), key(&[("a", "1")]));
        assert_ne!(key(&[("a", "\\\",b=\"\n"), ("b", "ä")]), key(&[("a", "")]));
    }

    #[test]
    fn text_that_no_builder_made_has_no_names() {
        for text in [
            "a",
            "a=1",
            "a=\"1",
            "a=\"1\",",
            "a=\"1\"b=\"2\"",
            "b=\"1\",a=\"2\"",
            "a=\"\",a=\"\"",
            "1=\"\"",
            "a=\"\n\"",
            "a=\"\\x\"",
        ] {
            assert_eq!(names_of(text), None, "text: {text}");
        }
    }
}
