//! One line, from its bytes to its series: the short way by the cache, the long way by parser and rules.

use super::bytes::Bytes;
use super::cache::{LineCache, Reading, Recipe};
use super::event::{Effect, Input, event_type};
use super::labels::LabelBuilder;
use super::map::{Action, EventKind, Mapper, Match, Scratch};
use super::observe::{SetOptions, Tick};
use super::parse::{self, Bounds, Kind, LineError, Sample, Styles, Tags, parse_line};
use super::rules::Rules;
use super::settings::Options;
use super::state::{Frames, Header, ReadError};
use super::store::{Circumstances, Cursor, FamilyKind, FamilySpec, Loader, Lost, Ranking, SeriesSpec, Shape, Store};
use super::tally::{EventError, Message, Metrics, Tally};
use crate::memory::Room;
use crate::model::Sink;
use crate::model::name::escape_into;
use std::sync::Arc;
use std::time::SystemTime;

/// Timers are sent in milliseconds and shown in seconds.
const MILLIS_A_SECOND: f64 = 1000.0;

/// Series are looked through for those whose time is over at most so often, in ticks: each second, as statsd_exporter
/// does.
const UPKEEP: Tick = super::observe::TICKS_PER_SECOND;

/// What does not change within a batch.
pub struct Context<'a> {
    pub metrics: &'a Metrics,
    pub styles: Styles,
    pub now: Tick,
}

/// All that a line is held against and may change.
pub struct State {
    rules: Rules,
    store: Store,
    cache: LineCache,
    sets: Shape,
    bounds: Bounds,
    room: Room,
    tally: Tally,
    /// When series were last looked through.
    upkept: Tick,
    scratch: Scratch,
    labels: LabelBuilder,
    name: String,
}

impl State {
    /// Empty, with the rules of a mapping file.
    pub fn new(options: &Options, sets: SetOptions, mapper: Arc<Mapper>) -> Self {
        Self {
            rules: Rules::new(mapper),
            store: Store::new(options.limits)
                .zero_first(options.zero_first)
                .created(options.created.then_some(SystemTime::now)),
            cache: LineCache::new(options.cached_lines),
            sets: Shape::Set(Arc::new(sets)),
            bounds: options.bounds,
            room: Room::default(),
            tally: Tally::default(),
            upkept: 0,
            scratch: Scratch::default(),
            labels: LabelBuilder::default(),
            name: String::new(),
        }
    }

    /// Maps by other rules from now on.
    pub fn set_rules(&mut self, mapper: Arc<Mapper>) {
        self.rules = Rules::new(mapper);
        self.cache.clear();
        self.store.rules_changed();
    }

    /// Refuses new series from now on where there is no room for them.
    pub fn set_room(&mut self, room: Room) {
        self.room = room;
    }

    /// Lets series go whose time is over, and looks how much memory there is, once a second at the most.
    pub fn upkeep(&mut self, context: &Context<'_>) {
        if context.now.saturating_sub(self.upkept) >= UPKEEP {
            self.upkept = context.now;
            self.store.expire(context.now);
            self.store.turn_minute(context.now);
            self.room.turn();
        }
    }

    /// Adds what was counted to the agent's metrics.
    pub fn publish(&mut self, context: &Context<'_>) {
        context.metrics.add(&mut self.tally);
        context.metrics.set_series(self.store.len());
        context.metrics.set_memory_full(self.room.is_full());
    }

    /// Begins a look for so many of the largest and the busiest metrics.
    pub fn begin_ranking(&self, count: usize) -> Ranking {
        self.store.begin_ranking(count)
    }

    /// Looks at up to `turn` more metrics; `false` when none is left.
    pub fn rank(&self, ranking: &mut Ranking, turn: usize) -> bool {
        self.store.rank(ranking, turn)
    }

    /// Begins a scrape.
    pub fn begin(&mut self) -> Cursor {
        self.store.begin()
    }

    /// Writes up to `turn` more series of a scrape; `false` when none is left.
    pub fn write(&mut self, cursor: &mut Cursor, turn: usize, now: Tick, out: &mut dyn Sink) -> bool {
        self.store.write(cursor, turn, now, out)
    }

    /// Appends up to `turn` more series of a copy for later; `false` when none is left.
    pub fn save(&mut self, cursor: &mut Cursor, turn: usize, now: Tick, out: &mut Vec<u8>) -> bool {
        self.store.save(cursor, turn, now, out)
    }

    /// Appends what members of sets are hashed with.
    pub fn save_hashes(&self, out: &mut Vec<u8>) {
        if let Shape::Set(options) = &self.sets {
            options.save(out);
        }
    }

    /// Takes the place of an earlier run: all of its series, or none where one can't be read.
    pub fn restore(&mut self, header: &Header, now: Tick, frames: &mut dyn Frames) -> Result<Lost, ReadError> {
        let Shape::Set(ours) = &self.sets else { return Err(ReadError::Malformed) };
        let (theirs, same_hashes) = ours.load(&mut Bytes(&header.hashes)).ok_or(ReadError::Malformed)?;
        let sets = if same_hashes { Shape::Set(Arc::new(theirs)) } else { self.sets.clone() };
        let at = Circumstances { now, saved: header.saved(now), sets: &sets, same_hashes };
        let (mut loader, mut frame) = (Loader::new(&self.store, at, &mut self.room), Vec::new());
        while frames.next(&mut frame)? {
            loader.frame(&frame).ok_or(ReadError::Malformed)?;
        }
        let (store, lost) = loader.end();
        (self.store, self.sets) = (store, sets);
        Ok(lost)
    }

    /// By type, how many sets of label names there were.
    pub fn label_sets(&self) -> impl Iterator<Item = (FamilyKind, usize)> {
        FamilyKind::ALL.into_iter().map(|kind| (kind, self.store.label_sets(kind)))
    }

    /// One line: by the cache if its like was seen before, or else the long way.
    pub fn line(&mut self, context: &Context<'_>, line: &[u8]) {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        self.tally.lines += 1;
        if let Some((name, value, rest)) = split_value(line)
            && let Some(recipe) = self.cache.get(name, rest)
            && self.repeat(context, &recipe, value)
        {
            return;
        }
        if line.len() > self.bounds.line {
            self.tally.refuse(LineError::LineTooLong);
        } else if parse::is_event(line) {
            self.tally.message(Message::Event);
        } else if parse::is_service_check(line) {
            self.service_check(context, line);
        } else if !line.is_empty() {
            self.new_line(context, line);
        }
    }

    /// A repeated line: counts what the long way would count, and changes its series. `false`: it must take the long
    /// way, because the series is gone or the value is none.
    fn repeat(&mut self, context: &Context<'_>, recipe: &Recipe, value: &[u8]) -> bool {
        let Recipe { series, reading } = recipe;
        let effect = self.store.apply(*series, context.now, |kind| {
            let effect = Input::read(kind, value).map(|input| Effect::of(kind, reading, input));
            (effect.as_ref().and_then(Effect::update), effect)
        });
        let Some(Some(effect)) = effect else { return false };
        self.tally.hits += 1;
        self.tally.samples += 1;
        self.tally.tags += u64::from(reading.tagged);
        self.tally.let_by += u64::from(reading.let_by);
        self.tally.way(reading.mapped, reading.weight);
        match effect {
            Effect::Change(event, _) | Effect::Nothing(event) => self.tally.event(event, reading.weight),
            Effect::Refused(error) => self.tally.fail(error, reading.weight),
        }
        true
    }

    /// A line whose like was not seen before.
    fn new_line(&mut self, context: &Context<'_>, bytes: &[u8]) {
        let mut tags = Tags::default();
        let mut line = match parse_line(bytes, context.styles, &mut tags) {
            Ok(line) => line,
            Err(error) => {
                self.tally.tag_errors += u64::from(tags.take_errors());
                return self.tally.refuse(error);
            }
        };
        let (mut samples, mut errors, mut recipe) = (0_u32, 0, None);
        while let Some(sample) = line.next_sample(&mut tags) {
            samples += 1;
            if !tags.as_slice().is_empty() && matches!(sample, Ok(_) | Err(LineError::IllegalEvent)) {
                self.tally.tags += 1;
            }
            errors += tags.take_errors();
            match sample {
                Ok(sample) => recipe = self.sample(context, &line.name, &sample, &tags),
                Err(error) => self.tally.refuse(error),
            }
        }
        self.tally.samples += u64::from(samples);
        self.tally.tag_errors += u64::from(errors);
        let notes = line.notes;
        self.tally.sample_errors[LineError::InvalidSampleFactor.index()] += u64::from(notes.bad_rates);
        self.tally.let_by += u64::from(notes.let_by);
        // Only a line that counts alike each time may take the short way, and only one that may come again.
        if let (1, 0, 0, false, Some(mut recipe), Some((name, _, rest))) =
            (samples, errors, notes.bad_rates, notes.timed, recipe, split_value(bytes))
        {
            recipe.reading.let_by = notes.let_by;
            self.cache.put(name, rest, recipe, &mut self.room);
        }
    }

    /// The status of a service check is a gauge of the check's name.
    fn service_check(&mut self, context: &Context<'_>, line: &[u8]) {
        let mut tags = Tags::default();
        match parse::parse_service_check(line, context.styles, &mut tags) {
            Ok(check) => {
                self.tally.message(Message::ServiceCheck);
                self.tally.samples += 1;
                self.tally.tags += u64::from(!tags.as_slice().is_empty());
                let value = f64::from(check.status.as_bytes()[0] - b'0');
                let sample = Sample { kind: Kind::Gauge, text: check.status, value, rate: 1.0, weight: 1 };
                self.sample(context, check.name, &sample, &tags);
            }
            Err(error) => self.tally.refuse(error),
        }
        self.tally.tag_errors += u64::from(tags.take_errors());
    }

    /// One sample, the long way: its series is found or made. `None` where its like must take the long way again.
    fn sample(&mut self, context: &Context<'_>, name: &str, sample: &Sample<'_>, tags: &Tags<'_>) -> Option<Recipe> {
        let Self { rules, store, sets, bounds, room, tally, scratch, labels, name: rendered, .. } = self;
        if let Err(error) = bounds.check(name, tags.as_slice()) {
            tally.refuse(error);
            return None;
        }
        // By a rate above 1, or below 0, it stands for no observation: there is no event, as statsd_exporter has it.
        if sample.weight == 0 {
            return None;
        }
        let found = rules.mapper.find(name, event_kind(sample.kind), scratch);
        if found.as_ref().is_some_and(|found| found.rule.action == Action::Drop) {
            tally.dropped += sample.weight;
            return None;
        }
        rendered.clear();
        escape_into(found.as_ref().map_or(name, |found| found.name), rendered);
        if rendered.is_empty() {
            tally.fail(EventError::EmptyMetricName, sample.weight);
            return None;
        }
        tally.way(found.is_some(), sample.weight);
        let terms = rules.terms(found.as_ref());
        let shape = match sample.kind {
            Kind::Counter => &Shape::Counter,
            Kind::Gauge => &Shape::Gauge,
            Kind::Set => &*sets,
            Kind::Timer | Kind::Distribution => terms.observer,
        };
        let reading = Reading {
            divide: if sample.kind == Kind::Timer { MILLIS_A_SECOND } else { sample.rate },
            multiply: terms.scale,
            weight: sample.weight,
            tagged: !tags.as_slice().is_empty(),
            mapped: found.is_some(),
            let_by: 0,
        };
        let effect = Effect::of(shape.kind(), &reading, Input::of(sample));
        if let Effect::Refused(error) = effect {
            tally.fail(error, sample.weight);
            return None;
        }
        let refused = fill(labels, tags, found.as_ref(), shape.kind().reserved_label());
        tally.tag_errors += u64::from(refused);
        let spec = SeriesSpec { labels: labels.finish(), ttl: terms.ttl };
        let family = FamilySpec { name: rendered, shape, help: terms.help };
        let series = match store.intern(&family, &spec, context.now, room) {
            Ok(series) => series,
            Err(error) => {
                context.metrics.without_series(error, rendered, event_type(shape.kind()), sample.weight);
                return None;
            }
        };
        store.apply(series, context.now, |_| (effect.update(), ()));
        context.metrics.set_metrics(shape.kind(), store.label_sets(shape.kind()));
        tally.event(event_type(shape.kind()), reading.weight);
        (refused == 0).then_some(Recipe { series, reading })
    }
}

/// Gathers the labels of the tags and of the rule, and returns how many tags were left out. The rule's label goes before
/// a tag of the same name, unless the rule honors the tag.
fn fill(labels: &mut LabelBuilder, tags: &Tags<'_>, found: Option<&Match<'_>>, reserved: Option<&str>) -> u32 {
    labels.clear();
    let honored = found.is_some_and(|found| found.rule.honor_labels);
    let of_rule = |labels: &mut LabelBuilder| {
        found.into_iter().flat_map(Match::labels).filter(|(name, value)| !labels.push(name, value, reserved)).count()
    };
    if honored {
        of_rule(labels);
    }
    let refused = tags.as_slice().iter().filter(|(name, value)| !labels.push(name, value, reserved)).count();
    if !honored {
        of_rule(labels);
    }
    u32::try_from(refused).unwrap_or(u32::MAX)
}

/// The kind of event that rules know a sample by.
fn event_kind(kind: Kind) -> EventKind {
    match kind {
        Kind::Counter => EventKind::Counter,
        Kind::Gauge | Kind::Set => EventKind::Gauge,
        Kind::Timer | Kind::Distribution => EventKind::Observer,
    }
}

/// The pieces of a line around the value of its only sample.
///
/// ```text
/// app.hits:1|c|#env:prod
/// ^^^^^^^^ ^^^^^^^^^^^^^^
/// name     value, rest
/// ```
fn split_value(line: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let colon = memchr::memchr(b':', line)?;
    let (name, tail) = (&line[..colon], &line[colon + 1..]);
    let bar = memchr::memchr(b'|', tail)?;
    Some((name, &tail[..bar], &tail[bar..]))
}
