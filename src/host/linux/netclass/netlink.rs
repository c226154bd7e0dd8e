//! Interfaces as rtnetlink(7) has them: all with one question, where `/sys/class/net` has a file for each property of
//! each interface, most of them behind a lock of the whole network.
//!
//! What rtnetlink does not tell comes from the files nevertheless: how address and name came about, the device's id,
//! speed and duplex.

use super::sysfs::{PROPERTIES, UP};
use crate::host::files::{self, Dir};
use crate::host::linux::attributes::{self, Row};
use crate::host::linux::netlink::message::{Malformed, attributes as parts, text, u16_at, u32_at};
use crate::host::linux::netlink::{dump, link};
use crate::host::{CollectError, Roots};
use crate::model::{Desc, Sink};
use std::path::Path;

static INFO: Desc<'static> = Desc::gauge(
    "node_network_info",
    "Non-numeric data of <iface>, value is always 1.",
    &["device", "address", "broadcast", "duplex", "operstate", "ifalias"],
);
/// Other names of an interface.
pub static ALTNAMES: Desc<'static> = Desc::gauge(
    "node_network_altnames_info",
    "Non-numeric data of <iface> altname, value is always 1.",
    &["altname", "device"],
);

/// Names of the members of `struct rtnl_link_stats64`, in its order.
const STATISTICS: [&str; 24] = [
    "receive_packets_total",
    "transmit_packets_total",
    "receive_bytes_total",
    "transmit_bytes_total",
    "receive_errors_total",
    "transmit_errors_total",
    "receive_dropped_total",
    "transmit_dropped_total",
    "multicast_total",
    "collisions_total",
    "receive_length_errors_total",
    "receive_over_errors_total",
    "receive_crc_errors_total",
    "receive_frame_errors_total",
    "receive_fifo_errors_total",
    "receive_missed_errors_total",
    "transmit_aborted_errors_total",
    "transmit_carrier_errors_total",
    "transmit_fifo_errors_total",
    "transmit_heartbeat_errors_total",
    "transmit_window_errors_total",
    "receive_compressed_total",
    "transmit_compressed_total",
    "receive_nohandler_total",
];

/// `struct ifinfomsg`: family and type of two bytes each, index, flags and what of them changed of four. Source:
/// `linux/rtnetlink.h`.
const IFINFOMSG: usize = 16;
const TYPE_AT: usize = 2;
const FLAGS_AT: usize = 8;
/// The interface waits for something before it may carry data, such as its port's authentication (`linux/if.h`).
const IFF_DORMANT: u32 = 0x2_0000;

// Attributes of a link. Source: `linux/if_link.h`.
const IFLA_ADDRESS: u16 = 1;
const IFLA_BROADCAST: u16 = 2;
const IFLA_MTU: u16 = 4;
const IFLA_LINK: u16 = 5;
const IFLA_TXQLEN: u16 = 13;
const IFLA_OPERSTATE: u16 = 16;
const IFLA_LINKMODE: u16 = 17;
const IFLA_IFALIAS: u16 = 20;
const IFLA_GROUP: u16 = 27;
const IFLA_CARRIER: u16 = 33;
const IFLA_CARRIER_CHANGES: u16 = 35;
const IFLA_CARRIER_UP_COUNT: u16 = 47;
const IFLA_CARRIER_DOWN_COUNT: u16 = 48;
const IFLA_PROP_LIST: u16 = 52;
const IFLA_ALT_IFNAME: u16 = 53;

/// States by their number. Source: RFC 2863, as `linux/if.h` numbers them.
const STATES: [&str; 7] = ["unknown", "notpresent", "down", "lowerlayerdown", "testing", "dormant", "up"];

/// What an answer says of an interface.
#[derive(Default)]
struct Link {
    name: String,
    alias: String,
    alternatives: Vec<String>,
    address: String,
    broadcast: String,
    /// Index into [`STATES`].
    state: u8,
    index: u32,
    kind: u16,
    flags: u32,
    /// Number of the interface below this one, 0 where there is none.
    lower: u32,
    mtu: u32,
    carrier: Option<u8>,
    mode: Option<u8>,
    group: Option<u32>,
    queue: Option<u32>,
    changes: Option<u32>,
    ups: Option<u32>,
    downs: Option<u32>,
    statistics: Vec<u64>,
}

impl Link {
    fn decode(body: &[u8]) -> Result<Self, Malformed> {
        let link::Link { index, name, counters } = link::decode(body)?;
        let cut = Malformed("a link is cut off");
        let (kind, flags) = (u16_at(body, TYPE_AT).ok_or(cut)?, u32_at(body, FLAGS_AT).ok_or(cut)?);
        let mut link = Self { index, name, kind, flags, statistics: counters, ..Self::default() };
        for attribute in parts(body.get(IFINFOMSG..).ok_or(cut)?) {
            let (kind, value) = attribute?;
            let (byte, word) = (value.first().copied(), u32_at(value, 0));
            match kind {
                IFLA_ADDRESS => link.address = hex(value),
                IFLA_BROADCAST => link.broadcast = hex(value),
                IFLA_IFALIAS => link.alias = text(value),
                IFLA_OPERSTATE => link.state = byte.unwrap_or_default(),
                IFLA_LINK => link.lower = word.unwrap_or_default(),
                IFLA_MTU => link.mtu = word.unwrap_or_default(),
                IFLA_CARRIER => link.carrier = byte,
                IFLA_LINKMODE => link.mode = byte,
                IFLA_GROUP => link.group = word,
                IFLA_TXQLEN => link.queue = word,
                IFLA_CARRIER_CHANGES => link.changes = word,
                IFLA_CARRIER_UP_COUNT => link.ups = word,
                IFLA_CARRIER_DOWN_COUNT => link.downs = word,
                IFLA_PROP_LIST => link.alternatives = alternatives(value)?,
                _ => {}
            }
        }
        Ok(link)
    }

    fn state(&self) -> &'static str {
        STATES.get(usize::from(self.state)).copied().unwrap_or("unknown")
    }

    /// A property by the name of its file in sysfs; `None` where netlink does not tell it.
    fn property(&self, file: &str) -> Option<Option<f64>> {
        Some(match file {
            "carrier" => self.carrier.map(f64::from),
            "carrier_changes" => self.changes.map(f64::from),
            "carrier_up_count" => self.ups.map(f64::from),
            "carrier_down_count" => self.downs.map(f64::from),
            "dormant" => Some(f64::from(u8::from(self.flags & IFF_DORMANT != 0))),
            "flags" => Some(f64::from(self.flags)),
            "ifindex" => Some(f64::from(self.index)),
            // The kernel leaves it out where an interface stands on none but itself.
            "iflink" => Some(f64::from(if self.lower == 0 { self.index } else { self.lower })),
            "link_mode" => self.mode.map(f64::from),
            "mtu" => Some(f64::from(self.mtu)),
            "netdev_group" => self.group.map(f64::from),
            "tx_queue_len" => self.queue.map(f64::from),
            "type" => Some(f64::from(self.kind)),
            _ => return None,
        })
    }
}

/// The other names of an interface.
fn alternatives(list: &[u8]) -> Result<Vec<String>, Malformed> {
    let mut names = Vec::new();
    for attribute in parts(list) {
        let (kind, value) = attribute?;
        if kind == IFLA_ALT_IFNAME && !value.is_empty() {
            names.push(text(value));
        }
    }
    Ok(names)
}

/// A hardware address as people write it.
fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(":")
}

/// An interface with what only sysfs tells of it.
struct Interface {
    link: Link,
    duplex: String,
    row: Row,
}

/// Reads all interfaces but those to ignore.
pub fn read(roots: &Roots, ignores: impl Fn(&str) -> bool) -> Result<Interfaces, CollectError> {
    let links = dump(&link::QUESTION, Link::decode)?;
    let class = roots.sys("class/net");
    let wanted = links.into_iter().filter(|link| !ignores(&link.name));
    wanted.map(|link| complete(link, &class)).collect::<Result<_, _>>().map(Interfaces)
}

/// What was read of all interfaces.
pub struct Interfaces(Vec<Interface>);

fn complete(link: Link, class: &Path) -> Result<Interface, CollectError> {
    let dir = files::optional(Dir::open(class.join(&link.name)))?;
    let mut values = Vec::with_capacity(PROPERTIES.len());
    for attribute in &PROPERTIES {
        let value = match link.property(attribute.file()) {
            Some(value) => value,
            None => dir.as_ref().map_or(Ok(None), |dir| attribute.read(dir))?,
        };
        values.push(value.filter(|value| attribute.file() != "speed" || *value >= 0.0));
    }
    let duplex = match dir.map_or(Ok(String::new()), |dir| dir.label("duplex"))?.as_str() {
        "full" => "Full",
        "half" => "Half",
        "unknown" => "Unknown",
        _ => "",
    };
    Ok(Interface { duplex: duplex.to_owned(), row: Row { labels: vec![link.name.clone()], values }, link })
}

/// Pushes all interfaces, and with `statistics` their counters, which the collector `netdev` has, too.
pub fn emit(Interfaces(interfaces): &Interfaces, statistics: bool, out: &mut dyn Sink) {
    let mut family = out.family(&UP);
    for Interface { link, .. } in interfaces {
        family.sample(&[&link.name], f64::from(u8::from(link.state() == "up")));
    }
    let mut family = out.family(&INFO);
    for Interface { link, duplex, .. } in interfaces {
        family.sample(&[&link.name, &link.address, &link.broadcast, duplex, link.state(), &link.alias], 1.0);
    }
    let mut family = out.family(&ALTNAMES);
    for Interface { link, .. } in interfaces {
        link.alternatives.iter().for_each(|name| family.sample(&[name, &link.name], 1.0));
    }
    attributes::emit(&PROPERTIES, interfaces.iter().map(|interface| &interface.row), out);
    if statistics {
        emit_statistics(interfaces, out);
    }
}

fn emit_statistics(interfaces: &[Interface], out: &mut dyn Sink) {
    for (index, property) in STATISTICS.iter().enumerate() {
        let (name, help) = (format!("node_network_{property}"), format!("Network device property: {property}"));
        let mut family = out.family(&Desc::gauge(&name, &help, &["device"]));
        for Interface { link, .. } in interfaces {
            if let Some(value) = link.statistics.get(index) {
                family.sample(&[&link.name], *value as f64);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encode::Encoder;
    use crate::host::linux::netlink::message::messages;

    /// A host with a loopback device and a pair of virtual ones, as Linux 6.18 answered.
    const CAPTURED: &[u8] = include_bytes!("../../../../tests/fixtures/netlink/links.bin");

    fn bodies() -> impl Iterator<Item = &'static [u8]> {
        let answers = messages(CAPTURED).map(Result::unwrap).filter(|message| message.kind == link::QUESTION.answer);
        answers.map(|message| message.body)
    }

    /// What is exposed of `veth0`, of which sysfs says no more than speed and duplex.
    fn exposed(statistics: bool) -> Vec<String> {
        let dir = tempfile::tempdir().unwrap();
        let veth = dir.path().join("veth0");
        std::fs::create_dir(&veth).unwrap();
        std::fs::write(veth.join("duplex"), "full\n").unwrap();
        std::fs::write(veth.join("speed"), "10000\n").unwrap();
        let links = bodies().map(|body| complete(Link::decode(body).unwrap(), dir.path()).unwrap());
        let (mut encoder, mut body) = (Encoder::default(), Vec::new());
        emit(&Interfaces(links.collect()), statistics, &mut encoder);
        encoder.take(&mut body);
        let body = String::from_utf8(body).unwrap();
        let lines = body.lines().filter_map(|line| line.strip_prefix("node_network_"));
        lines
            .filter(|line| line.contains("device=\"veth0\""))
            .map(|line| line.replace("device=\"veth0\"", ""))
            .collect()
    }

    #[test]
    fn interfaces_come_with_all_that_netlink_tells() {
        let want = [
            "up{} 1",
            "info{,address=\"02:00:00:00:00:01\",broadcast=\"ff:ff:ff:ff:ff:ff\",duplex=\"Full\",operstate=\"up\",\
             ifalias=\"uplink to rack 4\"} 1",
            "speed_bytes{} 1250000000",
            "flags{} 69699",
            "carrier{} 1",
            "carrier_changes_total{} 2",
            "carrier_up_changes_total{} 1",
            "carrier_down_changes_total{} 1",
            "dormant{} 0",
            "iface_id{} 3",
            "iface_link{} 2",
            "iface_link_mode{} 0",
            "mtu_bytes{} 1500",
            "net_dev_group{} 0",
            "transmit_queue_length{} 1000",
            "protocol_type{} 1",
        ];
        assert_eq!(exposed(false), want);
    }

    #[test]
    fn counters_come_when_they_are_asked_for() {
        let counters = exposed(true).split_off(exposed(false).len());
        assert_eq!(counters.len(), STATISTICS.len());
        assert_eq!(
            counters[..4],
            [
                "receive_packets_total{} 1",
                "transmit_packets_total{} 8",
                "receive_bytes_total{} 90",
                "transmit_bytes_total{} 1516",
            ]
        );
    }

    #[test]
    fn other_names_are_in_a_list() {
        let list = [&[7, 0, 53, 0][..], b"a1\0\0", &[8, 0, 53, 0], b"lan\0", &[4, 0, 53, 0], &[5, 0, 9, 0, 1, 0, 0, 0]];
        #[cfg(target_endian = "little")]
        assert_eq!(alternatives(&list.concat()), Ok(vec!["a1".to_owned(), "lan".to_owned()]));
        assert!(alternatives(&[9, 9, 53]).is_err());
    }

    #[test]
    fn this_host_says_the_same_in_sysfs() {
        let roots = Roots::new("/proc", "/sys", "/", "/run/udev/data");
        let Interfaces(interfaces) = read(&roots, |name| name != "lo").unwrap();
        for Interface { row, .. } in interfaces {
            let files = attributes::read(&roots.sys("class/net/lo"), &PROPERTIES).unwrap();
            for ((attribute, told), file) in PROPERTIES.iter().zip(row.values).zip(files) {
                // Netlink has flags that change with the state, too.
                if file.is_some() && attribute.file() != "flags" {
                    assert_eq!(told, file, "{}", attribute.file());
                }
            }
        }
    }

    proptest::proptest! {
        #[test]
        fn garbage_does_not_make_it_panic(bytes: Vec<u8>, at in 0..CAPTURED.len(), byte: u8) {
            drop(Link::decode(&bytes));
            let mut flipped = CAPTURED.to_vec();
            flipped[at] = byte;
            messages(&flipped).filter_map(Result::ok).for_each(|message| drop(Link::decode(message.body)));
        }
    }
}
