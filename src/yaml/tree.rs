//! YAML text to a tree whose nodes know their line. Every size has a limit: a file may come from a place that
//! others write to. Source: the YAML specification, 1.2.2; merge keys from 1.1, since statsd_exporter's parser has them.

use super::error::FileError;
use saphyr_parser::{Event, Parser, ScalarStyle, Span};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

/// Lists and maps may be this deep. A mapping file needs six.
pub const MAX_DEPTH: usize = 16;
/// A single text may have this many bytes.
pub const MAX_SCALAR_BYTES: usize = 64 << 10;
/// A file may hold this many values, those that aliases repeat counted each time.
pub const MAX_VALUES: usize = 2_000_000;

/// A value and the line on which it starts.
#[derive(Debug)]
pub struct Node {
    /// The line, counted from 1.
    pub line: usize,
    /// What it holds.
    pub value: Value,
    /// Values in it, itself included.
    size: usize,
    /// Levels of lists and maps in it.
    depth: usize,
}

/// What a node holds.
#[derive(Debug)]
pub enum Value {
    /// Text, and whether it stands without quotes, so that `5`, `true` or `~` may mean more than their letters.
    Text(Box<str>, bool),
    /// Values in their order.
    List(Vec<Rc<Node>>),
    /// Keys with values, in their order.
    Map(Vec<Entry>),
}

/// A key of a map with its value.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The key.
    pub key: Box<str>,
    /// The line of the key.
    pub line: usize,
    /// The value.
    pub node: Rc<Node>,
}

impl Node {
    /// Whether it stands for "not set".
    pub fn is_null(&self) -> bool {
        matches!(&self.value, Value::Text(text, true) if matches!(&**text, "" | "~" | "null" | "Null" | "NULL"))
    }
}

/// Reads the one document of a text. `None`: there is none.
pub fn read(text: &str) -> Result<Option<Rc<Node>>, FileError> {
    let mut tree = Tree::default();
    let mut parser = Parser::new_from_str(text);
    while let Some(event) = parser.next_event() {
        let (event, span) = event.map_err(|e| FileError::new(e.marker().line(), syntax(e.info())))?;
        tree.take(event, span)?;
    }
    Ok(tree.root)
}

/// The parser's words, with a hint where they follow from a star without quotes.
fn syntax(info: &str) -> String {
    match info.contains("anchor") || info.contains("alias") {
        true => format!("{info} (a text that starts with a star needs quotes)"),
        false => info.to_owned(),
    }
}

#[derive(Default)]
struct Tree {
    open: Vec<Open>,
    anchors: HashMap<usize, Rc<Node>>,
    values: usize,
    documents: usize,
    root: Option<Rc<Node>>,
}

/// A list or map that has not ended.
struct Open {
    line: usize,
    anchor: usize,
    items: Items,
}

enum Items {
    List(Vec<Rc<Node>>),
    Map { entries: Vec<Entry>, merged: Vec<Rc<Node>>, key: Option<(Box<str>, usize)> },
}

impl Tree {
    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), FileError> {
        let line = span.start.line();
        let tagged = match &event {
            Event::Scalar(_, _, _, tag) | Event::SequenceStart(_, tag) | Event::MappingStart(_, tag) => tag.is_some(),
            _ => false,
        };
        if tagged {
            return Err(FileError::new(line, "tags have no meaning here"));
        }
        self.count(1, line)?;
        match event {
            Event::DocumentStart(_) if self.documents > 0 => {
                return Err(FileError::new(line, "a second document has no meaning here"));
            }
            Event::DocumentStart(_) => self.documents = 1,
            Event::Scalar(text, style, anchor, _) => {
                if text.len() > MAX_SCALAR_BYTES {
                    return Err(FileError::new(line, format!("a text is longer than {MAX_SCALAR_BYTES} bytes")));
                }
                let value = Value::Text(text.into(), style == ScalarStyle::Plain);
                self.add(Node { line, value, size: 1, depth: 0 }.into(), anchor, line)?;
            }
            Event::SequenceStart(anchor, _) => self.open(line, anchor, Items::List(Vec::new()))?,
            Event::MappingStart(anchor, _) => {
                self.open(line, anchor, Items::Map { entries: Vec::new(), merged: Vec::new(), key: None })?;
            }
            Event::SequenceEnd | Event::MappingEnd => self.close()?,
            Event::Alias(anchor) => {
                let node = self.anchors.get(&anchor).cloned();
                let node = node.ok_or_else(|| FileError::new(line, "an alias stands inside of what it stands for"))?;
                self.count(node.size, line)?;
                self.add(node, 0, line)?;
            }
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
        }
        Ok(())
    }

    fn open(&mut self, line: usize, anchor: usize, items: Items) -> Result<(), FileError> {
        if self.open.len() >= MAX_DEPTH {
            return Err(too_deep(line));
        }
        if let Some(Open { items: Items::Map { key: None, .. }, .. }) = self.open.last() {
            return Err(not_a_key(line));
        }
        self.open.push(Open { line, anchor, items });
        Ok(())
    }

    fn close(&mut self) -> Result<(), FileError> {
        let Some(Open { line, anchor, items }) = self.open.pop() else { return Ok(()) };
        let value = match items {
            Items::List(list) => Value::List(list),
            Items::Map { entries, merged, .. } => Value::Map(merge(entries, &merged)?),
        };
        let (size, depth) = match &value {
            Value::Text(..) => (1, 0),
            Value::List(list) => measure(list.iter()),
            Value::Map(entries) => measure(entries.iter().map(|entry| &entry.node)),
        };
        if depth > MAX_DEPTH {
            return Err(too_deep(line));
        }
        self.add(Node { line, value, size, depth }.into(), anchor, line)
    }

    /// Puts a finished node where it belongs.
    fn add(&mut self, node: Rc<Node>, anchor: usize, line: usize) -> Result<(), FileError> {
        if anchor != 0 {
            self.anchors.insert(anchor, Rc::clone(&node));
        }
        match self.open.last_mut().map(|open| &mut open.items) {
            None => self.root = Some(node),
            Some(Items::List(list)) => list.push(node),
            Some(Items::Map { entries, merged, key }) => match key.take() {
                None => match &node.value {
                    Value::Text(text, _) => *key = Some((text.clone(), line)),
                    Value::List(_) | Value::Map(_) => return Err(not_a_key(line)),
                },
                Some((key, _)) if &*key == "<<" => merged.push(node),
                Some((key, line)) => entries.push(Entry { key, line, node }),
            },
        }
        Ok(())
    }

    fn count(&mut self, values: usize, line: usize) -> Result<(), FileError> {
        self.values = self.values.saturating_add(values);
        match self.values > MAX_VALUES {
            true => Err(FileError::new(line, format!("there are more than {MAX_VALUES} values"))),
            false => Ok(()),
        }
    }
}

/// The values in a list or map of these, itself included, and its levels.
fn measure<'a>(nodes: impl Iterator<Item = &'a Rc<Node>>) -> (usize, usize) {
    nodes.fold((1, 1), |(size, depth), node| (size + node.size, depth.max(node.depth + 1)))
}

/// The entries of a map with those it merges in: its own go first, then the earlier ones.
fn merge(mut entries: Vec<Entry>, merged: &[Rc<Node>]) -> Result<Vec<Entry>, FileError> {
    let mut seen = HashSet::new();
    for Entry { key, line, .. } in &entries {
        if !seen.insert(key.clone()) {
            return Err(FileError::new(*line, format!("{key:?} is given twice")));
        }
    }
    for node in merged {
        let maps = match &node.value {
            Value::List(list) => &list[..],
            Value::Text(..) | Value::Map(_) => std::slice::from_ref(node),
        };
        for map in maps {
            let Value::Map(more) = &map.value else {
                return Err(FileError::new(node.line, "<< merges maps, this is none"));
            };
            entries.extend(more.iter().filter(|entry| seen.insert(entry.key.clone())).cloned());
        }
    }
    Ok(entries)
}

fn too_deep(line: usize) -> FileError {
    FileError::new(line, format!("lists and maps are nested more than {MAX_DEPTH} deep"))
}

fn not_a_key(line: usize) -> FileError {
    FileError::new(line, "a key is a word, not a list or map")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A tree as text, without lines.
    fn plain(node: &Node) -> String {
        match &node.value {
            Value::Text(text, true) => text.to_string(),
            Value::Text(text, false) => format!("{text:?}"),
            Value::List(list) => format!("[{}]", list.iter().map(|n| plain(n)).collect::<Vec<_>>().join(" ")),
            Value::Map(entries) => {
                let entry = |e: &Entry| format!("{}={}", e.key, plain(&e.node));
                format!("{{{}}}", entries.iter().map(entry).collect::<Vec<_>>().join(" "))
            }
        }
    }

    #[test]
    fn documents_become_trees() {
        for (text, want) in [
            ("", None),
            ("# nothing\n", None),
            ("---\na: b\n", Some("{a=b}")),
            ("- 1\n- '2'\n- ~\n-\n", Some("[1 \"2\" ~ ]")),
            ("a: &x [1, 2]\nb: *x\n", Some("{a=[1 2] b=[1 2]}")),
            ("- &x {a: 1, b: 2}\n- {<<: *x, b: 3}\n", Some("[{a=1 b=2} {b=3 a=1}]")),
            ("- &x {a: 1}\n- &y {a: 2, b: 3}\n- {<<: [*x, *y]}\n", Some("[{a=1} {a=2 b=3} {a=1 b=3}]")),
            ("a: |\n  one\n  two\n", Some("{a=\"one\\ntwo\\n\"}")),
        ] {
            assert_eq!(read(text).unwrap().map(|node| plain(&node)).as_deref(), want, "text: {text:?}");
        }
    }

    #[test]
    fn what_is_no_plain_tree_is_refused_with_its_line() {
        for (text, want) in [
            ("a: 1\nb: 2\na: 3\n", "line 3: \"a\" is given twice"),
            ("a: 1\n---\nb: 2\n", "line 2: a second document has no meaning here"),
            ("a: !!str 1\n", "line 1: tags have no meaning here"),
            ("a: &x [*x]\n", "line 1: an alias stands inside of what it stands for"),
            ("? [a]\n: 1\n", "line 1: a key is a word, not a list or map"),
            ("a: 1\n<<: 2\n", "line 2: << merges maps, this is none"),
            (
                "a:\n- match: *.x\n",
                "line 2: while parsing node, found unknown anchor (a text that starts with a star needs quotes)",
            ),
        ] {
            assert_eq!(read(text).unwrap_err().to_string(), want, "text: {text:?}");
        }
    }

    #[test]
    fn bombs_are_refused() {
        let mut doubling = String::from("a0: &a0 [x, x, x, x, x, x, x, x]\n");
        for i in 1..9 {
            let before = vec![format!("*a{}", i - 1); 8].join(", ");
            doubling.push_str(&format!("a{i}: &a{i} [{before}]\n"));
        }
        let mut chain = String::from("a0: &a0 [x]\n");
        (1..99).for_each(|i| chain.push_str(&format!("a{i}: &a{i} [*a{}]\n", i - 1)));
        for (text, want) in [
            ("[".repeat(100_000), "recursion limit exceeded"),
            ("[".repeat(100), "nested more than 16 deep"),
            ("{a: ".repeat(100), "nested more than 16 deep"),
            ("- ".repeat(100_000), "nested more than 16 deep"),
            ("? ".repeat(100_000), "a key is a word"),
            (doubling, "more than 2000000 values"),
            (chain, "nested more than 16 deep"),
            ("x".repeat(MAX_SCALAR_BYTES + 1), "longer than 65536 bytes"),
        ] {
            let start = std::time::Instant::now();
            let error = read(&text).unwrap_err().to_string();
            assert!(error.contains(want), "{:?}...: {error}", &text[..20]);
            assert!(start.elapsed().as_secs() < 5, "{:?}...: {:?}", &text[..20], start.elapsed());
        }
    }
}
