//! What timers, histograms, distributions and sets keep of their values: summaries, histograms and distinct counts,
//! each of bounded memory. Time is an argument everywhere.

#[cfg(test)]
mod accuracy;
mod histogram;
mod options;
mod packed;
mod rank;
mod set;
mod stream;
mod summary;
mod tick;

pub use histogram::{Histogram, HistogramOptions};
pub use options::SummaryOptions;
pub use set::{SetOptions, SetWindow};
pub use summary::Summary;
pub use tick::{Buckets, Saved, TICKS_PER_SECOND, Tick, ticks};
