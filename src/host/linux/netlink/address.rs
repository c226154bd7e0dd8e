//! Addresses of links. Source: rtnetlink(7), `linux/if_addr.h`.

use super::message::{Malformed, attributes, u32_at};
use super::socket::Question;
use std::borrow::Cow;
use std::net::IpAddr;

/// Asks for all addresses: `RTM_GETADDR`, answered by `RTM_NEWADDR`; the body is a `struct ifaddrmsg`.
pub static QUESTION: Question =
    Question { name: "RTM_GETADDR", kind: 22, answer: 20, body: Cow::Borrowed(&[0; IFADDRMSG]), protocol: None };

const IFADDRMSG: usize = 8;
const IFA_ADDRESS: u16 = 1;
const IFA_LOCAL: u16 = 2;

/// An address of a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// Number of the link.
    pub link: u32,
    /// The address of this end; `None` for families other than IPv4 and IPv6.
    pub ip: Option<IpAddr>,
    /// Length of the network's prefix in bits.
    pub prefix: u8,
}

/// Decodes the body of an `RTM_NEWADDR`.
pub fn decode(body: &[u8]) -> Result<Address, Malformed> {
    let (Some(&[_, prefix, ..]), Some(link)) = (body.first_chunk::<IFADDRMSG>(), u32_at(body, 4)) else {
        return Err(Malformed("an address is cut off"));
    };
    let (mut address, mut local) = (None, None);
    for attribute in attributes(&body[IFADDRMSG..]) {
        match attribute? {
            (IFA_ADDRESS, value) => address = ip(value),
            (IFA_LOCAL, value) => local = ip(value),
            _ => {}
        }
    }
    // On a point-to-point link IFA_ADDRESS is the other end.
    Ok(Address { link, ip: local.or(address), prefix })
}

fn ip(bytes: &[u8]) -> Option<IpAddr> {
    let four = || <[u8; 4]>::try_from(bytes).ok().map(IpAddr::from);
    let sixteen = || <[u8; 16]>::try_from(bytes).ok().map(IpAddr::from);
    four().or_else(sixteen)
}

#[cfg(test)]
mod tests {
    use super::super::message::messages;
    use super::*;

    const CAPTURED: &[u8] = include_bytes!("../../../../tests/fixtures/netlink/addresses.bin");

    #[test]
    fn addresses_are_those_of_this_end() {
        let answers = messages(CAPTURED).map(Result::unwrap).filter(|message| message.kind == QUESTION.answer);
        let got: Vec<String> = answers
            .map(|message| decode(message.body).unwrap())
            .map(|address| format!("{} {}/{}", address.link, address.ip.unwrap(), address.prefix))
            .collect();
        let want = [
            "1 127.0.0.1/8",
            "3 192.0.2.10/24",
            "3 10.0.0.1/32",
            "1 ::1/128",
            "2 fe80::ff:fe00:2/64",
            "3 2001:db8::10/64",
            "3 fe80::ff:fe00:1/64",
        ];
        assert_eq!(got, want);
    }

    proptest::proptest! {
        #[test]
        fn garbage_does_not_make_it_panic(bytes: Vec<u8>) {
            drop(decode(&bytes));
        }
    }
}
