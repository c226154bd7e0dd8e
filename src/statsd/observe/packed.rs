//! The streams of a summary as one piece of memory, in which a point takes some four bytes where it would take twenty-four.
//!
//! Values that apps send are decimals of few digits. As whole numbers of some unit (a thousandth, say) they differ from one
//! to the next by little, and a small number is one or two bytes. Which unit that is the values themselves show: one
//! from which each of them comes back to the bit. Where there is none, they are written as they are.
//!
//! Of a bucket that gets no more values, slack is not kept: it is taken for the most that was allowed, so that ranks lie in
//! what is taken for their range, and that is no wider than a range may be.

mod slack;
mod unit;

use super::options::SummaryOptions;
use super::stream::{FIRM, Point, Stream};
use crate::statsd::bytes::{Bytes, Put};
use slack::{from_byte, to_byte};
use std::ops::Range;
use unit::Unit;

/// The least slack but none, as a part of the total: two to the power of minus this; or one.
const SLACK_PARTS: f64 = 18.0;
/// The memory is a multiple of this, so that not each change of length asks for other memory.
const GRAIN: usize = 32;
/// Bytes before the total and the points of a stream: its length, without these; its bucket; how many points; easing,
/// unit and slack.
const HEAD: usize = 9;
/// What a point takes at the most.
const POINT: usize = 10 + 10 + 1;

/// Streams, each of another bucket, one behind the other. Behind the last are zeros.
#[derive(Debug, Default)]
pub struct Packed(Box<[u8]>);

impl Packed {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The streams. Options are those with which they were put here.
    pub fn iter<'a>(&'a self, options: &'a SummaryOptions) -> Streams<'a> {
        Streams { all: &self.0, at: 0, options }
    }

    /// Puts a stream behind those that are here, in place of the one of its bucket; room is where that is done.
    pub fn put(&mut self, options: &SummaryOptions, stream: &Stream, is_filled: bool, room: &mut Vec<u8>) {
        let old = self.iter(options).find(|old| old.bucket == stream.bucket);
        let at = old.as_ref().map(|old| old.place.clone());
        // What was no whole number of a unit is none now.
        let unit = old.map_or(Unit::new(0), |old| old.points.unit);
        let end = self.iter(options).last().map_or(0, |last| last.place.end);
        let at = at.unwrap_or(end..end);
        room.clear();
        room.reserve(end + HEAD + (1 + stream.points.len()) * POINT);
        room.extend_from_slice(&self.0[..at.start]);
        room.extend_from_slice(&self.0[at.end..end]);
        pack(stream, unit, is_filled, room);
        self.replace(room);
    }

    /// Keeps only streams of some buckets, of which one gets values.
    pub fn turn(&mut self, options: &SummaryOptions, filled: u16, is_kept: impl Fn(u16) -> bool) {
        let mut bytes = Vec::with_capacity(self.0.len());
        for stream in self.iter(options).filter(|stream| is_kept(stream.bucket)) {
            if stream.bucket == filled {
                bytes.extend_from_slice(&self.0[stream.place]);
            } else {
                let unit = stream.points.unit;
                pack(&Stream::unpack(stream, 0), unit, false, &mut bytes);
            }
        }
        self.replace(&bytes);
    }

    /// Memory beyond the struct itself.
    pub fn heap_bytes(&self) -> usize {
        self.0.len()
    }

    fn replace(&mut self, bytes: &[u8]) {
        let length = bytes.len().next_multiple_of(GRAIN);
        if length != self.0.len() {
            self.0 = vec![0; length].into();
        }
        let (used, rest) = self.0.split_at_mut(bytes.len());
        used.copy_from_slice(bytes);
        rest.fill(0);
    }
}

/// The streams of some packed ones.
#[derive(Debug)]
pub struct Streams<'a> {
    all: &'a [u8],
    at: usize,
    options: &'a SummaryOptions,
}

impl<'a> Iterator for Streams<'a> {
    type Item = PackedStream<'a>;

    fn next(&mut self) -> Option<PackedStream<'a>> {
        let mut head = Bytes(self.all.get(self.at..)?);
        let length = usize::from(head.u16()?);
        if length == 0 {
            return None;
        }
        let (bucket, left, easing) = (head.u16()?, head.u16()?, head.u8()?);
        let (unit, slack) = (Unit::new(head.u8()?), Slack::of_code(head.u8()?));
        let place = self.at..self.at + HEAD + length;
        self.at = place.end;
        let mut bytes = Bytes(head.0.get(..length)?);
        let total = whole_to_f64(bytes.number()?);
        let points = Points { bytes, left, unit, slack, whole: 0, options: self.options, rank: 0.0, total };
        Some(PackedStream { bucket, easing, total, points, place })
    }
}

/// One of them.
#[derive(Debug)]
pub struct PackedStream<'a> {
    pub bucket: u16,
    pub easing: u8,
    pub total: f64,
    pub points: Points<'a>,
    place: Range<usize>,
}

/// Its points.
#[derive(Debug)]
pub struct Points<'a> {
    bytes: Bytes<'a>,
    left: u16,
    unit: Unit,
    slack: Slack,
    /// The last value, in its unit.
    whole: i64,
    options: &'a SummaryOptions,
    /// The weight of the points so far.
    rank: f64,
    total: f64,
}

impl Iterator for Points<'_> {
    type Item = Point;

    #[allow(clippy::cast_possible_truncation)] // Weights were `f32`.
    fn next(&mut self) -> Option<Point> {
        self.left = self.left.checked_sub(1)?;
        let value = if self.unit.is_none() {
            self.bytes.f64()?
        } else {
            self.whole = self.whole.wrapping_add(self.bytes.number()?.cast_signed());
            self.unit.value(self.whole)
        };
        let number = self.bytes.number()?;
        let (weight, pure) = (whole_to_f64(number >> 1), number & 1 == 0);
        let below = self.rank;
        self.rank += weight;
        let slack = match self.slack {
            Slack::Kept(scale) => from_byte(self.bytes.u8()?) * scale,
            Slack::None => 0.0,
            // Of a heavy single value, ranks below it are as certain as if it were light.
            Slack::Most => self.options.slack(below, self.rank, if pure { 1.0 } else { weight }, self.total) as f32,
        };
        Some(Point { value, weight: weight as f32, slack, pure })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (usize::from(self.left), Some(usize::from(self.left)))
    }
}

impl ExactSizeIterator for Points<'_> {}

#[allow(clippy::cast_precision_loss)] // It was a float.
fn whole_to_f64(whole: u64) -> f64 {
    whole as f64
}

/// How slack is known.
#[derive(Debug, Clone, Copy)]
enum Slack {
    /// A byte for each point, in so many ones.
    Kept(f32),
    /// All ranks are certain.
    None,
    /// It is the most that is allowed.
    Most,
}

impl Slack {
    const NONE: u8 = u8::MAX - 1;
    const MOST: u8 = u8::MAX;

    fn of_code(code: u8) -> Self {
        match code {
            Self::NONE => Self::None,
            Self::MOST => Self::Most,
            exponent => Self::Kept(f32::from(exponent).exp2()),
        }
    }

    /// How it is to be written.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // The conversion saturates.
    fn code(stream: &Stream, is_filled: bool) -> u8 {
        if stream.points.iter().all(|point| point.slack == 0.0) {
            Self::NONE
        } else if is_filled || stream.easing < FIRM {
            (stream.total.log2() - SLACK_PARTS).ceil().max(0.0) as u8
        } else {
            Self::MOST
        }
    }
}

/// Writes a stream, in the unit or in one that is tried after it.
fn pack(stream: &Stream, mut unit: Unit, is_filled: bool, out: &mut Vec<u8>) {
    let (start, slack) = (out.len(), Slack::code(stream, is_filled));
    while !pack_in(stream, unit, slack, out) {
        out.truncate(start);
        unit = unit.next();
    }
    let length = u16::try_from(out.len() - start - HEAD).unwrap_or(u16::MAX);
    out[start..start + 2].copy_from_slice(&length.to_le_bytes());
}

/// Writes all but the length; `false` if one of the values is no whole number of the unit.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // Conversions of floats saturate.
fn pack_in(stream: &Stream, unit: Unit, slack: u8, out: &mut Vec<u8>) -> bool {
    out.put_u16(0);
    out.put_u16(stream.bucket);
    out.put_u16(u16::try_from(stream.points.len()).unwrap_or(u16::MAX));
    out.extend([stream.easing, unit.code, slack]);
    out.put_number(stream.total as u64);
    let (slack, mut before) = (Slack::of_code(slack), 0);
    for point in &stream.points {
        if unit.is_none() {
            out.put_f64(point.value);
        } else {
            let Some(whole) = unit.whole(point.value) else { return false };
            // The first may be below nothing, and is then a large number.
            out.put_number(whole.wrapping_sub(before).cast_unsigned());
            before = whole;
        }
        let weight = (point.weight as u64).min(u64::MAX >> 1);
        out.put_number((weight << 1) | u64::from(!point.pure));
        if let Slack::Kept(scale) = slack {
            out.put_u8(to_byte(point.slack / scale));
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn point() -> impl Strategy<Value = Point> {
        let value = prop_oneof![
            (0..100_000_u32).prop_map(|millis| f64::from(millis) / 1000.0),
            (-1000..1000_i32).prop_map(f64::from),
            any::<f64>().prop_filter("a number", |value| !value.is_nan()),
        ];
        let weight = prop_oneof![1..100_u32, 1..16_777_216_u32];
        (value, weight, 0..100_000_u32, any::<bool>()).prop_map(|(value, weight, slack, pure)| Point {
            value,
            weight: weight as f32,
            slack: slack as f32,
            pure,
        })
    }

    fn stream(bucket: u16, easing: u8, mut points: Vec<Point>) -> Stream {
        points.sort_by(|a, b| a.value.total_cmp(&b.value));
        let total = points.iter().map(|point| f64::from(point.weight)).sum();
        Stream { bucket, easing, total, points }
    }

    fn unpack(packed: &Packed, options: &SummaryOptions) -> Vec<Stream> {
        packed.iter(options).map(|stream| Stream::unpack(stream, 0)).collect()
    }

    proptest! {
        #[test]
        fn streams_come_back(
            lists in prop::collection::vec((0..4_u16, 0..=FIRM, prop::collection::vec(point(), 0..60)), 1..12)
        ) {
            let (options, mut packed, mut room) = (SummaryOptions::default(), Packed::default(), Vec::new());
            let mut want: Vec<Stream> = Vec::new();
            for (bucket, easing, points) in lists {
                let stream = stream(bucket, easing, points);
                packed.put(&options, &stream, true, &mut room);
                want.retain(|old| old.bucket != bucket);
                want.push(stream);
                let got = unpack(&packed, &options);
                prop_assert_eq!(got.len(), want.len());
                for (got, want) in got.iter().zip(&want) {
                    prop_assert_eq!((got.bucket, got.easing, got.total), (want.bucket, want.easing, want.total));
                    prop_assert_eq!(got.points.len(), want.points.len());
                    let least = (want.total / SLACK_PARTS.exp2()).max(1.0) * 2.0;
                    let total = want.total;
                    for (got, want) in got.points.iter().zip(&want.points) {
                        prop_assert_eq!(got.value.to_bits(), want.value.to_bits());
                        prop_assert_eq!((got.weight, got.pure), (want.weight, want.pure));
                        // There is no more than the total.
                        let (got, want) = (f64::from(got.slack), f64::from(want.slack));
                        prop_assert!(got >= want.min(total) && got <= want * 1.0625 + least);
                    }
                }
            }
            packed.turn(&options, 2, |bucket| bucket % 2 == 0);
            want.retain(|stream| stream.bucket % 2 == 0);
            let got = unpack(&packed, &options);
            let buckets = |streams: &[Stream]| streams.iter().map(|stream| stream.bucket).collect::<Vec<_>>();
            prop_assert_eq!(buckets(&got), buckets(&want));
            // What was taken for slack once is taken for it again.
            packed.turn(&options, 2, |_| true);
            prop_assert!(unpack(&packed, &options).iter().zip(&got).all(|(again, got)| again.points == got.points));
        }
    }
}
