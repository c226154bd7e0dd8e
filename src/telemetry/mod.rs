//! Metrics about the agent itself.

pub mod process;
