//! Families of several files made one: each name once, with the series of all files.

use super::parse::{Family, Series};
use std::collections::{HashMap, HashSet};

/// What no file may name: families of the agent that are written after those of the files, or are this collector's own.
const RESERVED: &[&str] = &["node_scrape_collector_", "node_textfile_mtime_seconds", "node_textfile_scrape_error"];

/// Families of all files so far, and what was left out of them.
#[derive(Default)]
pub struct Merged {
    families: Vec<Joined>,
    places: HashMap<String, usize>,
    complaints: Vec<String>,
}

/// A family with all files that it is from.
struct Joined {
    family: Family,
    files: Vec<String>,
    seen: HashSet<Vec<(String, String)>>,
}

impl Merged {
    /// Adds the families of a file. Of two that contradict each other the first stands.
    pub fn add(&mut self, file: &str, families: Vec<Family>) {
        for mut family in families {
            let place = format!("{file}:{}: {}", family.line, family.name);
            if RESERVED.iter().any(|reserved| family.name.starts_with(reserved)) {
                self.complaints.push(format!("{place} is a name of the agent's own"));
                continue;
            }
            fill(&mut family.series);
            let joined = match self.places.get(&family.name) {
                Some(&place) => &mut self.families[place],
                None => {
                    self.places.insert(family.name.clone(), self.families.len());
                    self.families.push(Joined::new(&family));
                    let last = self.families.len() - 1;
                    &mut self.families[last]
                }
            };
            if let Err(why) = joined.add(file, family) {
                self.complaints.push(format!("{place} {why}"));
            }
        }
    }

    /// The families, each with a help text, and a sentence for everything that was left out.
    pub fn finish(self) -> (Vec<Family>, Vec<String>) {
        let families = self.families.into_iter().map(|Joined { mut family, files, .. }| {
            family.help.get_or_insert_with(|| format!("Metric read from {}", files.join(", ")));
            family
        });
        (families.collect(), self.complaints)
    }
}

impl Joined {
    /// A family like the given one, still without its series.
    fn new(like: &Family) -> Self {
        let Family { name, kind, line, .. } = like;
        let family = Family { name: name.clone(), help: None, kind: *kind, series: Vec::new(), line: *line };
        Self { family, files: Vec::new(), seen: HashSet::new() }
    }

    fn add(&mut self, file: &str, family: Family) -> Result<(), String> {
        let first = || self.files.first().map_or("", String::as_str);
        if let (Some(ours), Some(theirs)) = (&self.family.help, &family.help)
            && ours != theirs
        {
            return Err(format!("has another help text in {}", first()));
        }
        if self.family.kind != family.kind {
            return Err(format!("is a {} in {}", self.family.kind.as_str(), first()));
        }
        self.family.help = self.family.help.take().or(family.help);
        self.files.push(file.to_owned());
        let before = family.series.len();
        let new = family.series.into_iter().filter(|series| self.seen.insert(identity(series)));
        let kept = self.family.series.len();
        self.family.series.extend(new);
        match before - (self.family.series.len() - kept) {
            0 => Ok(()),
            twice => Err(format!("has {twice} series that are there before with the same labels")),
        }
    }
}

/// What Prometheus knows a series by: an empty label is none, and order does not count.
fn identity(series: &Series) -> Vec<(String, String)> {
    let mut labels: Vec<_> = series.labels.iter().filter(|(_, value)| !value.is_empty()).cloned().collect();
    labels.sort_unstable();
    labels
}

/// Gives all series of a family the same label names, sorted, with an empty value where one had none.
fn fill(series: &mut [Series]) {
    let mut names: Vec<String> = series.iter().flat_map(|s| s.labels.iter().map(|(name, _)| name.clone())).collect();
    names.sort_unstable();
    names.dedup();
    for series in series {
        for name in &names {
            if !series.labels.iter().any(|(other, _)| other == name) {
                series.labels.push((name.clone(), String::new()));
            }
        }
        series.labels.sort_unstable();
    }
}
