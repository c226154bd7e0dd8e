//! Name and version of the operating system. Source: sysinfo (`/etc/os-release`, sysctl).
//!
//! Labels that sysinfo does not know are empty, as node_exporter has them for a system that does not say.

use super::failed;
use crate::host::release::{self, Release};
use crate::host::{CollectError, Collector, Metrics, Spec};
use crate::model::Sink;
use sysinfo::System;

/// The collector `os`.
pub static SPEC: Spec = Spec {
    name: "os",
    about: "name and version of the operating system",
    default_enabled: true,
    flags: &[],
    build: |_| Ok(Box::new(Os)),
};

/// What it shows.
pub static METRICS: Metrics = &[&release::INFO, &release::VERSION];

struct Os;

impl Collector for Os {
    fn collect(&mut self, out: &mut dyn Sink) -> Result<(), CollectError> {
        release::emit(&read()?, out);
        Ok(())
    }
}

/// macOS: the fields that `SystemVersion.plist` has, which names no id. sysinfo's name there is the kernel's.
#[cfg(target_os = "macos")]
fn read() -> Result<Release, CollectError> {
    let version = System::os_version().map_err(|e| failed("os_version", e))?;
    let mut release = Release::default();
    release.set("name", "macOS".into());
    release.set("version", version.clone());
    release.set("version_id", version);
    Ok(release)
}

#[cfg(not(target_os = "macos"))]
fn read() -> Result<Release, CollectError> {
    let mut release = Release::default();
    release.set("id", System::distribution_id());
    release.set("id_like", System::distribution_id_like().join(" "));
    release.set("name", System::name().map_err(|e| failed("os_name", e))?);
    // A rolling distribution has none.
    release.set("version_id", System::os_version().unwrap_or_default());
    Ok(release)
}
