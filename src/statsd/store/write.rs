//! A scrape of the store, in turns: its owner lets go of the lock between two of them.

use super::{Store, Value};
use crate::model::{Labels, Sample, Sink};

/// How far a scrape is.
#[derive(Debug)]
pub struct Cursor {
    family: usize,
    /// Series of the family written so far.
    series: usize,
    /// Whether the family is open in the sink, so that its samples are to be written.
    open: bool,
    /// Which scrape this is: what is born later is not part of it, or a family could come twice.
    scrape: u32,
}

impl Store {
    /// Begins a scrape.
    pub fn begin(&mut self) -> Cursor {
        self.scrapes = self.scrapes.wrapping_add(1);
        Cursor { family: 0, series: 0, open: false, scrape: self.scrapes }
    }

    /// Writes up to `turn` more series, in the order in which metrics and series came. `false`: none was left.
    pub fn write(&self, cursor: &mut Cursor, turn: usize, out: &mut dyn Sink) -> bool {
        let mut left = turn;
        while let Some(family) = self.families.get(cursor.family) {
            if left == 0 {
                return true;
            }
            if cursor.series == 0 {
                cursor.open = family.born < cursor.scrape && out.open(&family.desc());
            }
            let rest = if cursor.open { family.series.get(cursor.series..).unwrap_or_default() } else { &[] };
            let some = &rest[..rest.len().min(left)];
            for &at in some {
                self.write_series(at, cursor.scrape, out);
            }
            left -= some.len();
            cursor.series += some.len();
            if some.len() == rest.len() {
                (cursor.family, cursor.series) = (cursor.family + 1, 0);
            }
        }
        false
    }

    fn write_series(&self, at: u32, scrape: u32, out: &mut dyn Sink) {
        let Some(series) = self.series.get(at as usize).filter(|series| series.born < scrape) else { return };
        let labels = Labels::Rendered(&series.labels, None);
        match &series.value {
            Value::Number(value) => out.push(&Sample { suffix: "", labels, value: *value }),
        }
    }
}
