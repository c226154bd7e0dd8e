//! Which hosts may send over UDP and TCP.

use ipnet::IpNet;
use std::net::IpAddr;
use std::sync::Arc;

/// Bits in front of an IPv4 address that stands as an IPv6 one. Source: RFC 4291, 2.5.5.2.
const MAPPED_BITS: u8 = 96;

/// Networks of clients. None at all stands for everyone.
#[derive(Clone, Debug, Default)]
pub struct AllowList(Arc<[IpNet]>);

impl AllowList {
    /// These networks.
    pub fn new(networks: impl IntoIterator<Item = IpNet>) -> Self {
        Self(networks.into_iter().collect())
    }

    /// Whether everyone may send.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether this host may.
    pub fn allows(&self, host: IpAddr) -> bool {
        let host = host.to_canonical();
        self.is_empty() || self.0.iter().any(|network| network.contains(&host))
    }
}

/// Reads `ADDRESS/BITS`, or an address alone. An IPv4 network may stand as an IPv6 one (`::ffff:10.0.0.0/104`).
pub fn parse_network(text: &str) -> Result<IpNet, String> {
    let network = text.parse().ok().or_else(|| text.parse().ok().map(|host: IpAddr| IpNet::from(host)));
    let network =
        network.ok_or("a network is ADDRESS/BITS or an address, such as 10.0.0.0/8, 192.168.1.7 or fd00::/8")?;
    let bits = network.prefix_len().checked_sub(MAPPED_BITS);
    match (network.addr().to_canonical(), bits) {
        (host @ IpAddr::V4(_), Some(bits)) if network.addr().is_ipv6() => {
            IpNet::new(host, bits).map_err(|e| e.to_string())
        }
        _ => Ok(network),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_held_against_networks() {
        for (networks, host, want) in [
            (&[][..], "192.0.2.1", true),
            (&["10.0.0.0/8"], "10.255.0.1", true),
            (&["10.0.0.0/8"], "::ffff:10.255.0.1", true),
            (&["10.0.0.0/8"], "11.0.0.1", false),
            (&["10.0.0.0/8"], "::1", false),
            (&["10.9.8.7/8"], "10.1.1.1", true),
            (&["127.0.0.2"], "127.0.0.2", true),
            (&["127.0.0.2"], "127.0.0.1", false),
            (&["::ffff:10.0.0.0/104"], "10.255.0.1", true),
            (&["::ffff:127.0.0.2"], "127.0.0.2", true),
            (&["::/0"], "10.0.0.1", false),
            (&["0.0.0.0/0"], "fd00::1", false),
            (&["0.0.0.0/0", "fd00::/8"], "fdff::1", true),
            (&["fd00::/8"], "fe80::1", false),
        ] {
            let list = AllowList::new(networks.iter().map(|text| parse_network(text).unwrap()));
            assert_eq!(list.allows(host.parse().unwrap()), want, "{networks:?} {host}");
        }
        for text in ["", "10.0.0.0/33", "10.0.0/8", "localhost", "10.0.0.0/8,11.0.0.0/8", "fe80::1%eth0"] {
            assert!(parse_network(text).is_err(), "text: {text:?}");
        }
    }
}
