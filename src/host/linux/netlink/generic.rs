//! Generic netlink: families of messages that modules of the kernel register by name. Source: the kernel's
//! Documentation/userspace-api/netlink/intro.rst, `linux/genetlink.h`.

use super::message::{Malformed, attributes, text, u16_at};
use super::socket::{Question, dump};
use crate::host::CollectError;
use rustix::net::netlink;
use std::borrow::Cow;

/// Bytes of `struct genlmsghdr`: command, version, two of padding.
const HEADER: usize = 4;
/// The family that knows all others.
const CONTROL: u16 = 0x10;
const CTRL_CMD_GETFAMILY: u8 = 3;
const CTRL_ATTR_FAMILY_ID: u16 = 1;
const CTRL_ATTR_FAMILY_NAME: u16 = 2;

/// The question that a command asks a family, with attributes.
pub fn question(name: &'static str, family: u16, command: u8, attributes: &[u8]) -> Question {
    let mut body = vec![command, 1, 0, 0];
    body.extend(attributes);
    Question { name, kind: family, answer: family, body: Cow::Owned(body), protocol: Some(netlink::GENERIC) }
}

/// An attribute of one number.
pub fn attribute_u32(kind: u16, value: u32) -> [u8; 8] {
    let (mut bytes, length) = ([0; 8], 8_u16);
    bytes[..2].copy_from_slice(&length.to_ne_bytes());
    bytes[2..4].copy_from_slice(&kind.to_ne_bytes());
    bytes[4..].copy_from_slice(&value.to_ne_bytes());
    bytes
}

/// The attributes of a message, after its own header.
pub fn payload(body: &[u8]) -> Result<&[u8], Malformed> {
    body.get(HEADER..).ok_or(Malformed("a generic message is cut off"))
}

/// The number of the family of a name; `None` where no module has registered it.
pub fn family(name: &str) -> Result<Option<u16>, CollectError> {
    let families = dump(&question("CTRL_CMD_GETFAMILY", CONTROL, CTRL_CMD_GETFAMILY, &[]), decode_family)?;
    Ok(families.into_iter().find(|(_, known)| known == name).map(|(number, _)| number))
}

fn decode_family(body: &[u8]) -> Result<(u16, String), Malformed> {
    let (mut number, mut name) = (None, String::new());
    for attribute in attributes(payload(body)?) {
        match attribute? {
            (CTRL_ATTR_FAMILY_ID, value) => number = u16_at(value, 0),
            (CTRL_ATTR_FAMILY_NAME, value) => name = text(value),
            _ => {}
        }
    }
    Ok((number.ok_or(Malformed("a family has no number"))?, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_kernel_knows_the_family_of_families() {
        assert_eq!(family("nlctrl").unwrap(), Some(CONTROL));
        assert_eq!(family("no such family").unwrap(), None);
    }
}
