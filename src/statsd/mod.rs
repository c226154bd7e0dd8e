//! Metrics of apps: sockets to batches of lines, lines to samples, samples to series.
//!
//! ```text
//! receive -> pipeline: cache ---------------------> store -> scrape
//!                      cache miss: parse -> labels -^
//! ```
//!
//! The thread that receives does it all, under one turn of the pipeline's lock for each batch.

mod bytes;
mod cache;
mod clock;
mod event;
mod ingest;
mod labels;
pub mod limits;
pub mod map;
pub mod observe;
pub mod parse;
mod pipeline;
pub mod receive;
mod refused;
pub mod relay;
pub mod reload;
mod rules;
pub mod settings;
pub mod state;
pub mod store;
mod tally;
mod top;

pub use clock::Clock;
pub use pipeline::Pipeline;
pub use tally::Metrics;
