//! All flags, and the settings that they make once they are checked. Nothing is opened before that.

use crate::flag::{Flag, FlagError, Values};
use crate::host::{self, Env, Host, Roots};
use crate::logging::{self, Format};
use crate::statsd::map::{Mapper, Source};
use crate::yaml::FileError;
use crate::{compat, memory, statsd, telemetry, web};
use std::borrow::Cow;
use std::fmt;

/// Flags of one part, with the heading that help gives them.
pub struct Section {
    /// The heading.
    pub heading: &'static str,
    /// The flags, in the order of help.
    pub flags: Vec<Flag>,
}

/// Flags of the host side that no single collector has.
const HOST_FLAGS: &[Flag] = &[
    Flag::value("path.procfs", "DIR", "/proc", "Where the proc file system is mounted."),
    Flag::value("path.sysfs", "DIR", "/sys", "Where the sys file system is mounted."),
    Flag::value("path.rootfs", "DIR", "/", "Where the host's root is mounted, for an agent in a container."),
    Flag::value("path.udev.data", "DIR", "/run/udev/data", "Where udev keeps its database."),
    Flag::switch("collector.disable-defaults", "Run only the collectors that a flag names."),
];

/// Flags about the agent's own metrics.
const TELEMETRY_FLAGS: &[Flag] = &[
    Flag::switch(
        "web.disable-exporter-metrics",
        "Leave out metrics about the agent's process and its web server (promhttp_*, process_*, tallyd_web_*).",
    ),
    Flag::on(
        "web.compat-build-info",
        "Show node_exporter_build_info and statsd_exporter_build_info, which dashboards look for.",
    ),
];

/// Flags about what the agent does at all.
const RUN_FLAGS: &[Flag] = &[Flag::switch("check-config", "Check the flags and the files that they name, and end.")];

/// Every flag of the agent.
pub fn sections() -> Vec<Section> {
    let mut host: Vec<Flag> = HOST_FLAGS.to_vec();
    host.push(host::BACKEND_FLAG.clone());
    for spec in host::all_specs() {
        let mut switch = if spec.default_enabled { Flag::on("", "") } else { Flag::switch("", "") };
        switch.name = Cow::Owned(format!("collector.{}", spec.name));
        switch.help = Cow::Owned(format!("Collect {}.", spec.about));
        host.push(switch);
        host.extend(spec.flags.iter().cloned());
    }
    let web = web::flags::FLAGS.iter().chain(TELEMETRY_FLAGS).cloned().collect();
    let limits = web::limits::FLAGS.iter().chain(statsd::limits::FLAGS).chain(memory::FLAGS).cloned().collect();
    vec![
        Section { heading: "Web", flags: web },
        Section { heading: "StatsD", flags: statsd::settings::FLAGS.iter().chain(RUN_FLAGS).cloned().collect() },
        Section { heading: "Limits", flags: limits },
        Section { heading: "Host", flags: host },
        Section { heading: "Log", flags: logging::FLAGS.to_vec() },
        Section { heading: "Without effect", flags: compat::IGNORED.to_vec() },
    ]
}

/// Flags or files that can't be used: one sentence.
#[derive(Debug)]
pub enum ConfigError {
    /// A flag.
    Flag(FlagError),
    /// The mapping file or the web config file.
    File(FileError),
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(e) => e.fmt(f),
            Self::File(e) => e.fmt(f),
        }
    }
}

impl std::error::Error for ConfigError {}

impl From<FlagError> for ConfigError {
    fn from(e: FlagError) -> Self {
        Self::Flag(e)
    }
}

impl From<FileError> for ConfigError {
    fn from(e: FileError) -> Self {
        Self::File(e)
    }
}

/// The agent's settings.
pub struct Config {
    /// The web side.
    pub web: web::flags::Web,
    /// Which of the agent's own metrics are shown.
    pub telemetry: telemetry::Settings,
    /// The StatsD side.
    pub statsd: statsd::settings::Settings,
    /// The rules of the mapping file.
    pub mapper: Mapper,
    /// The enabled collectors.
    pub host: Host,
    /// How much memory the agent may take before it refuses new series.
    pub memory: Option<usize>,
    /// How much is logged.
    pub log_level: log::LevelFilter,
    /// In which form.
    pub log_format: Format,
}

impl Config {
    /// Checks the flags.
    pub fn new(flags: &Values) -> Result<Self, ConfigError> {
        let telemetry = telemetry::Settings {
            exporter: !flags.on("web.disable-exporter-metrics"),
            compat: flags.on("web.compat-build-info"),
        };
        let (log_level, log_format) = logging::settings(flags)?;
        let statsd = statsd::settings::Settings::new(flags)?;
        let mut web = web::flags::Web::new(flags)?;
        web.read_file()?;
        Ok(Self {
            web,
            telemetry,
            mapper: statsd.mapping.as_ref().map_or_else(|| Ok(Mapper::empty()), Source::load)?,
            statsd,
            host: collectors(flags)?,
            memory: memory_limit(flags)?,
            log_level,
            log_format,
        })
    }
}

/// A limit on memory is none where nobody can tell how much there is in use.
fn memory_limit(flags: &Values) -> Result<Option<usize>, FlagError> {
    let limit = memory::limit(flags)?;
    if limit.is_some() && telemetry::Resident::default().read().is_none() {
        return Err(flags.wrong("limit.memory", "this system does not say how much memory the agent takes".into()));
    }
    Ok(limit)
}

/// Builds the collectors that the flags enable.
fn collectors(flags: &Values) -> Result<Host, FlagError> {
    let path = |name: &str| flags.text(name);
    let roots = Roots::new(path("path.procfs"), path("path.sysfs"), path("path.rootfs"), path("path.udev.data"));
    let only_named = flags.on("collector.disable-defaults");
    let env = Env { roots: &roots, flags };
    Host::new(host::collectors(host::Backend::from_flags(flags)?), &env, |spec| {
        let switch = format!("collector.{}", spec.name);
        flags.on(&switch) && (flags.given(&switch) || !only_named)
    })
}
