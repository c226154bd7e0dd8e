//! `summary_options` and `histogram_options`, of rules and of the defaults.

use super::MapError;
use super::rule::{HistogramOptions, Observer, Quantile, SummaryOptions};
use crate::yaml::Node;
use crate::yaml::fields::{Fields, bound, count, duration, list, number};
use std::sync::Arc;
use std::time::Duration;

const SUMMARY_KEYS: &[&str] = &["quantiles", "max_age", "age_buckets", "buf_cap"];
const QUANTILE_KEYS: &[&str] = &["quantile", "error"];
const HISTOGRAM_KEYS: &[&str] = &["buckets", "native_histogram_bucket_factor", "native_histogram_max_buckets"];

/// What `observer_type` may say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ObserverType {
    Summary,
    Histogram,
}

/// What the defaults say about observers.
#[derive(Default)]
pub struct Observers {
    observer_type: Option<ObserverType>,
    given: Given,
    /// What follows from them where a rule gives no options of its own.
    chosen: Arc<SummaryOptions>,
    unchosen: Arc<SummaryOptions>,
    histogram: Arc<HistogramOptions>,
}

impl Observers {
    /// Reads them from the defaults.
    pub fn new(observer_type: Option<ObserverType>, fields: &Fields<'_>) -> Result<Self, MapError> {
        let given = fields.read("summary_options", Given::read)?.unwrap_or_default();
        let buckets = fields.read("histogram_options", histogram_buckets)?.flatten();
        Ok(Self {
            observer_type,
            chosen: Arc::new(given.over(&Given::default())),
            unchosen: Arc::new(
                Given { quantiles: given.quantiles.clone(), ..Given::default() }.over(&Given::default()),
            ),
            histogram: buckets.map(|buckets| Arc::new(HistogramOptions { buckets })).unwrap_or_default(),
            given,
        })
    }

    /// What observers without a rule become.
    pub fn unmapped(&self) -> Observer {
        match self.observer_type {
            Some(ObserverType::Histogram) => Observer::Histogram(Arc::clone(&self.histogram)),
            Some(ObserverType::Summary) | None => Observer::Summary(Arc::clone(&self.unchosen)),
        }
    }

    /// What the observers of a rule become.
    ///
    /// As statsd_exporter has it, the window of the defaults counts only where `observer_type` chooses a summary; where
    /// nothing chooses, it is a summary with their quantiles.
    pub fn of_rule(&self, own: Option<ObserverType>, fields: &Fields<'_>) -> Result<Observer, MapError> {
        let (summary, histogram) = (fields.get("summary_options"), fields.get("histogram_options"));
        let given = fields.read("summary_options", Given::read)?;
        let buckets = fields.read("histogram_options", histogram_buckets)?.flatten();
        match (own.or(self.observer_type), summary, histogram) {
            (Some(ObserverType::Histogram), Some(node), _) => {
                Err(MapError::new(node.line, "summary_options don't go with a histogram"))
            }
            (Some(ObserverType::Summary), _, Some(node)) => {
                Err(MapError::new(node.line, "histogram_options don't go with a summary"))
            }
            (Some(ObserverType::Histogram), None, _) => Ok(Observer::Histogram(match buckets {
                Some(buckets) => Arc::new(HistogramOptions { buckets }),
                None => Arc::clone(&self.histogram),
            })),
            (chosen, _, _) => Ok(Observer::Summary(match (given, chosen) {
                (Some(given), Some(_)) => Arc::new(given.over(&self.given)),
                (Some(given), None) => {
                    let quantiles = self.given.quantiles.clone();
                    Arc::new(given.over(&Given { quantiles, ..Given::default() }))
                }
                (None, Some(_)) => Arc::clone(&self.chosen),
                (None, None) => Arc::clone(&self.unchosen),
            })),
        }
    }
}

/// `summary_options` as given; zero and the empty list count as not given.
#[derive(Clone, Debug, Default)]
struct Given {
    quantiles: Option<Vec<Quantile>>,
    max_age: Option<Duration>,
    age_buckets: Option<u32>,
    buf_cap: Option<u32>,
}

impl Given {
    fn read(node: &Node) -> Result<Self, MapError> {
        let fields = Fields::new(node, SUMMARY_KEYS)?;
        Ok(Self {
            quantiles: fields.read("quantiles", quantiles)?.flatten(),
            max_age: fields.read("max_age", duration)?.filter(|age| !age.is_zero()),
            age_buckets: fields.read("age_buckets", count)?.filter(|count| *count > 0),
            buf_cap: fields.read("buf_cap", count)?.filter(|count| *count > 0),
        })
    }

    fn over(&self, other: &Self) -> SummaryOptions {
        let last = SummaryOptions::default();
        SummaryOptions {
            quantiles: self.quantiles.as_ref().or(other.quantiles.as_ref()).unwrap_or(&last.quantiles).clone(),
            max_age: self.max_age.or(other.max_age).unwrap_or(last.max_age),
            age_buckets: self.age_buckets.or(other.age_buckets).unwrap_or(last.age_buckets),
            buf_cap: self.buf_cap.or(other.buf_cap).unwrap_or(last.buf_cap),
        }
    }
}

fn quantiles(node: &Node) -> Result<Option<Vec<Quantile>>, MapError> {
    let mut quantiles = Vec::new();
    for node in list(node)? {
        let fields = Fields::new(node, QUANTILE_KEYS)?;
        let share = |key| match fields.read(key, number)?.unwrap_or_default() {
            share if (0.0..=1.0).contains(&share) => Ok(share),
            share => Err(MapError::new(node.line, format!("{key}: {share} is not between 0 and 1"))),
        };
        quantiles.push(Quantile { quantile: share("quantile")?, error: share("error")? });
    }
    // Of a quantile given twice the last counts.
    quantiles.reverse();
    quantiles.sort_by(|a, b| a.quantile.total_cmp(&b.quantile));
    quantiles.dedup_by(|a, b| a.quantile.total_cmp(&b.quantile).is_eq());
    Ok(Some(quantiles).filter(|quantiles| !quantiles.is_empty()))
}

/// The native histogram's keys are checked and otherwise without effect: text formats show the buckets.
fn histogram_buckets(node: &Node) -> Result<Option<Vec<f64>>, MapError> {
    let fields = Fields::new(node, HISTOGRAM_KEYS)?;
    fields.read("native_histogram_bucket_factor", number)?;
    fields.read("native_histogram_max_buckets", count)?;
    Ok(fields.read("buckets", buckets_of)?.flatten())
}

fn buckets_of(node: &Node) -> Result<Option<Vec<f64>>, MapError> {
    let mut buckets: Vec<f64> = Vec::new();
    for node in list(node)? {
        let bucket = bound(node)?;
        if let Some(before) = buckets.last().filter(|before| **before >= bucket) {
            return Err(MapError::new(
                node.line,
                format!("{bucket} does not rise above {before}, which stands before it"),
            ));
        }
        buckets.push(bucket);
    }
    // Every histogram has the bucket at infinity.
    if buckets.last().is_some_and(|bucket| bucket.is_infinite()) {
        buckets.pop();
    }
    Ok(Some(buckets).filter(|buckets| !buckets.is_empty()))
}
