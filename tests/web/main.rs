//! The web side over real loopback sockets, with a scraper that does what the query tells it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

mod abuse;
mod client;
#[path = "../common/mod.rs"]
#[allow(dead_code)] // Shared with tests that use other parts of it.
mod common;
mod descriptors;
mod limits;
mod secure;
mod server;
mod serving;
