//! The web side over real loopback sockets, with a scraper that does what the query tells it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

mod abuse;
#[path = "../common/certificates.rs"]
mod certificates;
mod client;
#[path = "../common/mod.rs"]
mod common;
mod descriptors;
mod limits;
mod secure;
mod server;
mod serving;
