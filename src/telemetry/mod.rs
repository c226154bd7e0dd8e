//! Metrics about the agent itself, kept in a registry of the prometheus crate and adapted to a sink.

mod registrar;

pub use registrar::Registrar;
