//! Properties of network interfaces: state, addresses, MTU, speed.
//!
//! Source: `/sys/class/net`, as Documentation/ABI/testing/sysfs-class-net of the kernel describes it, or netlink.

mod sysfs;

use crate::flag::Flag;
use crate::host::{CollectError, Collector, Roots, Spec, filter};
use crate::model::Sink;
use crate::pattern::Pattern;

const FLAGS: &[Flag] = &[
    Flag::value(
        "collector.netclass.ignored-devices",
        "REGEXP",
        "^$",
        "Regexp of net devices to ignore for netclass collector.",
    ),
    Flag::switch(
        "collector.netclass.ignore-invalid-speed",
        "Ignore devices where the speed is invalid. This will be the default behavior in 2.x.",
    ),
];

/// The collector `netclass`.
pub static SPEC: Spec = Spec {
    name: "netclass",
    about: "properties of network interfaces from /sys/class/net",
    default_enabled: true,
    flags: FLAGS,
    metrics: &sysfs::FAMILIES,
    build: |env| {
        Ok(Box::new(Netclass {
            roots: env.roots.clone(),
            ignored: filter::pattern(env.flags, "collector.netclass.ignored-devices")?,
            valid_speed_only: env.flags.on("collector.netclass.ignore-invalid-speed"),
        }))
    },
};

struct Netclass {
    roots: Roots,
    ignored: Option<Pattern>,
    valid_speed_only: bool,
}

impl Collector for Netclass {
    fn collect(&mut self, out: &mut dyn Sink) -> Result<(), CollectError> {
        let ignores = |name: &str| self.ignored.as_ref().is_some_and(|pattern| pattern.is_match(name));
        sysfs::emit(&sysfs::read(&self.roots, ignores, self.valid_speed_only)?, out);
        Ok(())
    }
}
