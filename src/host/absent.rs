//! Collectors of node_exporter for Linux that tallyd has not. Source: node_exporter 1.12.1.
//!
//! Asking for one is an error, so that nobody waits for metrics that never come; switching one off is what we do anyway.

/// Their names.
pub const ABSENT: &[&str] =
    &["drm", "ethtool", "logind", "network_route", "ntp", "nvmesubsystem", "perf", "runit", "supervisord", "swap"];

/// What stands for a flag of one of them, such as `collector.ntp` or `collector.ntp.server`: its name.
pub fn collector_of(flag: &str) -> Option<&'static str> {
    let flag = flag.strip_prefix("no-").unwrap_or(flag);
    let name = flag.strip_prefix("collector.")?.split('.').next();
    ABSENT.iter().copied().find(|absent| Some(*absent) == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::all_specs;

    #[test]
    fn what_is_absent_is_not_there() {
        for name in ABSENT {
            let there = all_specs().iter().any(|spec| spec.name == *name);
            assert!(!there, "tallyd has a collector {name} now: take it out of src/host/absent.rs");
        }
    }

    #[test]
    fn flags_are_told_by_the_collector_that_they_belong_to() {
        for (flag, want) in [
            ("collector.ntp", Some("ntp")),
            ("collector.ntp.server", Some("ntp")),
            ("no-collector.ntp.server-is-local", Some("ntp")),
            ("collector.ntpd", None),
            ("collector.loadavg", None),
            ("path.ntp", None),
        ] {
            assert_eq!(collector_of(flag), want, "flag: {flag}");
        }
    }
}
