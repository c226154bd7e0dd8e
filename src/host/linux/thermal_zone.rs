//! Thermal zones and the devices that cool them. Source: `/sys/class/thermal`, as
//! Documentation/ABI/testing/sysfs-class-thermal of the kernel describes it. Unit: degrees Celsius, from thousandths;
//! steps of a cooling device, from 0.

use crate::host::files::{self, Listing};
use crate::host::linux::attributes::{self, Attribute, Row, from_milli};
use crate::host::{CollectError, Collector, Metrics, Spec};
use crate::model::{Desc, Sink};
use std::path::Path;

static ZONE: [Attribute; 1] = [Attribute::converted(
    "temp",
    Desc::gauge("node_thermal_zone_temp", "Zone temperature in Celsius", &["zone", "type"]),
    from_milli,
)];

static COOLING: [Attribute; 2] = [
    Attribute::new(
        "cur_state",
        Desc::gauge("node_cooling_device_cur_state", "Current throttle state of the cooling device", &["name", "type"]),
    ),
    Attribute::new(
        "max_state",
        Desc::gauge("node_cooling_device_max_state", "Maximum throttle state of the cooling device", &["name", "type"]),
    ),
];

static FAMILIES: [&Desc<'static>; 3] = attributes::families(&[ZONE[0].desc()], &COOLING);

/// The collector `thermal_zone`.
pub static SPEC: Spec = Spec {
    name: "thermal_zone",
    about: "temperatures of thermal zones and states of cooling devices from /sys/class/thermal",
    default_enabled: true,
    flags: &[],
    build: |env| Ok(Box::new(ThermalZone(Listing::new(env.roots.sys("class/thermal"))))),
};

/// What it shows.
pub static METRICS: Metrics = &FAMILIES;

struct ThermalZone(Listing);

impl Collector for ThermalZone {
    fn collect(&mut self, out: &mut dyn Sink) -> Result<(), CollectError> {
        let names = files::if_there(self.0.names())?.unwrap_or_default();
        let zones = read(self.0.path(), &names, "thermal_zone", &ZONE)?;
        let devices = read(self.0.path(), &names, "cooling_device", &COOLING)?;
        attributes::emit(&ZONE, &zones, out);
        attributes::emit(&COOLING, &devices, out);
        Ok(())
    }
}

/// Reads the entries of one kind. One that can't be read is left out: a zone whose sensor sleeps with its device (a
/// modem, a Wi-Fi card) fails for as long as that does, and says nothing about the others.
fn read(class: &Path, names: &[String], prefix: &str, table: &[Attribute]) -> Result<Vec<Row>, CollectError> {
    let mut rows = Vec::new();
    for number in files::numbers(names, prefix) {
        let dir = class.join(format!("{prefix}{number}"));
        match attributes::read(&dir, table) {
            Ok(values) => rows.push(Row { labels: vec![number.to_string(), files::label(&dir.join("type"))?], values }),
            Err(e @ CollectError::Io { .. }) => log::debug!("collector thermal_zone: {e}"),
            Err(e) => return Err(e),
        }
    }
    Ok(rows)
}
