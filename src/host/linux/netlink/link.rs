//! Network links and their counters. Source: rtnetlink(7), `linux/if_link.h`.

use super::message::{Malformed, attributes, text, u32_at};
use super::socket::Question;
use std::borrow::Cow;

/// Asks for all links: `RTM_GETLINK`, answered by `RTM_NEWLINK`.
pub static QUESTION: Question =
    Question { name: "RTM_GETLINK", kind: 18, answer: 16, body: Cow::Borrowed(&BODY), protocol: None };

const IFINFOMSG: usize = 16;
/// A `struct ifinfomsg` of zeros and `IFLA_EXT_MASK` with `RTEXT_FILTER_SKIP_STATS`: without the statistics of IPv6 and
/// ICMPv6 for each link, which the kernel would add up over all CPUs. A link's own statistics come all the same.
const BODY: [u8; IFINFOMSG + 8] = {
    let mut body = [0; IFINFOMSG + 8];
    let [length, kind, mask] = [8_u16.to_ne_bytes(), 29_u16.to_ne_bytes(), 8_u16.to_ne_bytes()];
    // The mask has 32 bits.
    let mask_at = if cfg!(target_endian = "big") { 22 } else { 20 };
    let mut at = 0;
    while at < 2 {
        body[16 + at] = length[at];
        body[18 + at] = kind[at];
        body[mask_at + at] = mask[at];
        at += 1;
    }
    body
};
const IFLA_IFNAME: u16 = 3;
const IFLA_STATS: u16 = 7;
const IFLA_STATS64: u16 = 23;

/// A link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Number by which addresses and neighbours refer to it.
    pub index: u32,
    /// Name, such as `eth0`.
    pub name: String,
    /// `struct rtnl_link_stats64`, as much of it as this kernel has: members are only ever added at its end.
    pub counters: Vec<u64>,
}

/// Decodes the body of an `RTM_NEWLINK`.
pub fn decode(body: &[u8]) -> Result<Link, Malformed> {
    let index = u32_at(body, 4).ok_or(Malformed("a link is cut off"))?;
    let (mut name, mut narrow, mut wide) = (None, None, None);
    for attribute in attributes(body.get(IFINFOMSG..).ok_or(Malformed("a link is cut off"))?) {
        match attribute? {
            (IFLA_IFNAME, value) => name = Some(text(value)),
            (IFLA_STATS, value) => narrow = Some(value),
            (IFLA_STATS64, value) => wide = Some(value),
            _ => {}
        }
    }
    let counters = match (wide, narrow) {
        (Some(bytes), _) => bytes.as_chunks().0.iter().copied().map(u64::from_ne_bytes).collect(),
        (None, Some(bytes)) => bytes.as_chunks().0.iter().copied().map(u32::from_ne_bytes).map(u64::from).collect(),
        (None, None) => Vec::new(),
    };
    Ok(Link { index, name: name.ok_or(Malformed("a link has no name"))?, counters })
}

#[cfg(test)]
mod tests {
    use super::super::message::messages;
    use super::*;

    /// A host with a loopback device and a pair of virtual ones, as Linux 6.18 answered.
    const CAPTURED: &[u8] = include_bytes!("../../../../tests/fixtures/netlink/links.bin");

    fn bodies() -> impl Iterator<Item = &'static [u8]> {
        messages(CAPTURED).map(Result::unwrap).filter(|message| message.kind == QUESTION.answer).map(|m| m.body)
    }

    #[test]
    fn links_come_with_name_and_counters() {
        let links: Vec<Link> = bodies().map(|body| decode(body).unwrap()).collect();
        let got: Vec<_> = links.iter().map(|l| (l.index, l.name.as_str(), l.counters.len())).collect();
        assert_eq!(got, [(1, "lo", 25), (2, "peer0", 25), (3, "veth0", 25)]);
        assert_eq!(links[0].counters[..4], [6, 6, 852, 852], "packets and bytes, in and out");
        assert_eq!(links[2].counters[..4], [1, 8, 90, 1516], "packets and bytes, in and out");
    }

    #[test]
    fn a_link_that_is_cut_off_is_an_error_or_a_link_with_less() {
        for body in bodies() {
            for end in 0..body.len() {
                if let Ok(link) = decode(&body[..end]) {
                    assert!(link.counters.len() <= 25, "cut at {end}");
                }
            }
        }
    }

    proptest::proptest! {
        #[test]
        fn garbage_does_not_make_it_panic(bytes: Vec<u8>, at in 0..CAPTURED.len(), byte: u8) {
            drop(decode(&bytes));
            let mut flipped = CAPTURED.to_vec();
            flipped[at] = byte;
            messages(&flipped).filter_map(Result::ok).for_each(|message| drop(decode(message.body)));
        }
    }
}
