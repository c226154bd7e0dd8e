//! Addresses of network devices, with `--collector.netdev.address-info`. Source: rtnetlink(7).

use crate::host::CollectError;
use crate::host::filter::Filter;
use crate::host::linux::netlink::{address, dump, link};
use crate::model::{Desc, Sink};
use std::collections::{HashMap, HashSet};
use std::net::IpAddr;

/// An address of a device.
pub static ADDRESS_INFO: Desc<'static> = Desc::gauge(
    "node_network_address_info",
    "node network address by device",
    &["device", "address", "netmask", "scope"],
);

/// An address with the device that has it.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct Address {
    device: String,
    ip: IpAddr,
    prefix: u8,
}

/// Asks for the addresses of the devices that the filter lets through.
pub fn read(filter: &Filter) -> Result<Vec<Address>, CollectError> {
    let links = dump(&link::QUESTION, link::decode)?.into_iter();
    let names: HashMap<u32, String> = links.map(|link| (link.index, link.name)).collect();
    let mut seen = HashSet::new();
    let addresses = dump(&address::QUESTION, address::decode)?.into_iter().filter_map(|address| {
        let device = names.get(&address.link).filter(|name| !filter.ignores(name))?;
        Some(Address { device: device.clone(), ip: address.ip?.to_canonical(), prefix: address.prefix })
    });
    // This end may have one address towards several others.
    Ok(addresses.filter(|address| seen.insert((address.device.clone(), address.ip, address.prefix))).collect())
}

/// Pushes a sample for each address.
pub fn emit(addresses: &[Address], out: &mut dyn Sink) {
    let mut family = out.family(&ADDRESS_INFO);
    for Address { device, ip, prefix } in addresses {
        family.sample(&[device, &ip.to_string(), &prefix.to_string(), scope(*ip)], 1.0);
    }
}

/// How far an address reaches. Source: RFC 3927, RFC 4291; the words are node_exporter's.
fn scope(ip: IpAddr) -> &'static str {
    let (link_local, interface_local, broadcast) = match ip {
        IpAddr::V4(ip) => (ip.is_link_local() || ip.octets()[..3] == [224, 0, 0], false, ip.is_broadcast()),
        IpAddr::V6(ip) => {
            let multicast = |scope| ip.is_multicast() && ip.octets()[1] & 0xf == scope;
            (ip.is_unicast_link_local() || multicast(2), multicast(1), false)
        }
    };
    if ip.is_loopback() || link_local {
        "link-local"
    } else if interface_local {
        "interface-local"
    } else if broadcast || ip.is_unspecified() || ip.is_multicast() {
        ""
    } else {
        "global"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_a_scope() {
        for (ip, want) in [
            ("127.0.0.1", "link-local"),
            ("169.254.1.1", "link-local"),
            ("224.0.0.251", "link-local"),
            ("239.0.0.1", ""),
            ("255.255.255.255", ""),
            ("0.0.0.0", ""),
            ("10.0.0.1", "global"),
            ("::1", "link-local"),
            ("fe80::1", "link-local"),
            ("ff02::1", "link-local"),
            ("ff01::1", "interface-local"),
            ("ff05::2", ""),
            ("fd00::1", "global"),
            ("2001:db8::1", "global"),
        ] {
            assert_eq!(scope(ip.parse().unwrap()), want, "ip: {ip}");
        }
    }
}
