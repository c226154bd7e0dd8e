//! What IOKit and CoreFoundation are asked: disks, power sources, temperatures, space that can be purged.

#[cfg(not(target_os = "macos"))]
#[path = "absent.rs"]
mod sys;
#[cfg(target_os = "macos")]
mod sys;

use super::diskstats::Drive;
use super::thermal::Sensor;
use crate::host::CollectError;
use std::collections::BTreeMap;

/// A value of a property list, as far as a collector looks at one.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(not(any(test, target_os = "macos")), expect(dead_code, reason = "only macOS makes one"))]
pub enum Value {
    /// `CFNumber`.
    Number(f64),
    /// `CFBoolean`.
    Switch(bool),
    /// `CFString`.
    Text(String),
}

/// A `CFDictionary` by its keys, without the values of other types.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Properties(BTreeMap<String, Value>);

impl Properties {
    /// The number of this key.
    pub fn number(&self, key: &str) -> Option<f64> {
        match self.0.get(key)? {
            Value::Number(number) => Some(*number),
            Value::Switch(_) | Value::Text(_) => None,
        }
    }

    /// The switch of this key as a number.
    pub fn switch(&self, key: &str) -> Option<f64> {
        match self.0.get(key)? {
            Value::Switch(on) => Some(f64::from(u8::from(*on))),
            Value::Number(_) | Value::Text(_) => None,
        }
    }

    /// The text of this key.
    pub fn text(&self, key: &str) -> Option<&str> {
        match self.0.get(key)? {
            Value::Text(text) => Some(text),
            Value::Number(_) | Value::Switch(_) => None,
        }
    }
}

impl<K: Into<String>> FromIterator<(K, Value)> for Properties {
    fn from_iter<I: IntoIterator<Item = (K, Value)>>(pairs: I) -> Self {
        Self(pairs.into_iter().map(|(key, value)| (key.into(), value)).collect())
    }
}

/// The disks that have a driver, by name.
pub fn drives() -> Result<Vec<Drive>, CollectError> {
    let mut drives = sys::drives().map_err(|e| CollectError::call("IOServiceGetMatchingServices", e))?;
    drives.sort_unstable_by(|a, b| a.name.cmp(&b.name));
    Ok(drives)
}

/// Batteries and other power sources.
pub fn power_sources() -> Result<Vec<Properties>, CollectError> {
    sys::power_sources().map_err(|e| CollectError::call("IOPSCopyPowerSourcesInfo", e))
}

/// Limits of the CPU; `None` where there are none, as on Apple silicon.
pub fn cpu_power_status() -> Result<Option<Properties>, CollectError> {
    sys::cpu_power_status().map_err(|e| CollectError::call("IOPMCopyCPUPowerStatus", e))
}

/// What the sensors of temperature say.
pub fn temperatures() -> Vec<Sensor> {
    sys::temperatures()
}

/// Bytes that would be available on the volume of this mount point if all was purged that may be.
pub fn purgeable(point: &str) -> Option<f64> {
    sys::purgeable(point)
}
