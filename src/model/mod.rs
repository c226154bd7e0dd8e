//! What a metric is: descriptor, kind, labels, and the sink that samples are pushed into.
//!
//! `host`, `statsd` and `telemetry` produce in these terms, `encode` writes them; none of them needs to know the other.

mod desc;
mod go_float;
pub mod name;
mod sink;

pub use desc::{Desc, Kind, heads, refs};
pub use go_float::go_float;
pub use sink::{CREATED, Family, Labels, Sample, Sink};
