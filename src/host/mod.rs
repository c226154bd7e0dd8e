//! Metrics of the host: collectors that run on each scrape, in the order of [`COLLECTORS`].

pub mod collector;
pub mod files;
pub mod filter;
#[cfg(target_os = "linux")]
mod linux;
pub mod registry;
pub mod roots;
mod textfile;

pub use collector::{CollectError, Collector, Env, Spec};
pub use registry::{Host, Selection, SelectionError};
pub use roots::Roots;

/// Every collector of this system, in the order in which a scrape runs them.
#[cfg(target_os = "linux")]
pub const COLLECTORS: &[&Spec] = linux::COLLECTORS;
#[cfg(not(target_os = "linux"))]
pub const COLLECTORS: &[&Spec] = &[&textfile::SPEC];
