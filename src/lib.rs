//! tallyd: the host and its apps on one `/metrics`.
//!
//! The way of the data is in `docs/ARCHITECTURE.md`; here is where each part of it lives.

pub mod agent;
pub mod cli;
pub mod compat;
pub mod config;
pub mod descriptors;
pub mod encode;
pub mod flag;
pub mod help;
pub mod host;
pub mod lifecycle;
pub mod listen;
pub mod logging;
pub mod memory;
pub mod model;
pub mod once;
pub mod panic;
pub mod pattern;
pub mod scrape;
pub mod send;
pub mod service;
pub mod signals;
pub mod statsd;
pub mod stop;
pub mod subcommand;
pub mod telemetry;
pub mod threads;
pub mod top;
pub mod web;
pub mod yaml;

/// The Rust program of docs/sending.md is compiled with the doc tests.
#[cfg(doctest)]
#[doc = include_str!("../docs/sending.md")]
struct Sending;
