//! Names of PCI devices from the database `pci.ids`. Source: its own header, <https://pci-ids.ucw.cz>.
//!
//! The file has 1.5 MB of text, of which a host needs a few lines. So it is not kept: it is read when there is a device
//! that was not seen before, and what is found is remembered.

use super::Ids;
use crate::host::{Roots, files};
use std::collections::HashMap;
use std::path::PathBuf;

/// Where distributions keep the file.
const PLACES: [&str; 2] = ["/usr/share/misc/pci.ids", "/usr/share/hwdata/pci.ids"];

/// Names of the devices seen so far.
pub struct Names {
    places: Vec<PathBuf>,
    known: HashMap<Ids, [String; 5]>,
}

impl Names {
    /// Names from the given file, or where none is given from the one of the host.
    pub fn new(roots: &Roots, file: &str) -> Self {
        let places = match file {
            "" => PLACES.iter().map(|place| roots.host(place)).collect(),
            file => vec![PathBuf::from(file)],
        };
        Self { places, known: HashMap::new() }
    }

    /// For each device the names of its vendor, itself, its subsystem's vendor, the subsystem and the class; numbers
    /// where the file has no name.
    pub fn of(&mut self, devices: &[Ids]) -> Vec<[String; 5]> {
        if devices.iter().any(|ids| !self.known.contains_key(ids)) {
            let text = read(&self.places);
            for ids in devices {
                self.known.entry(*ids).or_insert_with(|| look_up(&text, ids));
            }
        }
        devices.iter().filter_map(|ids| self.known.get(ids).cloned()).collect()
    }
}

fn read(places: &[PathBuf]) -> String {
    for place in places {
        match files::read_if_there(place) {
            Ok(Some(text)) => return text,
            Ok(None) => {}
            Err(e) => log::warn!("collector pcidevice: {e}"),
        }
    }
    log::info!("collector pcidevice: no names of devices without a file pci.ids");
    String::new()
}

fn look_up(text: &str, ids: &Ids) -> [String; 5] {
    let hex = |id: u32| format!("{id:04x}");
    let [vendor, device] = [hex(ids.vendor), hex(ids.device)];
    let [subsystem_vendor, subsystem_device] = [hex(ids.subsystem_vendor), hex(ids.subsystem_device)];
    let vendor_entry = find(text, 0, &vendor);
    let device_entry = vendor_entry.and_then(|entry| find(entry.below, 1, &device));
    let subsystem = format!("{subsystem_vendor} {subsystem_device}");
    let subsystem_entry = device_entry.and_then(|entry| find(entry.below, 2, &subsystem));
    let subsystem_vendor_entry = find(text, 0, &subsystem_vendor);
    let or = |entry: Option<Entry<'_>>, id: String| entry.map_or(id, |entry| entry.name.to_owned());
    [
        or(vendor_entry, vendor),
        or(device_entry, device),
        or(subsystem_vendor_entry, subsystem_vendor),
        or(subsystem_entry, subsystem_device),
        class_name(text, ids.class),
    ]
}

/// The name of a class, as exact as the file has it: class, subclass and programming interface have a byte each.
fn class_name(text: &str, class: u32) -> String {
    let [_, base, sub, interface] = class.to_be_bytes();
    let base = find(text, 0, &format!("C {base:02x}"));
    let sub = base.and_then(|entry| find(entry.below, 1, &format!("{sub:02x}")));
    let interface = sub.and_then(|entry| find(entry.below, 2, &format!("{interface:02x}")));
    match interface.or(sub).or(base) {
        Some(entry) => entry.name.to_owned(),
        None => format!("Unknown class ({class:06x})"),
    }
}

/// An entry of the file.
#[derive(Clone, Copy)]
struct Entry<'t> {
    name: &'t str,
    /// The lines below it that are indented further.
    below: &'t str,
}

/// Finds an entry among lines indented by `depth` tabs: the id, two spaces, the name.
fn find<'t>(text: &'t str, depth: usize, id: &str) -> Option<Entry<'t>> {
    let is_entry = |line: &str| !line.trim().is_empty() && !line.starts_with('#');
    let depth_of = |line: &str| line.bytes().take_while(|b| *b == b'\t').count();
    let mut rest = text;
    while !rest.is_empty() {
        let (line, after) = rest.split_once('\n').unwrap_or((rest, ""));
        rest = after;
        if depth_of(line) != depth {
            continue;
        }
        let Some(name) = line.trim_start().strip_prefix(id).and_then(|name| name.strip_prefix("  ")) else { continue };
        let mut end = 0;
        for line in rest.split_inclusive('\n').take_while(|line| !is_entry(line) || depth_of(line) > depth) {
            end += line.len();
        }
        return Some(Entry { name: name.trim(), below: rest.get(..end)? });
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# A comment\n\n8086  Intel Corporation\n\t1521  I350 Gigabit Network Connection\n\
        \t\t8086 00a3  Ethernet Server Adapter\n# between\n\t\t108e 7b18  Quad Port\n\t1522  Other\n\
        108e  Oracle\n\t8086  Not a vendor\nC 02  Network controller\n\t00  Ethernet controller\n\
        C 01  Mass storage controller\n\t08  Non-Volatile memory controller\n\t\t02  NVM Express\n";

    fn names(ids: [u32; 5]) -> [String; 5] {
        let [class, vendor, device, subsystem_vendor, subsystem_device] = ids;
        look_up(TEXT, &Ids { class, vendor, device, subsystem_vendor, subsystem_device })
    }

    #[test]
    fn names_are_as_exact_as_the_file_has_them() {
        for (ids, want) in [
            (
                [0x02_0000, 0x8086, 0x1521, 0x108e, 0x7b18],
                ["Intel Corporation", "I350 Gigabit Network Connection", "Oracle", "Quad Port", "Ethernet controller"],
            ),
            (
                [0x01_0802, 0x8086, 0x1522, 0x8086, 0x00a3],
                ["Intel Corporation", "Other", "Intel Corporation", "00a3", "NVM Express"],
            ),
            ([0x01_0900, 0x108e, 0x1521, 0, 0], ["Oracle", "1521", "0000", "0000", "Mass storage controller"]),
            ([0xff_0000, 0x1022, 0x1634, 0x17aa, 0x5095], ["1022", "1634", "17aa", "5095", "Unknown class (ff0000)"]),
        ] {
            assert_eq!(names(ids), want.map(str::to_owned), "ids: {ids:x?}");
        }
    }

    #[test]
    fn any_text_is_searched_without_harm() {
        for text in ["", "\n", "8086", "8086  ", "\t\t\t", "8086  é\n\t1521  x", "C 02"] {
            let ids = Ids { class: 0, vendor: 0x8086, device: 0x1521, subsystem_vendor: 0, subsystem_device: 0 };
            assert_eq!(look_up(text, &ids).len(), 5, "text: {text:?}");
        }
    }
}
