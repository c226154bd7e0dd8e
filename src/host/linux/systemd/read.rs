//! What systemd is asked: first about itself and its units, then about single properties of those that are wanted.

use super::{Figure, SERVICE, Settings};
use crate::host::CollectError;
use crate::host::linux::dbus::{Body, Bus, Call, Malformed, Value};
use std::io;
use std::time::Instant;

const DESTINATION: &str = "org.freedesktop.systemd1";
const OBJECT: &str = "/org/freedesktop/systemd1";
const MANAGER: &str = "org.freedesktop.systemd1.Manager";
const PROPERTIES: &str = "org.freedesktop.DBus.Properties";
const MOUNT: &str = "org.freedesktop.systemd1.Mount";
/// The first version whose manager tells a state.
const STATE_SINCE: f64 = 212.0;

/// What systemd answers.
#[derive(Debug, Default, PartialEq)]
pub struct Systemd {
    /// About itself.
    pub manager: Manager,
    /// The state of each unit, wanted or not.
    pub states: Vec<String>,
    /// Units that are wanted, by name.
    pub units: Vec<Unit>,
}

/// The manager's properties, as far as this version has them.
#[derive(Debug, Default, PartialEq)]
pub struct Manager {
    /// `252.39-1~deb12u1`
    pub version: Option<String>,
    /// `kvm`; empty on bare metal.
    pub virtualization: Option<String>,
    /// `running`, `degraded` and others.
    pub state: Option<String>,
}

/// A unit.
#[derive(Debug, Default, PartialEq)]
pub struct Unit {
    /// With the suffix: `ssh.service`.
    pub name: String,
    /// `ActiveState`
    pub state: String,
    /// The type of a service or mount.
    pub kind: String,
    /// Numbers that this unit has.
    pub figures: Vec<(&'static Figure, f64)>,
    path: String,
}

impl PartialEq for Figure {
    fn eq(&self, other: &Self) -> bool {
        self.property == other.property
    }
}

impl std::fmt::Debug for Figure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.property)
    }
}

/// Asks for all that the settings want.
pub fn read(settings: &Settings, deadline: Instant) -> Result<Systemd, CollectError> {
    let mut bus = Bus::connect(&settings.socket, !settings.private, deadline)?;
    let get = |property| ["org.freedesktop.systemd1.Manager", property];
    let (version, virtualization, state) = (get("Version"), get("Virtualization"), get("SystemState"));
    let list = Call { destination: DESTINATION, path: OBJECT, interface: MANAGER, member: "ListUnits", arguments: &[] };
    let property = |arguments| Call { interface: PROPERTIES, member: "Get", arguments, ..list };
    let calls = [property(&version), property(&virtualization), property(&state), list];
    let [version, virtualization, state, list] =
        bus.ask(&calls)?.try_into().map_err(|_| bus.malformed(Malformed("not all calls were answered")))?;
    let manager = Manager {
        version: text(&bus, version)?,
        virtualization: text(&bus, virtualization)?,
        state: text(&bus, state)?,
    };
    let number = manager.version.as_deref().and_then(super::number).unwrap_or_default();
    if manager.state.is_none() && number >= STATE_SINCE {
        return Err(CollectError::call("SystemState", io::Error::other("systemd does not tell its state")));
    }
    let list = list.map_err(|error| CollectError::call("ListUnits", io::Error::other(error)))?;
    let (states, mut units) = listed(&list, settings).map_err(|e| bus.malformed(e))?;
    properties(&mut bus, &settings.figures, &mut units)?;
    Ok(Systemd { manager, states, units })
}

/// A property that is text. An error is that of a version without it.
fn text(bus: &Bus, answer: Result<Body, String>) -> Result<Option<String>, CollectError> {
    let Ok(body) = answer else { return Ok(None) };
    match body.variant() {
        Ok(Value::Text(text)) => Ok(Some(text.to_owned())),
        Ok(Value::Number(_)) => Err(bus.malformed(Malformed("a property is a number and should be text"))),
        Err(e) => Err(bus.malformed(e)),
    }
}

/// Reads the list of units: the state of each, and those that are wanted, by name.
fn listed(list: &Body, settings: &Settings) -> Result<(Vec<String>, Vec<Unit>), Malformed> {
    let rows = list.read("a(ssssssouso)")?.structures(|row| {
        let (name, _description, load, state) = (row.text()?, row.text()?, row.text()?, row.text()?);
        let (_sub_state, _following, path) = (row.text()?, row.text()?, row.text()?);
        let (_job, _job_type, _job_path) = (row.u32()?, row.text()?, row.text()?);
        let own = |text: &str| text.to_owned();
        let unit = Unit { name: own(name), state: own(state), path: own(path), ..Unit::default() };
        Ok((load == "loaded", unit))
    })?;
    let states = rows.iter().map(|(_, unit)| unit.state.clone()).collect();
    let wanted = |(loaded, unit): (bool, Unit)| (loaded && !settings.filter.ignores(&unit.name)).then_some(unit);
    let mut units: Vec<Unit> = rows.into_iter().filter_map(wanted).collect();
    units.sort_unstable_by(|a, b| a.name.cmp(&b.name));
    Ok((states, units))
}

/// What a question about a unit is about.
enum Asked {
    Kind,
    Figure(&'static Figure),
}

/// Asks for the properties of units. Those that went meanwhile, or that this version has not, stay without.
fn properties(bus: &mut Bus, figures: &[&'static Figure], units: &mut [Unit]) -> Result<(), CollectError> {
    let mut questions = Vec::new();
    for (place, unit) in units.iter_mut().enumerate() {
        if unit.name.ends_with(".service") {
            questions.push((place, Asked::Kind, [SERVICE, "Type"]));
        } else if unit.name.ends_with(".mount") {
            questions.push((place, Asked::Kind, [MOUNT, "Type"]));
        }
        for figure in figures.iter().filter(|figure| unit.name.ends_with(figure.suffix)) {
            // Of a unit that does not run, the time is that of its last start.
            if figure.property == "ActiveEnterTimestamp" && unit.state != "active" {
                unit.figures.push((figure, 0.0));
            } else {
                questions.push((place, Asked::Figure(figure), [figure.interface, figure.property]));
            }
        }
    }
    let call = |(place, _, arguments): &'_ (usize, Asked, [&'static str; 2])| (*place, *arguments);
    let asked: Vec<(usize, [&str; 2])> = questions.iter().map(call).collect();
    let calls: Vec<Call<'_>> = asked
        .iter()
        .filter_map(|(place, arguments)| {
            let path = &units.get(*place)?.path;
            Some(Call { destination: DESTINATION, path, interface: PROPERTIES, member: "Get", arguments })
        })
        .collect();
    let answers = bus.ask(&calls)?;
    for ((place, asked, _), answer) in questions.iter().zip(answers) {
        let (Some(unit), Ok(body)) = (units.get_mut(*place), answer) else { continue };
        match (asked, body.variant().map_err(|e| bus.malformed(e))?) {
            (Asked::Kind, Value::Text(kind)) => kind.clone_into(&mut unit.kind),
            // The highest number stands for "no limit", and for "not counted".
            (Asked::Figure(_), Value::Number(u64::MAX)) => {}
            (Asked::Figure(figure), Value::Number(number)) => unit.figures.push((figure, number as f64)),
            _ => return Err(bus.malformed(Malformed("a property is not of its documented type"))),
        }
    }
    Ok(())
}
