//! The store as bytes, in turns as a scrape is. What the bytes are is told in [`state`](crate::statsd::state).

use super::Store;
use super::family::{Family, Shape};
use super::series::{Series, Value};
use super::write::{Cursor, Visitor};
use crate::statsd::bytes::Put;
use crate::statsd::map;
use crate::statsd::observe::Tick;

/// What a frame holds: a metric, or a series of the metric before it.
pub const FAMILY: u8 = b'F';
pub const SERIES: u8 = b'S';

impl Store {
    /// Appends up to `turn` more series, each metric before its own; `false`: none was left.
    pub fn save(&mut self, cursor: &mut Cursor, turn: usize, now: Tick, out: &mut Vec<u8>) -> bool {
        self.walk(cursor, turn, &mut Saver { now, out })
    }
}

struct Saver<'a> {
    now: Tick,
    out: &'a mut Vec<u8>,
}

impl Visitor for Saver<'_> {
    fn open(&mut self, family: &Family) -> bool {
        frame(self.out, FAMILY, |out| {
            out.put_u8(family.kind() as u8);
            out.put_text(&family.name);
            out.put_text(family.help());
            match &family.shape {
                Shape::Summary(shape) => summary_options(&shape.source, out),
                Shape::Histogram(shape) => out.put_list(&shape.source.buckets, |out, bound| out.put_f64(*bound)),
                Shape::Counter | Shape::Gauge | Shape::Set(_) => {}
            }
        });
        true
    }

    fn series(&mut self, shape: &Shape, series: &mut Series, created: Option<u64>) {
        let now = self.now;
        frame(self.out, SERIES, |out| {
            out.put_text(&series.labels);
            out.put_u32(now.saturating_sub(series.changed));
            out.put_u32(series.ttl);
            out.put_u8(u8::from(series.seen));
            out.put_u64(created.unwrap_or_default());
            match (&series.value, shape) {
                (Value::Number(value), _) => out.put_f64(*value),
                (Value::Summary(summary), Shape::Summary(shape)) => summary.save(&shape.options, now, out),
                (Value::Summary(_), _) => {}
                (Value::Histogram(histogram), _) => histogram.save(out),
                (Value::Set(set), _) => set.save(now, out),
            }
        });
    }
}

fn summary_options(options: &map::SummaryOptions, out: &mut Vec<u8>) {
    out.put_list(&options.quantiles, |out, quantile| {
        out.put_f64(quantile.quantile);
        out.put_f64(quantile.error);
    });
    out.put_u64(options.max_age.as_secs());
    out.put_u32(options.max_age.subsec_nanos());
    out.put_u32(options.age_buckets);
    out.put_u32(options.buf_cap);
}

/// Appends the length of what follows, what it is, and the body.
fn frame(out: &mut Vec<u8>, kind: u8, body: impl FnOnce(&mut Vec<u8>)) {
    let start = out.len();
    out.put_u32(0);
    out.put_u8(kind);
    body(out);
    let length = u32::try_from(out.len() - start - size_of::<u32>()).unwrap_or(u32::MAX);
    if let Some(place) = out.get_mut(start..).and_then(<[u8]>::first_chunk_mut) {
        *place = length.to_le_bytes();
    }
}
