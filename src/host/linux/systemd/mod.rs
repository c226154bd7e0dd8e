//! Units of systemd and their states. Source: org.freedesktop.systemd1(5), over the system's D-Bus. Unit: seconds since
//! 1970, connections, tasks, restarts.

mod read;

use crate::flag::{Flag, FlagError, Values};
use crate::host::filter::Filter;
use crate::host::{CollectError, Collector, Env, Metrics, Spec};
use crate::model::{Desc, Sink};
use read::{Manager, Systemd, Unit};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

static VERSION: Desc<'static> = Desc::gauge("node_systemd_version", "Detected systemd version", &["version"]);
static VIRTUALIZATION: Desc<'static> =
    Desc::gauge("node_systemd_virtualization_info", "Detected virtualization technology", &["virtualization_type"]);
static RUNNING: Desc<'static> = Desc::gauge(
    "node_systemd_system_running",
    "Whether the system is operational (see 'systemctl is-system-running')",
    &[],
);
static UNITS: Desc<'static> = Desc::gauge("node_systemd_units", "Summary of systemd unit states", &["state"]);
static UNIT_STATE: Desc<'static> = Desc::gauge("node_systemd_unit_state", "Systemd unit", &["name", "state", "type"]);

/// A number that units of one kind have.
struct Figure {
    desc: Desc<'static>,
    /// How names of such units end.
    suffix: &'static str,
    interface: &'static str,
    property: &'static str,
    /// What it is divided by.
    unit: f64,
    /// The flag without which it is not asked for.
    flag: Option<&'static str>,
}

impl Figure {
    const fn new(desc: Desc<'static>, suffix: &'static str, interface: &'static str, property: &'static str) -> Self {
        Self { desc, suffix, interface, property, unit: 1.0, flag: None }
    }

    const fn micros(mut self) -> Self {
        self.unit = 1e6;
        self
    }

    const fn only_with(mut self, flag: &'static str) -> Self {
        self.flag = Some(flag);
        self
    }
}

const NAME: &[&str] = &["name"];
const SERVICE: &str = "org.freedesktop.systemd1.Service";
const SOCKET: &str = "org.freedesktop.systemd1.Socket";

/// Kinds, also where a gauge is called a total, are node_exporter's.
static FIGURES: [Figure; 8] = [
    Figure::new(
        Desc::counter("node_systemd_service_restart_total", "Service unit count of Restart triggers", NAME),
        ".service",
        SERVICE,
        "NRestarts",
    )
    .only_with(RESTARTS_FLAG),
    Figure::new(
        Desc::gauge("node_systemd_unit_tasks_current", "Current number of tasks per Systemd unit", NAME),
        ".service",
        SERVICE,
        "TasksCurrent",
    )
    .only_with(TASKS_FLAG),
    Figure::new(
        Desc::gauge("node_systemd_unit_tasks_max", "Maximum number of tasks per Systemd unit", NAME),
        ".service",
        SERVICE,
        "TasksMax",
    )
    .only_with(TASKS_FLAG),
    Figure::new(
        Desc::gauge(
            "node_systemd_unit_start_time_seconds",
            "Start time of the unit since unix epoch in seconds.",
            NAME,
        ),
        "",
        "org.freedesktop.systemd1.Unit",
        "ActiveEnterTimestamp",
    )
    .micros()
    .only_with(START_TIME_FLAG),
    Figure::new(
        Desc::gauge("node_systemd_timer_last_trigger_seconds", "Seconds since epoch of last trigger.", NAME),
        ".timer",
        "org.freedesktop.systemd1.Timer",
        "LastTriggerUSec",
    )
    .micros(),
    Figure::new(
        Desc::counter(
            "node_systemd_socket_accepted_connections_total",
            "Total number of accepted socket connections",
            NAME,
        ),
        ".socket",
        SOCKET,
        "NAccepted",
    ),
    Figure::new(
        Desc::gauge("node_systemd_socket_current_connections", "Current number of socket connections", NAME),
        ".socket",
        SOCKET,
        "NConnections",
    ),
    Figure::new(
        Desc::gauge(
            "node_systemd_socket_refused_connections_total",
            "Total number of refused socket connections",
            NAME,
        ),
        ".socket",
        SOCKET,
        "NRefused",
    ),
];

const INCLUDE_FLAG: &str = "collector.systemd.unit-include";
const EXCLUDE_FLAG: &str = "collector.systemd.unit-exclude";
const PRIVATE_FLAG: &str = "collector.systemd.private";
const SOCKET_FLAG: &str = "collector.systemd.socket";
const TASKS_FLAG: &str = "collector.systemd.enable-task-metrics";
const RESTARTS_FLAG: &str = "collector.systemd.enable-restarts-metrics";
const START_TIME_FLAG: &str = "collector.systemd.enable-start-time-metrics";

/// Where the bus listens. Source: D-Bus Specification, "System message bus".
const SYSTEM_BUS: &str = "/var/run/dbus/system_bus_socket";
/// Where systemd itself listens, for root.
const PRIVATE: &str = "/run/systemd/private";
/// Longest time for all answers. systemd answers from memory, and takes its turns when many units start.
const TIMEOUT: Duration = Duration::from_secs(5);

/// The collector `systemd`.
pub static SPEC: Spec = Spec {
    name: "systemd",
    about: "units of systemd and their states over D-Bus",
    default_enabled: false,
    flags: &[
        Flag::value(
            INCLUDE_FLAG,
            "REGEX",
            ".+",
            "Regexp of systemd units to include. Units must both match include and not match exclude to be included.",
        )
        .alias(&["collector.systemd.unit-whitelist"]),
        Flag::value(
            EXCLUDE_FLAG,
            "REGEX",
            r".+\.(automount|device|mount|scope|slice)",
            "Regexp of systemd units to exclude. Units must both match include and not match exclude to be included.",
        )
        .alias(&["collector.systemd.unit-blacklist"]),
        Flag::switch(TASKS_FLAG, "Enables service unit tasks metrics unit_tasks_current and unit_tasks_max."),
        Flag::switch(RESTARTS_FLAG, "Enables service unit metric service_restart_total."),
        Flag::switch(START_TIME_FLAG, "Enables service unit metric unit_start_time_seconds."),
        Flag::switch(PRIVATE_FLAG, "Asks systemd at /run/systemd/private, without D-Bus; it answers root alone."),
        Flag::value(SOCKET_FLAG, "PATH", SYSTEM_BUS, "The unix socket of the system's D-Bus."),
    ],
    build: |env| Ok(Box::new(Units { settings: Settings::new(env)? })),
};

/// What it shows.
pub static METRICS: Metrics = &[
    &VERSION,
    &VIRTUALIZATION,
    &RUNNING,
    &UNITS,
    &UNIT_STATE,
    &FIGURES[0].desc,
    &FIGURES[1].desc,
    &FIGURES[2].desc,
    &FIGURES[3].desc,
    &FIGURES[4].desc,
    &FIGURES[5].desc,
    &FIGURES[6].desc,
    &FIGURES[7].desc,
];

/// What is asked for, and where.
struct Settings {
    filter: Filter,
    figures: Vec<&'static Figure>,
    socket: PathBuf,
    private: bool,
    timeout: Duration,
}

impl Settings {
    fn new(env: &Env<'_>) -> Result<Self, FlagError> {
        let flags: &Values = env.flags;
        let private = flags.on(PRIVATE_FLAG);
        let at_its_default = private && !flags.given(SOCKET_FLAG);
        Ok(Self {
            filter: Filter::from_whole(flags, INCLUDE_FLAG, EXCLUDE_FLAG)?,
            figures: FIGURES.iter().filter(|figure| figure.flag.is_none_or(|flag| flags.on(flag))).collect(),
            socket: if at_its_default { PRIVATE } else { flags.text(SOCKET_FLAG) }.into(),
            private,
            timeout: TIMEOUT,
        })
    }
}

struct Units {
    settings: Settings,
}

impl Collector for Units {
    fn collect(&mut self, out: &mut dyn Sink) -> Result<(), CollectError> {
        emit(&read::read(&self.settings, Instant::now() + self.settings.timeout)?, out);
        Ok(())
    }
}

/// States that are told of every unit; a few units have others, such as `reloading`.
const STATES: [&str; 5] = ["active", "activating", "deactivating", "inactive", "failed"];

fn emit(systemd: &Systemd, out: &mut dyn Sink) {
    let Manager { version, virtualization, state } = &systemd.manager;
    let known = version.as_deref().and_then(|text| Some((number(text)?, text)));
    let (number, version) = known.unwrap_or((0.0, ""));
    out.family(&VERSION).sample(&[version], number);
    let virtualization =
        virtualization.as_deref().map_or("unknown", |kind| if kind.is_empty() { "none" } else { kind });
    out.family(&VIRTUALIZATION).sample(&[virtualization], 1.0);
    if let Some(state) = state {
        out.one(&RUNNING, f64::from(u8::from(state == "running")));
    }
    let mut family = out.family(&UNITS);
    let mut states: BTreeMap<&str, f64> = BTreeMap::new();
    states.extend(STATES.iter().map(|state| (*state, 0.0)));
    systemd.states.iter().for_each(|state| *states.entry(state).or_default() += 1.0);
    states.iter().for_each(|(state, count)| family.sample(&[state], *count));
    let mut family = out.family(&UNIT_STATE);
    for Unit { name, state, kind, .. } in &systemd.units {
        STATES.iter().for_each(|each| family.sample(&[name, each, kind], f64::from(u8::from(each == state))));
    }
    for figure in &FIGURES {
        let mut family = out.family(&figure.desc);
        for unit in &systemd.units {
            for (_, number) in unit.figures.iter().filter(|(of, _)| *of == figure) {
                family.sample(&[&unit.name], number / figure.unit);
            }
        }
    }
}

/// The first number of three digits and more, with what follows a point: `252.39` of `252.39-1~deb12u1`.
fn number(version: &str) -> Option<f64> {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let starts = version.char_indices().filter(|(_, c)| c.is_ascii_digit()).map(|(at, _)| &version[at..]);
    let rest = starts.into_iter().find(|rest| digits(rest) >= 3)?;
    let whole = digits(rest);
    let fraction = rest[whole..].strip_prefix('.').map_or(0, digits);
    rest[..whole + if fraction > 0 { 1 + fraction } else { 0 }].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_numbers_of_three_digits() {
        for (version, want) in [
            ("252.39-1~deb12u1", Some(252.39)),
            ("v219", Some(219.0)),
            ("257.", Some(257.0)),
            ("250 (250.3-4-arch)", Some(250.0)),
            ("44", None),
            ("2.44.1", None),
            ("", None),
            ("é208é", Some(208.0)),
        ] {
            assert_eq!(number(version), want, "version: {version:?}");
        }
    }
}
