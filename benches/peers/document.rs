//! Tables in Markdown, printed and written into the document that shows them.

use std::fs;
use std::io;
use std::path::Path;

/// A table of `docs/performance.md`, where it stands between `<!-- NAME -->` and `<!-- end of NAME -->`.
pub struct Table {
    name: &'static str,
    text: String,
}

impl Table {
    /// A table without rows.
    pub fn new(name: &'static str, columns: &[&str]) -> Self {
        println!("\n{name}\n");
        let mut table = Self { name, text: String::new() };
        table.row(columns.iter().map(|column| (*column).to_owned()));
        table.row(columns.iter().map(|_| "---".to_owned()));
        table
    }

    /// Adds a row, and shows it.
    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        let cells: Vec<String> = cells.into_iter().collect();
        let row = format!("| {} |", cells.join(" | "));
        println!("{row}");
        self.text.push_str(&row);
        self.text.push('\n');
    }

    /// Adds a paragraph behind the rows, and shows it.
    pub fn note(&mut self, text: &str) {
        println!("\n{text}");
        self.text.push('\n');
        self.text.push_str(text);
        self.text.push('\n');
    }

    /// Writes it over the one that the document has.
    pub fn publish(&self, document: Option<&Path>) -> io::Result<()> {
        self.replace(document, |_| self.text.clone())
    }

    /// Writes its rows over those that the document has by the same title. The others stay: they are of parts that did not
    /// run.
    pub fn publish_rows(&self, document: Option<&Path>) -> io::Result<()> {
        self.replace(document, |old| {
            let rows = |text: &str| text.lines().filter(|line| line.starts_with('|')).map(str::to_owned).collect();
            let (mut all, fresh): (Vec<String>, Vec<String>) = (rows(old), rows(&self.text));
            // Both heads are alike.
            for row in fresh {
                match all.iter_mut().find(|old| title(old) == title(&row)) {
                    Some(old) => *old = row,
                    None => all.push(row),
                }
            }
            let notes = self.text.lines().skip_while(|line| line.starts_with('|'));
            all.into_iter().chain(notes.map(str::to_owned)).map(|line| line + "\n").collect()
        })
    }

    fn replace(&self, document: Option<&Path>, new: impl FnOnce(&str) -> String) -> io::Result<()> {
        let Some(path) = document else { return Ok(()) };
        let text = fs::read_to_string(path)?;
        let (begin, end) = (format!("<!-- {} -->\n", self.name), format!("<!-- end of {} -->\n", self.name));
        let cut = text.split_once(&begin).and_then(|(before, rest)| Some((before, rest.split_once(&end)?)));
        let Some((before, (old, after))) = cut else {
            return Err(io::Error::other(format!("{} has no place for {}", path.display(), self.name)));
        };
        fs::write(path, format!("{before}{begin}\n{}\n{end}{after}", new(old)))
    }
}

/// The first cell of a row.
fn title(row: &str) -> Option<&str> {
    row.split('|').nth(1)
}

/// Cells of numbers, each with so many places behind the point.
pub fn cells<const N: usize>(numbers: [(f64, usize); N]) -> impl Iterator<Item = String> {
    numbers.into_iter().map(|(number, places)| format!("{number:.places$}"))
}
