//! Name and release of the kernel and the host's name. Source: uname(3).

use crate::host::{CollectError, Collector, Metrics, Spec};
use crate::model::{Desc, Sink};
use rustix::system::{Uname, uname};
use std::borrow::Cow;

static INFO: Desc<'static> = Desc::gauge(
    "node_uname_info",
    "Labeled system information as provided by the uname system call.",
    &["sysname", "release", "version", "machine", "nodename", "domainname"],
);

/// The collector `uname`.
pub static SPEC: Spec = Spec {
    name: "uname",
    about: "names of system, kernel and host from uname(2)",
    default_enabled: true,
    flags: &[],
    build: |_| Ok(Box::new(UnameInfo)),
};

/// What it shows.
pub static METRICS: Metrics = &[&INFO];

struct UnameInfo;

impl Collector for UnameInfo {
    fn collect(&mut self, out: &mut dyn Sink) -> Result<(), CollectError> {
        let uname = uname();
        let (sysname, release) = (uname.sysname().to_string_lossy(), uname.release().to_string_lossy());
        let (version, machine) = (uname.version().to_string_lossy(), uname.machine().to_string_lossy());
        let (node, domain) = host_and_domain(&uname);
        out.family(&INFO).sample(&[&sysname, &release, &version, &machine, &node, &domain], 1.0);
        Ok(())
    }
}

#[cfg(target_os = "linux")]
fn host_and_domain(uname: &Uname) -> (Cow<'_, str>, Cow<'_, str>) {
    (uname.nodename().to_string_lossy(), uname.domainname().to_string_lossy())
}

/// Only Linux keeps a domain of its own: elsewhere it is what follows the first dot of the host's name.
#[cfg(not(target_os = "linux"))]
fn host_and_domain(uname: &Uname) -> (Cow<'_, str>, Cow<'_, str>) {
    let node = uname.nodename().to_string_lossy();
    let (host, domain) = split_domain(&node);
    (host.to_owned().into(), domain.to_owned().into())
}

/// The host's name and its domain, from one name that may hold both. `(none)` is what Linux calls no domain.
#[cfg(any(test, not(target_os = "linux")))]
fn split_domain(node: &str) -> (&str, &str) {
    node.split_once('.').unwrap_or((node, "(none)"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_domain_follows_the_first_dot() {
        for (node, want) in [
            ("mac", ("mac", "(none)")),
            ("mac.local", ("mac", "local")),
            ("a.example.org", ("a", "example.org")),
            ("", ("", "(none)")),
        ] {
            assert_eq!(split_domain(node), want, "node: {node:?}");
        }
    }
}
