//! Text format 0.0.4, read whole: bytes in, families out. What is accepted is what the parser of prometheus/common
//! accepts, in its form for names without quotes.
//! Source: <https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format>.

use super::line::{Line, unescape_help};
use super::number;
use crate::model::Kind;
use std::collections::HashMap;

/// A family as a file has it.
#[derive(Clone, Debug, PartialEq)]
pub struct Family {
    /// Its name.
    pub name: String,
    /// Its help text; an empty one is none.
    pub help: Option<String>,
    /// Its type; untyped without a `# TYPE` line.
    pub kind: Kind,
    /// Its series, in the order of the file.
    pub series: Vec<Series>,
    /// Line where it is first named.
    pub line: usize,
}

/// A series: labels without `le` and `quantile`, and what was read of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// Label names and values, in the order of the file.
    pub labels: Vec<(String, String)>,
    /// Its value or values.
    pub reading: Reading,
}

/// One value, or the parts of a summary or histogram.
#[derive(Clone, Debug, PartialEq)]
pub enum Reading {
    /// Counter, gauge, untyped.
    Value(f64),
    /// Summary, histogram.
    Parts(Parts),
}

/// Parts that are not there are zero.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Parts {
    /// Quantile or upper bound of a bucket, with its value.
    pub points: Vec<(f64, f64)>,
    /// Sum of all observations.
    pub sum: f64,
    /// Number of observations.
    pub count: f64,
}

/// What is wrong with a text, and in which line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    /// From 1.
    pub line: usize,
    /// A clause without a full stop.
    pub why: String,
}

/// Reads a text. One wrong line and all of it is refused: half of a file is no truth.
pub fn parse(bytes: &[u8]) -> Result<Vec<Family>, ParseError> {
    let newlines = |bytes: &[u8]| memchr::memchr_iter(b'\n', bytes).count();
    let text = std::str::from_utf8(bytes).map_err(|e| {
        let line = 1 + newlines(bytes.get(..e.valid_up_to()).unwrap_or_default());
        ParseError { line, why: "not UTF-8".into() }
    })?;
    let mut parser = Parser::default();
    for (line, number) in text.split_inclusive('\n').zip(1..) {
        parser.line = number;
        let error = |why| ParseError { line: number, why };
        match line.strip_suffix('\n') {
            Some(line) => parser.read(Line::new(line)).map_err(error)?,
            None if line.trim_matches([' ', '\t']).is_empty() => {}
            None => return Err(error("the last line has no line feed; is the file still being written?".into())),
        }
    }
    Ok(parser.finish())
}

#[derive(Default)]
struct Parser {
    line: usize,
    families: Vec<Draft>,
    places: HashMap<String, usize>,
}

/// A family that is being read.
struct Draft {
    family: Family,
    /// Set by a `# TYPE` line or the first sample.
    kind: Option<Kind>,
    /// Where the series with certain labels are; for summaries and histograms only.
    places: HashMap<Vec<(String, String)>, usize>,
}

/// What a sample is of its family.
#[derive(Clone, Copy, PartialEq)]
enum Part {
    Own,
    Sum,
    Count,
    Bucket,
}

impl Parser {
    fn read(&mut self, mut line: Line<'_>) -> Result<(), String> {
        if line.is_empty() {
            Ok(())
        } else if line.take('#') {
            self.comment(line)
        } else {
            self.sample(line)
        }
    }

    /// # TYPE http_requests_total counter
    ///   ^^^^ ^^^^^^^^^^^^^^^^^^^ ^^^^^^^
    fn comment(&mut self, mut line: Line<'_>) -> Result<(), String> {
        let keyword = line.word();
        if !matches!(keyword, "HELP" | "TYPE") || line.is_empty() {
            return Ok(());
        }
        let before = line;
        let name = line.metric_name().ok_or("no name of a metric in a comment")?;
        if !before.rest()[name.len()..].starts_with([' ', '\t']) && !line.is_empty() {
            return Err("no name of a metric in a comment".into());
        }
        let (draft, _) = self.find(name);
        if line.is_empty() {
            return Ok(());
        }
        if keyword == "HELP" {
            if draft.family.help.is_some() {
                return Err(format!("a second HELP line for {name}"));
            }
            draft.family.help = Some(unescape_help(line.rest())?);
        } else {
            if draft.kind.is_some() {
                return Err(format!("a second TYPE line for {name}, or one after its samples"));
            }
            draft.kind = Some(kind(line.rest())?);
        }
        Ok(())
    }

    /// http_requests_total{method="post",code="200"} 1027
    /// ^^^^^^^^^^^^^^^^^^^ ^^^^^^^^^^^^^^^^^^^^^^^^   ^^^^
    fn sample(&mut self, mut line: Line<'_>) -> Result<(), String> {
        let name = line.metric_name().ok_or("a line begins with no name of a metric")?;
        let mut labels = labels(&mut line)?;
        let word = line.word();
        let value = number::parse(word).ok_or_else(|| format!("the value {word:?} is not a number"))?;
        if !line.is_empty() {
            return Err(format!("{:?} after the value: samples with a timestamp are not taken", line.rest()));
        }
        let (draft, part) = self.find(name);
        match *draft.kind.get_or_insert(Kind::Untyped) {
            Kind::Counter | Kind::Gauge | Kind::Untyped => {
                draft.family.series.push(Series { labels, reading: Reading::Value(value) });
                Ok(())
            }
            Kind::Summary => {
                let quantile = take_number("quantile", &mut labels)?;
                draft.put(labels, part, quantile.ok_or("a summary's sample has no label quantile"), value)
            }
            Kind::Histogram => {
                let bound = take_number("le", &mut labels)?;
                draft.put(labels, part, bound.ok_or("a histogram's sample has no label le"), value)
            }
        }
    }

    /// The family that a name belongs to, and as what; a new one where there is none.
    fn find(&mut self, name: &str) -> (&mut Draft, Part) {
        let (place, part) = self.place(name);
        let place = place.unwrap_or_else(|| {
            let family =
                Family { name: name.into(), help: None, kind: Kind::Untyped, series: Vec::new(), line: self.line };
            self.families.push(Draft { family, kind: None, places: HashMap::new() });
            self.places.insert(name.to_owned(), self.families.len() - 1);
            self.families.len() - 1
        });
        (&mut self.families[place], part)
    }

    fn place(&self, name: &str) -> (Option<usize>, Part) {
        if let Some(&place) = self.places.get(name) {
            return (Some(place), Part::Own);
        }
        for (suffix, part) in [("_sum", Part::Sum), ("_count", Part::Count), ("_bucket", Part::Bucket)] {
            let base = name.strip_suffix(suffix).and_then(|base| self.places.get(base));
            if let Some(&place) = base {
                let kind = self.families[place].kind;
                if kind == Some(Kind::Histogram) || kind == Some(Kind::Summary) && part != Part::Bucket {
                    return (Some(place), part);
                }
            }
        }
        (None, Part::Own)
    }

    fn finish(self) -> Vec<Family> {
        let drafts = self.families.into_iter().filter(|draft| !draft.family.series.is_empty());
        drafts.map(|draft| Family { kind: draft.kind.unwrap_or(Kind::Untyped), ..draft.family }).collect()
    }
}

impl Draft {
    /// Puts a part of a summary or histogram to the others with its labels.
    fn put(
        &mut self,
        labels: Vec<(String, String)>,
        part: Part,
        point: Result<f64, &str>,
        value: f64,
    ) -> Result<(), String> {
        let counts = part == Part::Count || part != Part::Sum && self.kind == Some(Kind::Histogram);
        if counts && (value.is_nan() || value < 0.0) {
            return Err(format!("{value} is no number of observations"));
        }
        let point = if part == Part::Own || part == Part::Bucket { Some(point?) } else { None };
        let mut key = labels.clone();
        key.sort_unstable();
        let series = &mut self.family.series;
        let place = *self.places.entry(key).or_insert_with(|| {
            series.push(Series { labels, reading: Reading::Parts(Parts::default()) });
            series.len() - 1
        });
        if let Reading::Parts(parts) = &mut series[place].reading {
            match (part, point) {
                (Part::Sum, _) => parts.sum = value,
                (Part::Count, _) => parts.count = value.trunc(),
                (_, Some(point)) if counts => parts.points.push((point, value.trunc())),
                (_, Some(point)) => parts.points.push((point, value)),
                (_, None) => {}
            }
        }
        Ok(())
    }
}

/// {method="post", code="200",}
///  ^^^^^^^^^^^^^  ^^^^^^^^^^
fn labels(line: &mut Line<'_>) -> Result<Vec<(String, String)>, String> {
    let mut labels: Vec<(String, String)> = Vec::new();
    if !line.take('{') {
        return Ok(labels);
    }
    while !line.take('}') {
        let name = line.label_name().ok_or("no name of a label where one is expected")?;
        if name == "__name__" {
            return Err("the label __name__ is the metric's own name".into());
        }
        if labels.iter().any(|(other, _)| other == name) {
            return Err(format!("the label {name} is there twice"));
        }
        if !line.take('=') {
            return Err(format!("no = after the label {name}"));
        }
        labels.push((name.to_owned(), line.quoted()?));
        if !line.take(',') && !line.rest().starts_with('}') {
            return Err(format!("neither , nor }} after the label {name}"));
        }
    }
    Ok(labels)
}

/// Takes a label out of the others and reads it as a number.
fn take_number(name: &str, labels: &mut Vec<(String, String)>) -> Result<Option<f64>, String> {
    let Some(place) = labels.iter().position(|(other, _)| other == name) else { return Ok(None) };
    let (_, value) = labels.remove(place);
    match number::parse(&value) {
        Some(number) if !number.is_nan() => Ok(Some(number)),
        _ => Err(format!("the label {name} is {value:?} and not a number")),
    }
}

fn kind(word: &str) -> Result<Kind, String> {
    match word.trim_end_matches([' ', '\t']).to_ascii_lowercase().as_str() {
        "counter" => Ok(Kind::Counter),
        "gauge" => Ok(Kind::Gauge),
        "summary" => Ok(Kind::Summary),
        "histogram" => Ok(Kind::Histogram),
        "untyped" => Ok(Kind::Untyped),
        _ => Err(format!("there is no type {word:?}")),
    }
}
