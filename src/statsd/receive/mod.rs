//! Sockets to batches of lines. One thread a socket does it all: it receives, and runs the pipeline on what came.

mod batch;
mod datagram;
mod metrics;
mod stream;
mod sys;

pub use datagram::{Drops, spawn};
pub use metrics::Metrics;
