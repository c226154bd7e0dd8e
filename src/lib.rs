//! tallyd: the host and its apps on one `/metrics`.
//!
//! The way of the data is in `docs/ARCHITECTURE.md`; here is where each part of it lives.

pub mod encode;
pub mod flag;
pub mod host;
pub mod model;
pub mod once;
pub mod pattern;
pub mod statsd;
