//! Properties of network interfaces: state, addresses, MTU, speed.
//!
//! Source: `/sys/class/net`, as Documentation/ABI/testing/sysfs-class-net of the kernel describes it, or netlink.

mod netlink;
mod sysfs;

use crate::flag::Flag;
use crate::host::linux::attributes;
use crate::host::{CollectError, Collector, Metrics, Roots, Spec, filter};
use crate::model::{Desc, Sink};
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
    Flag::switch("collector.netclass.netlink", "Use netlink to gather stats instead of /sys/class/net."),
    Flag::switch(
        "collector.netclass_rtnl.with-stats",
        "Expose the statistics for each network device, replacing netdev collector.",
    ),
];

static FAMILIES: [&Desc<'static>; 20] =
    attributes::families(&[&sysfs::UP, &sysfs::INFO, &netlink::ALTNAMES], &sysfs::PROPERTIES);

/// The collector `netclass`.
pub static SPEC: Spec = Spec {
    name: "netclass",
    about: "properties of network interfaces from /sys/class/net",
    default_enabled: true,
    flags: FLAGS,
    build: |env| {
        Ok(Box::new(Netclass {
            roots: env.roots.clone(),
            ignored: filter::pattern(env.flags, "collector.netclass.ignored-devices")?,
            valid_speed_only: env.flags.on("collector.netclass.ignore-invalid-speed"),
            sysfs: sysfs::Reader::new(env.roots.sys("class/net")),
            netlink: env.flags.on("collector.netclass.netlink"),
            statistics: env.flags.on("collector.netclass_rtnl.with-stats"),
        }))
    },
};

/// What it shows.
pub static METRICS: Metrics = &FAMILIES;

struct Netclass {
    roots: Roots,
    ignored: Option<Pattern>,
    valid_speed_only: bool,
    sysfs: sysfs::Reader,
    netlink: bool,
    /// With netlink only.
    statistics: bool,
}

impl Collector for Netclass {
    fn collect(&mut self, out: &mut dyn Sink) -> Result<(), CollectError> {
        let ignores = |name: &str| self.ignored.as_ref().is_some_and(|pattern| pattern.is_match(name));
        if self.netlink {
            netlink::emit(&netlink::read(&self.roots, ignores)?, self.statistics, out);
        } else {
            sysfs::emit(&self.sysfs.read(ignores, self.valid_speed_only)?, out);
        }
        Ok(())
    }
}
