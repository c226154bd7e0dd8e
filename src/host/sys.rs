//! The local time zone, for the collectors `time` of all systems. Source: localtime_r(3), which goes by `TZ` and
//! `/etc/localtime`.
#![allow(unsafe_code)]

use std::ffi::CStr;
use std::mem::MaybeUninit;

/// A time zone at a moment.
#[derive(Debug, PartialEq, Eq)]
pub struct Zone {
    /// Abbreviation, such as `UTC` or `CEST`.
    pub name: String,
    /// East of Greenwich.
    pub offset_seconds: i32,
}

/// The zone at a time in seconds since 1970; `None` where the year does not fit.
pub fn zone(seconds: i64) -> Option<Zone> {
    let seconds = libc::time_t::try_from(seconds).ok()?;
    let mut broken_down = MaybeUninit::<libc::tm>::zeroed();
    // SAFETY: both pointers are to live values of the right type, and the result is the second of them or null. The
    // call reads the environment, which this program never changes after its start.
    let filled = unsafe { libc::localtime_r(&raw const seconds, broken_down.as_mut_ptr()) };
    if filled.is_null() {
        return None;
    }
    // SAFETY: not null means that all fields are written.
    let broken_down = unsafe { broken_down.assume_init() };
    let name = if broken_down.tm_zone.is_null() {
        String::new()
    } else {
        // SAFETY: the C library keeps the names of zones, ended by zero, as long as the process lives.
        unsafe { CStr::from_ptr(broken_down.tm_zone) }.to_string_lossy().into_owned()
    };
    Some(Zone { name, offset_seconds: i32::try_from(broken_down.tm_gmtoff).ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_is_within_a_day_of_utc() {
        let zone = zone(1_700_000_000).unwrap();
        assert!(zone.offset_seconds.abs() < 86_400, "{zone:?}");
        assert!(!zone.name.is_empty(), "{zone:?}");
    }
}
