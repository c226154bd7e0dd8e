//! What is to be reached, and whether it is.

use crate::document::Table;

/// The goals of which something was measured.
#[derive(Default)]
pub struct Goals(Vec<Goal>);

struct Goal {
    what: String,
    limit: f64,
    at_least: bool,
    measured: f64,
}

impl Goals {
    /// A figure that is to be this at the most.
    pub fn at_most(&mut self, what: impl Into<String>, limit: f64, measured: f64) {
        self.0.push(Goal { what: what.into(), limit, at_least: false, measured });
    }

    /// A figure that is to be this at the least.
    pub fn at_least(&mut self, what: impl Into<String>, limit: f64, measured: f64) {
        self.0.push(Goal { what: what.into(), limit, at_least: true, measured });
    }

    /// All of them.
    pub fn table(&self, name: &'static str) -> Table {
        let mut table = Table::new(name, &["", "goal", "measured", ""]);
        for goal in &self.0 {
            let bound = if goal.at_least { "at least" } else { "at most" };
            let cells = [goal.what.clone(), format!("{bound} {}", goal.limit), short(goal.measured), goal.outcome()];
            table.row(cells);
        }
        table
    }
}

impl Goal {
    fn outcome(&self) -> String {
        let (measured, limit) = (self.measured, self.limit);
        if measured.is_nan() {
            "not measured".into()
        } else if (self.at_least && measured >= limit) || (!self.at_least && measured <= limit) {
            "met".into()
        } else if limit == 0.0 {
            "missed".into()
        } else {
            format!("missed by {:.0} %", 100.0 * (measured - limit).abs() / limit)
        }
    }
}

/// A figure with three places that count.
fn short(figure: f64) -> String {
    match figure.abs() {
        0.0 => "0".into(),
        large if large >= 100.0 => format!("{figure:.0}"),
        some if some >= 10.0 => format!("{figure:.1}"),
        some if some >= 1.0 => format!("{figure:.2}"),
        _ => format!("{figure:.3}"),
    }
}
