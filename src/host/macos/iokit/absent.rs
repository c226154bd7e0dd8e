//! Stands in for IOKit on other systems.

use super::{Drive, Properties, Sensor};
use std::io;

pub fn drives() -> io::Result<Vec<Drive>> {
    Err(io::ErrorKind::Unsupported.into())
}

pub fn power_sources() -> io::Result<Vec<Properties>> {
    Err(io::ErrorKind::Unsupported.into())
}

pub fn cpu_power_status() -> io::Result<Option<Properties>> {
    Err(io::ErrorKind::Unsupported.into())
}

pub fn temperatures() -> Vec<Sensor> {
    Vec::new()
}

pub fn purgeable(_: &str) -> Option<f64> {
    None
}
