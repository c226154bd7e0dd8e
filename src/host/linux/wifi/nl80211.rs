//! Interfaces from the kernel. Source: `linux/nl80211.h`.

use super::{Bss, Interface, Station, mac, mode};
use crate::host::CollectError;
use crate::host::linux::netlink::dump;
use crate::host::linux::netlink::generic::{attribute_u32, family, payload, question};
use crate::host::linux::netlink::message::{Malformed, attributes, text, u16_at, u32_at};

const GET_INTERFACE: u8 = 5;
const GET_STATION: u8 = 17;
const GET_SCAN: u8 = 32;

const ATTR_IFINDEX: u16 = 3;
const ATTR_IFNAME: u16 = 4;
const ATTR_MAC: u16 = 6;
const ATTR_STA_INFO: u16 = 21;
const ATTR_WIPHY_FREQ: u16 = 38;
const ATTR_BSS: u16 = 47;

const BSS_BSSID: u16 = 1;
const BSS_INFORMATION_ELEMENTS: u16 = 6;
const BSS_STATUS: u16 = 9;
/// The information element that holds the network's name (IEEE 802.11).
const ELEMENT_SSID: u8 = 0;

const RATE_INFO_BITRATE: u16 = 1;
const RATE_INFO_BITRATE32: u16 = 5;

/// Asks for interfaces, and for each one its network and stations.
pub fn read() -> Result<Vec<Interface>, CollectError> {
    let Some(nl80211) = family("nl80211")? else {
        return Err(CollectError::NoData("the kernel has no nl80211".into()));
    };
    let mut interfaces = Vec::new();
    for (index, mut interface) in
        dump(&question("NL80211_CMD_GET_INTERFACE", nl80211, GET_INTERFACE, &[]), decode_interface)?
    {
        let of_it = attribute_u32(ATTR_IFINDEX, index);
        let scan = dump(&question("NL80211_CMD_GET_SCAN", nl80211, GET_SCAN, &of_it), decode_bss);
        interface.bss = if_any(scan)?.into_iter().flatten().next();
        let stations = dump(&question("NL80211_CMD_GET_STATION", nl80211, GET_STATION, &of_it), decode_station);
        interface.stations = if_any(stations)?;
        interfaces.push(interface);
    }
    Ok(interfaces)
}

/// An interface of another kind has no such thing, and one that is gone meanwhile has nothing.
fn if_any<T>(result: Result<Vec<T>, CollectError>) -> Result<Vec<T>, CollectError> {
    let nothing = [libc::ENOENT, libc::ENODEV, libc::EOPNOTSUPP, libc::ENETDOWN, libc::EINVAL];
    match result {
        Err(CollectError::Io { source, .. }) if source.raw_os_error().is_some_and(|code| nothing.contains(&code)) => {
            Ok(Vec::new())
        }
        other => other,
    }
}

fn decode_interface(body: &[u8]) -> Result<(u32, Interface), Malformed> {
    let (mut index, mut interface) = (0, Interface::default());
    for attribute in attributes(payload(body)?) {
        match attribute? {
            (ATTR_IFINDEX, value) => index = u32_at(value, 0).unwrap_or_default(),
            (ATTR_IFNAME, value) => interface.name = text(value),
            (ATTR_WIPHY_FREQ, value) => interface.frequency_hertz = hertz_from_megahertz(number(value)),
            _ => {}
        }
    }
    Ok((index, interface))
}

/// The network of a scan's result, where it is the one that the interface is part of: only that one has a status.
fn decode_bss(body: &[u8]) -> Result<Option<Bss>, Malformed> {
    let (mut bss, mut status) = (Bss::default(), None);
    for attribute in attributes(payload(body)?) {
        let (ATTR_BSS, nested) = attribute? else { continue };
        for attribute in attributes(nested) {
            match attribute? {
                (BSS_BSSID, value) => bss.bssid = mac(value),
                (BSS_INFORMATION_ELEMENTS, value) => bss.ssid = ssid(value),
                (BSS_STATUS, value) => status = u32_at(value, 0),
                _ => {}
            }
        }
    }
    Ok(status.map(|status| Bss { mode: mode(status), ..bss }))
}

/// Elements are a number, a length and that many bytes.
fn ssid(elements: &[u8]) -> String {
    let mut rest = elements;
    while let [element, length, tail @ ..] = rest {
        let Some((value, tail)) = tail.split_at_checked(usize::from(*length)) else { break };
        if *element == ELEMENT_SSID {
            return String::from_utf8_lossy(value).into_owned();
        }
        rest = tail;
    }
    String::new()
}

fn decode_station(body: &[u8]) -> Result<Station, Malformed> {
    let mut station = Station::default();
    for attribute in attributes(payload(body)?) {
        match attribute? {
            (ATTR_MAC, value) => station.mac_address = mac(value),
            (ATTR_STA_INFO, nested) => station.take(nested)?,
            _ => {}
        }
    }
    Ok(station)
}

impl Station {
    /// `NL80211_STA_INFO_*`. The 64-bit counts of bytes come after the 32-bit ones and replace them.
    fn take(&mut self, nested: &[u8]) -> Result<(), Malformed> {
        let [connected, inactive, rx_rate, tx_rate, rx_bytes, tx_bytes, rx, tx, signal, retries, failed, losses] =
            &mut self.figures;
        for attribute in attributes(nested) {
            match attribute? {
                (1, value) => *inactive = seconds_from_millis(number(value)),
                (2 | 23, value) => *rx_bytes = number(value),
                (3 | 24, value) => *tx_bytes = number(value),
                (7, value) => *signal = value.first().map_or(0.0, |dbm| f64::from(dbm.cast_signed())),
                (8, value) => *tx_rate = bit_rate(value)?,
                (9, value) => *rx = number(value),
                (10, value) => *tx = number(value),
                (11, value) => *retries = number(value),
                (12, value) => *failed = number(value),
                (14, value) => *rx_rate = bit_rate(value)?,
                (16, value) => *connected = number(value),
                (18, value) => *losses = number(value),
                _ => {}
            }
        }
        Ok(())
    }
}

/// A rate in units of 100 kbit/s, of 32 bits where it does not fit into 16.
fn bit_rate(nested: &[u8]) -> Result<f64, Malformed> {
    let (mut narrow, mut wide) = (None, None);
    for attribute in attributes(nested) {
        match attribute? {
            (RATE_INFO_BITRATE, value) => narrow = u16_at(value, 0).map(u32::from),
            (RATE_INFO_BITRATE32, value) => wide = u32_at(value, 0),
            _ => {}
        }
    }
    Ok(f64::from(wide.or(narrow).unwrap_or_default()) * 100_000.0)
}

/// A number of 64 or 32 bits, 0 where it is cut off.
fn number(value: &[u8]) -> f64 {
    match value.first_chunk().copied().map(u64::from_ne_bytes) {
        Some(wide) => wide as f64,
        None => f64::from(u32_at(value, 0).unwrap_or_default()),
    }
}

fn hertz_from_megahertz(megahertz: f64) -> f64 {
    megahertz * 1e6
}

fn seconds_from_millis(millis: f64) -> f64 {
    millis / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attribute(kind: u16, value: &[u8]) -> Vec<u8> {
        let mut bytes = u16::try_from(value.len() + 4).unwrap().to_ne_bytes().to_vec();
        bytes.extend(kind.to_ne_bytes());
        bytes.extend(value);
        bytes.resize(bytes.len().next_multiple_of(4), 0);
        bytes
    }

    fn message(attributes: &[Vec<u8>]) -> Vec<u8> {
        [&[0, 1, 0, 0], attributes.concat().as_slice()].concat()
    }

    fn u32s(kind: u16, value: u32) -> Vec<u8> {
        attribute(kind, &value.to_ne_bytes())
    }

    #[test]
    fn an_interface_has_a_name_and_a_frequency() {
        let bytes = message(&[u32s(ATTR_IFINDEX, 4), attribute(ATTR_IFNAME, b"wlan0\0"), u32s(ATTR_WIPHY_FREQ, 5180)]);
        let want = Interface { name: "wlan0".into(), frequency_hertz: 5.18e9, ..Interface::default() };
        assert_eq!(decode_interface(&bytes), Ok((4, want)));
    }

    #[test]
    fn only_the_network_with_a_status_counts() {
        let parts = |status: Option<u32>| {
            let mut nested = attribute(BSS_BSSID, &[2, 0, 0x5e, 0x10, 0, 1]);
            nested.extend(attribute(BSS_INFORMATION_ELEMENTS, b"\x01\x02ab\x00\x04home"));
            status.into_iter().for_each(|status| nested.extend(u32s(BSS_STATUS, status)));
            message(&[attribute(ATTR_BSS, &nested)])
        };
        let bss = |mode| Some(Bss { bssid: "02:00:5e:10:00:01".into(), ssid: "home".into(), mode });
        for (status, want) in
            [(None, None), (Some(1), bss("client")), (Some(2), bss("ad-hoc")), (Some(9), bss("unknown"))]
        {
            assert_eq!(decode_bss(&parts(status)), Ok(want), "status: {status:?}");
        }
    }

    #[test]
    fn a_station_has_figures() {
        let rate = [attribute(RATE_INFO_BITRATE, &1300_u16.to_ne_bytes()), u32s(RATE_INFO_BITRATE32, 1300)].concat();
        let info = [
            u32s(1, 400),
            u32s(2, 7),
            attribute(7, &[(-52_i8).cast_unsigned()]),
            attribute(14, &rate),
            u32s(16, 30),
            attribute(23, &(1_u64 << 40).to_ne_bytes()),
        ];
        let station =
            decode_station(&message(&[attribute(ATTR_MAC, &[1; 6]), attribute(ATTR_STA_INFO, &info.concat())]))
                .unwrap();
        assert_eq!(station.mac_address, "01:01:01:01:01:01");
        assert_eq!(station.figures, [30.0, 0.4, 1.3e8, 0.0, 1_099_511_627_776.0, 0.0, 0.0, 0.0, -52.0, 0.0, 0.0, 0.0]);
    }

    proptest::proptest! {
        #[test]
        fn garbage_does_not_make_it_panic(bytes: Vec<u8>) {
            drop(decode_interface(&bytes));
            drop(decode_station(&bytes));
            drop(decode_bss(&bytes));
            drop(decode_bss(&message(&[attribute(ATTR_BSS, &attribute(BSS_INFORMATION_ELEMENTS, &bytes))])));
        }
    }
}
