//! What every body must be, whatever went in: a strict reader of the text format 0.0.4, and no more lenient than any
//! scraper. Source: <https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format>.

use std::collections::{HashMap, HashSet};

/// Who made the values.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub enum Values {
    /// Files, which may hold any.
    #[default]
    Any,
    /// Apps: what they count is judged.
    Counted,
    /// The kernel: any, and what it says twice is there twice.
    Kernel,
}

/// Panics with the line that is wrong.
pub fn check_exposition(body: &[u8], values: Values) {
    let body = std::str::from_utf8(body).expect("UTF-8");
    assert!(body.is_empty() || body.ends_with('\n'), "the last line has no end: {body:?}");
    let mut checker = Checker { values, ..Checker::default() };
    for line in body.split_terminator('\n') {
        if let Err(why) = checker.line(line) {
            panic!("{why}: {line:?}");
        }
    }
    checker.close().expect("the last family");
}

#[derive(Default)]
struct Checker<'a> {
    values: Values,
    /// Families that were opened.
    families: HashSet<&'a str>,
    /// Name and labels of each sample.
    series: HashSet<String>,
    name: &'a str,
    help: Option<&'a str>,
    kind: &'a str,
    /// Of histograms: buckets and counts by their other labels.
    buckets: HashMap<String, Vec<(f64, f64)>>,
    counts: HashMap<String, f64>,
}

type Labels = Vec<(String, String)>;

impl<'a> Checker<'a> {
    fn line(&mut self, line: &'a str) -> Result<(), String> {
        if let Some(rest) = line.strip_prefix("# HELP ") {
            let name = rest.split(' ').next().unwrap_or_default();
            unescape(rest, "\\n")?;
            return self.help.replace(name).map_or(Ok(()), |_| Err("two HELP lines".into()));
        }
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            return self.open(rest);
        }
        self.sample(line)
    }

    fn open(&mut self, rest: &'a str) -> Result<(), String> {
        self.close()?;
        let (name, kind) = rest.split_once(' ').ok_or("no type")?;
        if !is_name(name, true) {
            return Err("bad name".into());
        }
        if self.help.take().is_some_and(|help| help != name) {
            return Err("the HELP of another family".into());
        }
        if !["counter", "gauge", "histogram", "summary", "untyped"].contains(&kind) {
            return Err("bad type".into());
        }
        if !self.families.insert(name) {
            return Err("a family twice".into());
        }
        (self.name, self.kind) = (name, kind);
        Ok(())
    }

    /// What holds for a whole family.
    fn close(&mut self) -> Result<(), String> {
        for (labels, buckets) in self.buckets.drain() {
            let rising = buckets.windows(2).all(|pair| pair[0].0 < pair[1].0 && pair[0].1 <= pair[1].1);
            let last = buckets.last().copied().unwrap_or_default();
            let whole = last.0 == f64::INFINITY && self.counts.get(&labels) == Some(&last.1);
            if self.values == Values::Counted && !(rising && whole) {
                return Err(format!("buckets of {} with {labels} don't add up: {buckets:?}", self.name));
            }
        }
        self.counts.clear();
        Ok(())
    }

    fn sample(&mut self, line: &str) -> Result<(), String> {
        let end = line.find(['{', ' ']).ok_or("no value")?;
        let (name, rest) = line.split_at(end);
        let (mut labels, value) = match rest.strip_prefix('{') {
            Some(rest) => read_labels(rest)?,
            None => (Labels::new(), rest),
        };
        let value = number(value.strip_prefix(' ').ok_or("no space before the value")?)?;
        let suffix = name.strip_prefix(self.name).filter(|_| !self.name.is_empty()).ok_or("a sample of no family")?;
        let allowed: &[&str] = match self.kind {
            "histogram" => &["_bucket", "_sum", "_count"],
            "summary" => &["", "_sum", "_count"],
            _ => &[""],
        };
        if !allowed.contains(&suffix) {
            return Err(format!("no sample of a {}", self.kind));
        }
        labels.sort();
        if labels.windows(2).any(|pair| pair[0].0 == pair[1].0) {
            return Err("a label twice".into());
        }
        if !self.series.insert(format!("{name}{labels:?}")) && self.values != Values::Kernel {
            return Err("a series twice".into());
        }
        if self.values == Values::Counted && self.kind == "counter" && !(value >= 0.0 && value.is_finite()) {
            return Err("a counter that is no count".into());
        }
        self.part(suffix, labels, value)
    }

    /// The label that makes a part of a summary or histogram.
    fn part(&mut self, suffix: &str, mut labels: Labels, value: f64) -> Result<(), String> {
        let label = match (self.kind, suffix) {
            ("histogram", "_bucket") => "le",
            ("summary", "") => "quantile",
            ("histogram", "_count") => {
                self.counts.insert(format!("{labels:?}"), value);
                return Ok(());
            }
            _ => return Ok(()),
        };
        let place = labels.iter().position(|(name, _)| name == label).ok_or_else(|| format!("no {label}"))?;
        let bound = number(&labels.remove(place).1)?;
        if label == "le" {
            self.buckets.entry(format!("{labels:?}")).or_default().push((bound, value));
        }
        Ok(())
    }
}

/// `name="value",name="value"} rest`, without a comma at the end.
fn read_labels(mut rest: &str) -> Result<(Labels, &str), String> {
    let mut labels = Labels::new();
    loop {
        let (name, after) = rest.split_once("=\"").ok_or("no label")?;
        if !is_name(name, false) {
            return Err(format!("bad label name {name:?}"));
        }
        let mut escaped = false;
        let end = after.char_indices().find_map(|(at, c)| {
            let ends = c == '"' && !escaped;
            escaped = c == '\\' && !escaped;
            ends.then_some(at)
        });
        let (value, after) = after.split_at(end.ok_or("a label value without an end")?);
        labels.push((name.to_owned(), unescape(value, "\\n\"")?));
        match &after[1..] {
            after if after.starts_with(',') => rest = &after[1..],
            after => return Ok((labels, after.strip_prefix('}').ok_or("labels without an end")?)),
        }
    }
}

fn unescape(text: &str, known: &str) -> Result<String, String> {
    let (mut out, mut chars) = (String::new(), text.chars());
    while let Some(c) = chars.next() {
        match c {
            '\\' => out.push(chars.next().filter(|c| known.contains(*c)).ok_or("a stray backslash")?),
            _ => out.push(c),
        }
    }
    Ok(out)
}

/// Spelled as Go spells it.
fn number(text: &str) -> Result<f64, String> {
    match text {
        "NaN" => return Ok(f64::NAN),
        "+Inf" => return Ok(f64::INFINITY),
        "-Inf" => return Ok(f64::NEG_INFINITY),
        _ => {}
    }
    let plain = text.bytes().all(|b| b.is_ascii_digit() || b"+-.e".contains(&b));
    text.parse().ok().filter(|_| plain).ok_or_else(|| format!("bad number {text:?}"))
}

fn is_name(name: &str, colon: bool) -> bool {
    let fits = |b: u8| b.is_ascii_alphabetic() || b == b'_' || (colon && b == b':');
    name.bytes().enumerate().all(|(at, b)| fits(b) || (at > 0 && b.is_ascii_digit())) && !name.is_empty()
}
