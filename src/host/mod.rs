//! Metrics of the host: collectors that run on each scrape, in the order of [`COLLECTORS`].

pub mod absent;
mod addresses;
pub mod collector;
pub mod files;
pub mod filter;
#[cfg(target_os = "linux")]
mod linux;
pub mod macos;
pub mod portable;
pub mod registry;
mod release;
pub mod roots;
mod slot;
mod sys;
mod textfile;

pub use collector::{CollectError, Collector, Env, Metrics, Spec};
pub use registry::{Host, Outcome, Picked, Selection, SelectionError};
pub use roots::Roots;

use crate::flag::{Flag, FlagError, Values};
#[cfg(target_os = "linux")]
use linux as native;
#[cfg(target_os = "macos")]
use macos as native;
#[cfg(not(any(target_os = "linux", target_os = "macos")))]
use portable as native;

/// Every collector of this system, in the order in which a scrape runs them.
pub const COLLECTORS: &[&Spec] = native::COLLECTORS;

/// Which of the two lists of collectors runs.
pub static BACKEND_FLAG: Flag = Flag::value(
    "host.backend",
    "native|portable",
    "native",
    "Where host metrics come from: collectors written for this system, or the fewer ones that run on any.",
);

/// A list of collectors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    /// Those written for this system.
    Native,
    /// Those that run on any system that sysinfo knows.
    Portable,
}

impl Backend {
    /// The one that [`BACKEND_FLAG`] asks for.
    pub fn from_flags(flags: &Values) -> Result<Self, FlagError> {
        match flags.text(&BACKEND_FLAG.name) {
            "native" => Ok(Self::Native),
            "portable" => Ok(Self::Portable),
            _ => Err(flags.wrong(&BACKEND_FLAG.name, "it is native or portable".into())),
        }
    }
}

/// The collectors of a backend. A collector that both have has the same name and the same flags.
pub fn collectors(backend: Backend) -> &'static [&'static Spec] {
    match backend {
        Backend::Native => COLLECTORS,
        Backend::Portable => portable::COLLECTORS,
    }
}

/// Every collector of either backend, by name: what flags exist does not depend on which backend runs.
pub fn all_specs() -> Vec<&'static Spec> {
    let mut specs: Vec<&Spec> = COLLECTORS.to_vec();
    specs.extend(portable::COLLECTORS.iter().filter(|spec| !COLLECTORS.iter().any(|native| native.name == spec.name)));
    specs.sort_unstable_by_key(|spec| spec.name);
    specs
}

/// What a collector of any system shows.
pub fn metrics(spec: &Spec) -> Metrics {
    let lists = [native::METRICS, portable::METRICS, macos::METRICS];
    let of = |(other, metrics): &(&Spec, Metrics)| std::ptr::eq(*other, spec).then_some(*metrics);
    lists.into_iter().flatten().find_map(of).unwrap_or_default()
}
