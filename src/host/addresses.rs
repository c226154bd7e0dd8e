//! Addresses of network devices, with `--collector.netdev.address-info`: what all systems have in common.

use crate::model::{Desc, Sink};
use std::collections::HashSet;
use std::net::IpAddr;

/// An address of a device.
pub static ADDRESS_INFO: Desc<'static> = Desc::gauge(
    "node_network_address_info",
    "node network address by device",
    &["device", "address", "netmask", "scope"],
);

/// An address with the device that has it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Address {
    /// Name.
    pub device: String,
    /// The address.
    pub ip: IpAddr,
    /// Bits of the net.
    pub prefix: u8,
}

/// Pushes a sample for each address. A device may have one address towards several others.
pub fn emit(addresses: &[Address], out: &mut dyn Sink) {
    let mut family = out.family(&ADDRESS_INFO);
    let mut seen = HashSet::new();
    for Address { device, ip, prefix } in addresses.iter().filter(|address| seen.insert(*address)) {
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
