//! Tables of sysfs attributes: each file of a device is the sample of one family. A collector of such devices is its
//! table, the labels of a device, and where the devices are.

use crate::host::CollectError;
use crate::host::files::{self, Dir};
use crate::model::{Desc, Kind, Sink};
use std::path::Path;

/// A file in a device's directory and the family that its number goes to.
pub struct Attribute {
    file: &'static str,
    desc: Desc<'static>,
    content: Content,
}

/// What an attribute's file holds.
enum Content {
    /// A whole number, and how its unit changes into that of the family.
    Integer(fn(f64) -> f64),
    /// Text with a number in it; `None` where it has not the form that it should.
    Text(fn(&str) -> Option<f64>),
}

impl Attribute {
    /// A whole number in the unit of its family.
    pub const fn new(file: &'static str, desc: Desc<'static>) -> Self {
        Self::converted(file, desc, unchanged)
    }

    /// A whole number whose unit changes on the way.
    pub const fn converted(file: &'static str, desc: Desc<'static>, convert: fn(f64) -> f64) -> Self {
        Self { file, desc, content: Content::Integer(convert) }
    }

    /// Text with a number in it.
    pub const fn parsed(file: &'static str, desc: Desc<'static>, parse: fn(&str) -> Option<f64>) -> Self {
        Self { file, desc, content: Content::Text(parse) }
    }

    /// The family.
    pub const fn desc(&self) -> &Desc<'static> {
        &self.desc
    }

    /// The file.
    pub const fn file(&self) -> &'static str {
        self.file
    }

    /// Reads the attribute of one device. One that the device lacks is `None`; one that is no number is an error.
    pub fn read(&self, dir: &Dir) -> Result<Option<f64>, CollectError> {
        let malformed = |text| {
            CollectError::malformed(&dir.path().join(self.file), 0, format!("{text:?} is not of the documented form"))
        };
        match self.content {
            Content::Integer(convert) if self.desc.kind == Kind::Counter => Ok(dir.count(self.file)?.map(convert)),
            Content::Integer(convert) => Ok(dir.integer(self.file)?.map(convert)),
            Content::Text(parse) => match dir.label(self.file)?.as_str() {
                "" => Ok(None),
                text => parse(text).map(Some).ok_or_else(|| malformed(text)),
            },
        }
    }
}

/// A device: its label values, and a value for each attribute of the table that the device has.
pub struct Row {
    /// Values of the label names of the table's descriptors.
    pub labels: Vec<String>,
    /// As many as the table has attributes.
    pub values: Vec<Option<f64>>,
}

/// Reads the attributes of a device, as [`Attribute::read`] does each. A device that is gone has none.
pub fn read(dir: &Path, table: &[Attribute]) -> Result<Vec<Option<f64>>, CollectError> {
    match files::optional(Dir::open(dir.to_owned()))? {
        Some(dir) => read_in(&dir, table),
        None => Ok(vec![None; table.len()]),
    }
}

/// The same where the directory is open.
pub fn read_in(dir: &Dir, table: &[Attribute]) -> Result<Vec<Option<f64>>, CollectError> {
    table.iter().map(|attribute| attribute.read(dir)).collect()
}

/// Pushes all devices, family by family.
pub fn emit<'r>(table: &[Attribute], rows: impl IntoIterator<Item = &'r Row>, out: &mut dyn Sink) {
    let labels = |row: &'r Row| row.labels.iter().map(String::as_str).collect::<Vec<_>>();
    let rows: Vec<(Vec<&str>, &[Option<f64>])> =
        rows.into_iter().map(|row| (labels(row), row.values.as_slice())).collect();
    for (index, attribute) in table.iter().enumerate() {
        let mut family = out.family(&attribute.desc);
        for (labels, values) in &rows {
            if let Some(value) = values.get(index).copied().flatten() {
                family.sample(labels, value);
            }
        }
    }
}

/// The families of a table after some others, for [`Metrics`](crate::host::Metrics). `N` is checked when
/// the program is compiled.
pub const fn families<const N: usize>(
    first: &[&'static Desc<'static>],
    table: &'static [Attribute],
) -> [&'static Desc<'static>; N] {
    assert!(N == first.len() + table.len(), "N is the number of all families");
    let mut all = [&table[0].desc; N];
    let mut i = 0;
    while i < N {
        all[i] = if i < first.len() { first[i] } else { &table[i - first.len()].desc };
        i += 1;
    }
    all
}

/// The base unit to itself.
pub const fn unchanged(value: f64) -> f64 {
    value
}

/// Thousandths to the base unit.
pub fn from_milli(value: f64) -> f64 {
    value / 1e3
}

/// Millionths to the base unit.
pub fn from_micro(value: f64) -> f64 {
    value / 1e6
}

#[cfg(test)]
mod tests {
    use super::*;

    static TABLE: [Attribute; 3] = [
        Attribute::converted("gauge", Desc::gauge("node_gauge", "", &[]), from_milli),
        Attribute::new("counter", Desc::counter("node_counter_total", "", &[])),
        Attribute::parsed("text", Desc::gauge("node_text", "", &[]), |text| text.strip_suffix(" V")?.parse().ok()),
    ];

    #[test]
    fn a_table_is_read_file_by_file() {
        for (files, want) in [
            (["", "", ""], Ok([None, None, None])),
            (["-1500", "7", "12.5 V"], Ok([Some(-1.5), Some(7.0), Some(12.5)])),
            (["0x10", "", ""], Ok([Some(0.016), None, None])),
            (["", "-7", ""], Err("counter: -7 is below zero")),
            (["ten", "", ""], Err("gauge: \"ten\" is not a whole number")),
            (["", "", "12 A"], Err("text: \"12 A\" is not of the documented form")),
        ] {
            let dir = tempfile::tempdir().unwrap();
            for (attribute, text) in TABLE.iter().zip(files).filter(|(_, text)| !text.is_empty()) {
                std::fs::write(dir.path().join(attribute.file()), text).unwrap();
            }
            let got = read(dir.path(), &TABLE).map_err(|e| e.to_string());
            let want = want.map(|values| values.to_vec());
            let want = want.map_err(|why: &str| dir.path().join(why).display().to_string());
            assert_eq!(got, want, "files: {files:?}");
        }
    }

    #[test]
    fn families_are_all_of_a_table_after_the_first() {
        static FIRST: Desc<'static> = Desc::gauge("node_first", "", &[]);
        let families: [&Desc<'static>; 4] = families(&[&FIRST], &TABLE);
        assert_eq!(families.map(|desc| desc.name), ["node_first", "node_gauge", "node_counter_total", "node_text"]);
    }
}
