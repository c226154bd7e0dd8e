//! Interfaces as `/sys/class/net` has them.

use crate::host::CollectError;
use crate::host::files::{Dir, Entry, Listing};
use crate::host::linux::attributes::{self, Attribute, Row};
use crate::model::{Desc, Sink};
use std::collections::HashMap;
use std::path::PathBuf;

/// Whether the interface carries data.
pub static UP: Desc<'static> =
    Desc::gauge("node_network_up", "Value is 1 if operstate is 'up', 0 otherwise.", &["device"]);
/// What of the interface is text.
pub static INFO: Desc<'static> = Desc::gauge(
    "node_network_info",
    "Non-numeric data from /sys/class/net/<iface>, value is always 1.",
    &["device", "address", "broadcast", "duplex", "operstate", "adminstate", "ifalias"],
);

macro_rules! property {
    ($kind:ident, $name:literal) => {
        Desc::$kind(concat!("node_network_", $name), concat!("Network device property: ", $name), &["device"])
    };
}

/// Properties that are numbers. Speed and flags come first: `read` looks at them itself.
pub static PROPERTIES: [Attribute; 17] = [
    Attribute::converted("speed", property!(gauge, "speed_bytes"), bytes_from_megabits),
    Attribute::new("flags", property!(gauge, "flags")),
    Attribute::new("addr_assign_type", property!(gauge, "address_assign_type")),
    Attribute::new("carrier", property!(gauge, "carrier")),
    Attribute::new("carrier_changes", property!(counter, "carrier_changes_total")),
    Attribute::new("carrier_up_count", property!(counter, "carrier_up_changes_total")),
    Attribute::new("carrier_down_count", property!(counter, "carrier_down_changes_total")),
    Attribute::new("dev_id", property!(gauge, "device_id")),
    Attribute::new("dormant", property!(gauge, "dormant")),
    Attribute::new("ifindex", property!(gauge, "iface_id")),
    Attribute::new("iflink", property!(gauge, "iface_link")),
    Attribute::new("link_mode", property!(gauge, "iface_link_mode")),
    Attribute::new("mtu", property!(gauge, "mtu_bytes")),
    Attribute::new("name_assign_type", property!(gauge, "name_assign_type")),
    Attribute::new("netdev_group", property!(gauge, "net_dev_group")),
    Attribute::new("tx_queue_len", property!(gauge, "transmit_queue_length")),
    Attribute::new("type", property!(gauge, "protocol_type")),
];

/// What was read of all interfaces.
#[derive(Default)]
pub struct Interfaces {
    /// Values of the labels of [`INFO`].
    infos: Vec<[String; 7]>,
    rows: Vec<Row>,
}

/// Directories that stay open. Each has a descriptor for each of its files, and an agent has a thousand of them in all.
const MAX_KEPT: usize = 8;

/// Reads interfaces.
pub struct Reader {
    /// Links to the directories of all interfaces.
    class: Listing,
    /// Directories of the first interfaces, by the links to them: to open their files costs several times what reading
    /// them does. Names move from one interface to another, and links don't.
    kept: HashMap<Entry, Dir>,
}

impl Reader {
    /// Opens nothing yet.
    pub fn new(class: PathBuf) -> Self {
        Self { class: Listing::new(class), kept: HashMap::new() }
    }

    /// Reads all interfaces but those to ignore. An interface that is down has no speed to tell; some drivers then say -1,
    /// which `valid_speed_only` leaves out.
    pub fn read(&mut self, ignores: impl Fn(&str) -> bool, valid_speed_only: bool) -> Result<Interfaces, CollectError> {
        let mut interfaces = Interfaces::default();
        let mut before = std::mem::take(&mut self.kept);
        for entry in self.class.entries().map_err(CollectError::absent_is_no_data)? {
            if ignores(&entry.name) {
                continue;
            }
            let dir = match before.remove(&entry) {
                Some(dir) => dir,
                // `bonding_masters` is a file among the interfaces, and an interface may be gone by now.
                None => match Dir::open(self.class.path().join(&entry.name)) {
                    Ok(dir) => dir,
                    Err(_) => continue,
                },
            };
            interfaces.add(&entry.name, &dir, valid_speed_only)?;
            if self.kept.len() < MAX_KEPT && self.class.is_kept() {
                self.kept.insert(entry, dir);
            }
        }
        Ok(interfaces)
    }
}

impl Interfaces {
    fn add(&mut self, name: &str, dir: &Dir, valid_speed_only: bool) -> Result<(), CollectError> {
        let mut values = attributes::read_in(dir, &PROPERTIES)?;
        let mut admin_state = "unknown";
        if let [speed, flags, ..] = values.as_mut_slice() {
            *speed = speed.filter(|speed| *speed >= 0.0 || !valid_speed_only);
            admin_state = flags.map_or("unknown", admin_state_of);
        }
        let label = |file| dir.label(file);
        let state = label("operstate")?;
        let [address, broadcast, duplex, alias] =
            [label("address")?, label("broadcast")?, label("duplex")?, label("ifalias")?];
        let info = [name.to_owned(), address, broadcast, duplex, state, admin_state.to_owned(), alias];
        self.infos.push(info);
        self.rows.push(Row { labels: vec![name.to_owned()], values });
        Ok(())
    }
}

/// Pushes all interfaces.
pub fn emit(interfaces: &Interfaces, out: &mut dyn Sink) {
    let mut family = out.family(&UP);
    // Of an interface whose state can't be read it is not known.
    for [name, _, _, _, state, ..] in interfaces.infos.iter().filter(|[.., state, _, _]| !state.is_empty()) {
        family.sample(&[name], f64::from(u8::from(state == "up")));
    }
    let mut family = out.family(&INFO);
    for labels in &interfaces.infos {
        family.sample(&labels.each_ref().map(String::as_str), 1.0);
    }
    attributes::emit(&PROPERTIES, &interfaces.rows, out);
}

/// Whether somebody wants the interface to be up. `IFF_UP` of netdevice(7) is the lowest bit of the flags.
fn admin_state_of(flags: f64) -> &'static str {
    if flags.rem_euclid(2.0) == 1.0 { "up" } else { "down" }
}

fn bytes_from_megabits(value: f64) -> f64 {
    (value * 1e6 / 8.0).trunc()
}
