//! Routing messages. Source: route(4), `net/if.h`, `net/if_var.h`, `net/if_mib.h` and `net/if_dl.h` of XNU.

use super::super::bytes::{i32_at, text_at, u8_at, u16_at, u32_at, u64_at};
use super::{COUNTERS, Counters, SEND_DROPS};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Places in `struct if_msghdr2`, `ifa_msghdr`, `if_data64`, `ifmibdata` and `sockaddr_dl`, and numbers of their kinds.
pub mod place {
    /// Of every message.
    pub const LEN: usize = 0;
    pub const TYPE: usize = 3;
    pub const ADDRS: usize = 4;
    pub const INDEX: usize = 12;

    pub const RTM_IFINFO2: u8 = 0x12;
    pub const SEND_DROPS: usize = 24;
    pub const DATA: usize = 32;
    /// The first counter in `struct if_data64`.
    pub const COUNTERS: usize = 24;
    /// Where an address follows the message.
    pub const INTERFACE_BYTES: usize = 160;
    pub const MIB_DATA: usize = 52;

    pub const RTM_NEWADDR: u8 = 0xc;
    pub const ADDRESS_BYTES: usize = 20;

    pub const RTA_NETMASK: i32 = 0x4;
    pub const RTA_IFP: i32 = 0x10;
    pub const RTA_IFA: i32 = 0x20;
    pub const AF_INET: u8 = 2;
    pub const AF_INET6: u8 = 30;
    pub const LINK_NAME_LEN: usize = 5;
    pub const LINK_NAME: usize = 8;
}

/// Bytes of an interface's name, in `net/if.h`.
const IFNAMSIZ: usize = 16;

/// What a list of messages says.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Messages {
    pub interfaces: Vec<Interface>,
    pub addresses: Vec<Found>,
}

/// An interface with its counters.
#[derive(Debug, PartialEq, Eq)]
pub struct Interface {
    pub index: u16,
    pub name: String,
    pub counters: Counters,
}

/// An address of the interface with this index.
#[derive(Debug, PartialEq, Eq)]
pub struct Found {
    pub index: u16,
    pub ip: IpAddr,
    pub prefix: u8,
}

/// Decodes a list of messages; those of other kinds are left out.
pub fn decode(mut bytes: &[u8]) -> Option<Messages> {
    let mut messages = Messages::default();
    while !bytes.is_empty() {
        let len = usize::from(u16_at(bytes, place::LEN)?);
        let (message, rest) = bytes.split_at_checked(len)?;
        match u8_at(message, place::TYPE)? {
            place::RTM_IFINFO2 => messages.interfaces.push(Interface::decode(message)?),
            place::RTM_NEWADDR => messages.addresses.extend(Found::decode(message)?),
            _ => {}
        }
        bytes = rest;
    }
    Some(messages)
}

impl Interface {
    fn decode(message: &[u8]) -> Option<Self> {
        let named = i32_at(message, place::ADDRS)? & place::RTA_IFP != 0;
        let mut counters = counters(message.get(place::DATA..)?)?;
        counters[SEND_DROPS] = u32_at(message, place::SEND_DROPS)?.into();
        // The name follows as the address of a link.
        let link = message.get(place::INTERFACE_BYTES..).filter(|_| named)?;
        let name = text_at(link, place::LINK_NAME, u8_at(link, place::LINK_NAME_LEN)?.into())?;
        Some(Self { index: u16_at(message, place::INDEX)?, name, counters })
    }

    /// Takes the counters of the interface's own table where they are ahead. Nothing happens where the table is that of
    /// another interface, which has taken the index since.
    pub fn correct(&mut self, table: &[u8]) {
        let ours = text_at(table, 0, IFNAMSIZ).is_some_and(|name| name == self.name);
        let Some(counters) = table.get(place::MIB_DATA..).and_then(counters).filter(|_| ours) else { return };
        for (counter, other) in self.counters.iter_mut().zip(counters) {
            *counter = (*counter).max(other);
        }
    }
}

/// The counters of `struct if_data64`.
fn counters(data: &[u8]) -> Option<Counters> {
    let mut counters = [0; COUNTERS];
    for (at, counter) in counters.iter_mut().take(SEND_DROPS).enumerate() {
        *counter = u64_at(data, place::COUNTERS + 8 * at)?;
    }
    Some(counters)
}

impl Found {
    /// `Some(None)`: the address is of another family.
    fn decode(message: &[u8]) -> Option<Option<Self>> {
        let (index, kinds) = (u16_at(message, place::INDEX)?, i32_at(message, place::ADDRS)?);
        let mut rest = message.get(place::ADDRESS_BYTES..)?;
        let (mut mask, mut ip) = (None, None);
        for kind in (0..8).map(|bit| 1 << bit).filter(|kind| kinds & kind != 0) {
            // One without content still takes four bytes, and a mask is cut behind its last byte that is not zero.
            let len = usize::from(u8_at(rest, 0)?);
            let address = rest.get(..len)?;
            match kind {
                place::RTA_NETMASK => mask = Some(address),
                place::RTA_IFA => ip = self::ip(address),
                _ => {}
            }
            rest = rest.get(len.next_multiple_of(4).max(4)..).unwrap_or_default();
        }
        Some(ip.map(|ip| Self { index, ip, prefix: mask.map_or(0, |mask| prefix(mask, ip)) }))
    }
}

/// The address in `struct sockaddr_in` or `sockaddr_in6`.
fn ip(address: &[u8]) -> Option<IpAddr> {
    match u8_at(address, 1)? {
        place::AF_INET => Some(Ipv4Addr::from(<[u8; 4]>::try_from(address.get(4..8)?).ok()?).into()),
        place::AF_INET6 => {
            let mut octets = <[u8; 16]>::try_from(address.get(8..24)?).ok()?;
            // XNU keeps the interface in the second pair of a link-local address.
            if Ipv6Addr::from(octets).is_unicast_link_local() {
                octets[2..4].fill(0);
            }
            Some(Ipv6Addr::from(octets).into())
        }
        _ => None,
    }
}

/// Bits of a mask, at most those of the address.
fn prefix(mask: &[u8], ip: IpAddr) -> u8 {
    let (start, width) = if ip.is_ipv4() { (4, 4) } else { (8, 16) };
    let ones = mask.iter().skip(start).take(width).map(|byte| byte.count_ones()).sum::<u32>();
    u8::try_from(ones).unwrap_or(u8::MAX)
}

/// Messages as XNU writes them.
#[cfg(test)]
pub mod samples {
    use super::super::COUNTERS;
    use super::place;

    fn data(counters: &[u64]) -> Vec<u8> {
        let mut data = vec![6, 14, 0, 6, 14, 0, 0, 0];
        data.extend([1500_u32, 0].map(u32::to_le_bytes).concat());
        data.extend(1_000_000_000_u64.to_le_bytes());
        data.extend(counters.iter().flat_map(|counter| counter.to_le_bytes()));
        data.resize(128, 0);
        data
    }

    fn message(kind: u8, header: &[u8], rest: &[u8]) -> Vec<u8> {
        let len = u16::try_from(4 + header.len() + rest.len()).unwrap();
        [&len.to_le_bytes()[..], &[5, kind], header, rest].concat()
    }

    fn interface(index: u16, name: &str, counters: [u64; COUNTERS]) -> Vec<u8> {
        let mut header = [place::RTA_IFP, 0x8863].map(i32::to_le_bytes).concat();
        header.extend(index.to_le_bytes());
        header.extend([0; 2]);
        header.extend([0_u32, 128, u32::try_from(counters[11]).unwrap(), 0].map(u32::to_le_bytes).concat());
        let mut link = vec![20, 18, 0, 0, 6, u8::try_from(name.len()).unwrap(), 6, 0];
        link[2..4].copy_from_slice(&index.to_le_bytes());
        link.extend(name.as_bytes());
        link.resize(20, 0xee);
        message(place::RTM_IFINFO2, &header, &[data(&counters[..11]), link].concat())
    }

    fn address(index: u16, mask: &[u8], ip: &[u8]) -> Vec<u8> {
        let mut header = [place::RTA_NETMASK | place::RTA_IFP | place::RTA_IFA, 0].map(i32::to_le_bytes).concat();
        header.extend(index.to_le_bytes());
        header.extend([0; 6]);
        let padded = |address: &[u8]| {
            let mut address = address.to_vec();
            address.resize(address.len().next_multiple_of(4).max(4), 0);
            address
        };
        let link = [8, 18, 0, 0, 0, 0, 0, 0];
        message(place::RTM_NEWADDR, &header, &[padded(mask), padded(&link), padded(ip)].concat())
    }

    /// Two interfaces, the bytes of the second cut off, with addresses.
    pub fn list() -> Vec<u8> {
        let v4 = |address: [u8; 4]| [&[16, 2, 0, 0][..], &address, &[0; 8]].concat();
        let v6 = |address: [u8; 16]| [&[28, 30, 0, 0, 0, 0, 0, 0][..], &address, &[0; 4]].concat();
        let mut loopback = [0; 16];
        loopback[15] = 1;
        let link_local = [0xfe, 0x80, 0, 0x0e, 0, 0, 0, 0, 0x10, 0x20, 0x30, 0xff, 0xfe, 0x40, 0x50, 0x60];
        [
            interface(1, "lo0", [9001, 0, 9001, 0, 0, 2_345_678, 2_345_678, 12, 13, 0, 4, 0]),
            address(1, &[5, 0, 0, 0, 0xff], &v4([127, 0, 0, 1])),
            address(
                1,
                &[28, 30, 0, 0, 0, 0, 0, 0].iter().copied().chain([0xff; 16]).chain([0; 4]).collect::<Vec<_>>(),
                &v6(loopback),
            ),
            interface(
                14,
                "en0",
                [81_234_567, 1, 41_234_567, 2, 3, 4_294_966_272, 1_234_567_168, 412_345, 4567, 8, 9, 10],
            ),
            address(14, &[16, 30, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], &v6(link_local)),
            address(14, &[7, 2, 0, 0, 0xff, 0xff, 0xfc], &v4([192, 168, 4, 21])),
            message(0x13, &[0; 12], &[1, 2, 3, 4]),
        ]
        .concat()
    }

    /// The table of an interface, with more bytes than the list has.
    pub fn table(name: &str) -> Vec<u8> {
        let mut table = name.as_bytes().to_vec();
        table.resize(place::MIB_DATA, 0);
        table.extend(data(&[81_234_569, 1, 41_234_568, 2, 3, 91_234_567_890, 5_529_534_464, 412_346, 4567, 8, 9]));
        table
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::macos::tests::survives;

    #[test]
    fn a_list_is_decoded_whole() {
        let messages = decode(&samples::list()).unwrap();
        let names: Vec<(u16, &str)> = messages.interfaces.iter().map(|i| (i.index, i.name.as_str())).collect();
        assert_eq!(names, [(1, "lo0"), (14, "en0")]);
        let addresses: Vec<String> =
            messages.addresses.iter().map(|a| format!("{} {}/{}", a.index, a.ip, a.prefix)).collect();
        assert_eq!(addresses, ["1 127.0.0.1/8", "1 ::1/128", "14 fe80::1020:30ff:fe40:5060/64", "14 192.168.4.21/22"]);
    }

    #[test]
    fn lists_that_break_off_are_none() {
        let list = samples::list();
        assert_eq!(decode(&[]), Some(Messages::default()));
        for cut in [1, 3, place::DATA, place::INTERFACE_BYTES, list.len() - 1] {
            assert_eq!(decode(&list[..cut]), None, "{cut} bytes");
        }
        // A message that says it is empty would never end.
        assert_eq!(decode(&[0, 0, 5, 0x12]), None);
        survives(&list, |bytes| {
            decode(bytes);
        });
    }

    #[test]
    fn the_table_of_an_interface_corrects_its_counters() {
        for (name, bytes) in [("en0", 91_234_567_890), ("en1", 4_294_966_272)] {
            let mut en0 = decode(&samples::list()).unwrap().interfaces.remove(1);
            en0.correct(&samples::table(name));
            assert_eq!((en0.counters[super::super::IBYTES], en0.counters[SEND_DROPS]), (bytes, 10), "{name}");
        }
        survives(&samples::table("en0"), |bytes| {
            decode(&samples::list()).unwrap().interfaces.remove(1).correct(bytes);
        });
    }
}
