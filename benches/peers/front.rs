//! The few figures that README shows: ours beside those of the program that tallyd takes the place of.

use crate::document::Table;
use crate::{peer, version};

/// Their rows, as they come up.
#[derive(Default)]
pub struct Front(Vec<[String; 4]>);

impl Front {
    /// A figure, ours and theirs, with so many places and its unit.
    pub fn pair(&mut self, what: &str, [ours, theirs]: [f64; 2], (places, unit): (usize, &str)) {
        let ratio = if ours > 0.0 && theirs > 0.0 {
            format!("{:.1}", (theirs / ours).max(ours / theirs))
        } else {
            String::new()
        };
        let shown = |figure: f64| format!("{figure:.places$} {unit}");
        self.0.push([what.to_owned(), shown(ours), shown(theirs), ratio]);
    }

    /// All of them.
    pub fn table(&self) -> Table {
        let mut table = Table::new("figures", &["", "tallyd", "the two exporters", "times better"]);
        for row in &self.0 {
            table.row(row.clone());
        }
        let exporters: Vec<String> =
            [peer::beside_host(), peer::beside_statsd()].into_iter().flatten().map(version::of).collect();
        if !exporters.is_empty() {
            table.note(&format!("The two exporters are {}.", exporters.join(" and ")));
        }
        table
    }
}
