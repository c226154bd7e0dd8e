//! What a service manager has to say: which files it wants, and how it is told.

use super::ServiceError;
use super::place::Place;
use super::step::{Call, File, Step};
use std::path::PathBuf;

/// What is asked of a service that is installed.
pub enum Control {
    /// Start it.
    Start,
    /// Stop it.
    Stop,
    /// Start it anew.
    Restart,
    /// Say whether it runs.
    Status,
    /// Show what it logged.
    Logs {
        /// And what it logs from now on.
        follow: bool,
    },
}

/// A service manager, for one place.
pub trait Manager {
    /// The file that makes the service known.
    fn unit(&self) -> File;

    /// Where its flags are.
    fn args(&self) -> PathBuf;

    /// Something that stands in the way of an installation.
    fn check(&self, _place: &Place) -> Result<(), ServiceError> {
        Ok(())
    }

    /// The link, and what it leads to, that has the service started at boot, where that is all it takes.
    fn boot_link(&self) -> Option<(PathBuf, PathBuf)> {
        None
    }

    /// What follows when the files are there.
    fn switch_on(&self) -> Vec<Step>;

    /// What comes before the files go.
    fn switch_off(&self) -> Vec<Step>;

    /// Where a folder may be that it has made for the state of the service.
    fn states(&self) -> Vec<PathBuf> {
        Vec::new()
    }

    /// What comes after.
    fn forget(&self) -> Vec<Step> {
        Vec::new()
    }

    /// How it is asked.
    fn control(&self, control: &Control) -> Call;
}
