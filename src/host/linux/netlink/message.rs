//! The frame of netlink: messages in a datagram, attributes in a message. Source: netlink(7), `linux/netlink.h`.
//! Numbers are in the machine's own byte order.

use std::fmt;

/// Bytes of `struct nlmsghdr`.
pub const HEADER: usize = 16;
/// Bytes of `struct nlattr`.
const ATTRIBUTE_HEADER: usize = 4;
/// Messages and attributes begin at multiples of this.
const ALIGN: usize = 4;
/// The two upper bits of an attribute's type are flags (`NLA_TYPE_MASK`).
const ATTRIBUTE_KIND: u16 = 0x3fff;

/// Bytes that are no message: cut off, or with a length that can't be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed(pub &'static str);

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// One message without its header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Message<'a> {
    /// `nlmsg_type`
    pub kind: u16,
    /// `nlmsg_flags`
    pub flags: u16,
    /// `nlmsg_seq`
    pub sequence: u32,
    /// All after the header.
    pub body: &'a [u8],
}

/// Messages of a datagram. After an error there are no more.
pub fn messages(datagram: &[u8]) -> impl Iterator<Item = Result<Message<'_>, Malformed>> {
    walk(datagram, |rest| {
        let (Some(length), Some(kind), Some(flags), Some(sequence)) =
            (u32_at(rest, 0), u16_at(rest, 4), u16_at(rest, 6), u32_at(rest, 8))
        else {
            return Err(Malformed("a message is cut off in its header"));
        };
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        let body = rest.get(HEADER..length).ok_or(Malformed("a message is not as long as it says"))?;
        Ok((Message { kind, flags, sequence, body }, length))
    })
}

/// Attributes, as type and value. After an error there are no more.
pub fn attributes(bytes: &[u8]) -> impl Iterator<Item = Result<(u16, &[u8]), Malformed>> {
    walk(bytes, |rest| {
        let (Some(length), Some(kind)) = (u16_at(rest, 0), u16_at(rest, 2)) else {
            return Err(Malformed("an attribute is cut off in its header"));
        };
        let length = usize::from(length);
        let value = rest.get(ATTRIBUTE_HEADER..length).ok_or(Malformed("an attribute is not as long as it says"))?;
        Ok(((kind & ATTRIBUTE_KIND, value), length))
    })
}

/// Takes items off the front of `bytes`, each with its length, up to the end or the first error.
fn walk<'a, T: 'a>(
    bytes: &'a [u8],
    take: impl Fn(&'a [u8]) -> Result<(T, usize), Malformed> + 'a,
) -> impl Iterator<Item = Result<T, Malformed>> + 'a {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        match take(rest) {
            Ok((item, length)) => {
                rest = rest.get(length.next_multiple_of(ALIGN)..).unwrap_or_default();
                Some(Ok(item))
            }
            Err(e) => {
                rest = &[];
                Some(Err(e))
            }
        }
    })
}

/// Two bytes as a number, `None` beyond the end.
pub fn u16_at(bytes: &[u8], offset: usize) -> Option<u16> {
    bytes.get(offset..)?.first_chunk().copied().map(u16::from_ne_bytes)
}

/// Four bytes as a number, `None` beyond the end.
pub fn u32_at(bytes: &[u8], offset: usize) -> Option<u32> {
    bytes.get(offset..)?.first_chunk().copied().map(u32::from_ne_bytes)
}

/// Text up to the first NUL; what is not UTF-8 becomes U+FFFD.
pub fn text(bytes: &[u8]) -> String {
    let end = memchr::memchr(0, bytes).unwrap_or(bytes.len());
    String::from_utf8_lossy(&bytes[..end]).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An attribute as the kernel writes it.
    fn attribute(kind: u16, value: &[u8]) -> Vec<u8> {
        let mut bytes = u16::try_from(value.len() + ATTRIBUTE_HEADER).unwrap().to_ne_bytes().to_vec();
        bytes.extend(kind.to_ne_bytes());
        bytes.extend(value);
        bytes.resize(bytes.len().next_multiple_of(ALIGN), 0);
        bytes
    }

    #[test]
    fn attributes_follow_each_other_at_multiples_of_four() {
        let bytes = [attribute(3, b"lo\0"), attribute(0x8000 | 18, b""), attribute(1, b"abcde")].concat();
        let got: Vec<_> = attributes(&bytes).map(Result::unwrap).collect();
        assert_eq!(got, [(3, b"lo\0".as_slice()), (18, b""), (1, b"abcde")]);
    }

    #[test]
    fn lengths_that_cannot_be_end_the_walk() {
        for bytes in [&[0, 0, 3, 0][..], &[3, 0, 3, 0], &[9, 0, 3, 0, 1], &[4]] {
            let got: Vec<_> = attributes(bytes).collect();
            assert!(matches!(got[..], [Err(_)]), "{bytes:?}: {got:?}");
        }
        for bytes in [&[0; 16][..], &[15; 16], &[255; 40], &[1]] {
            let got: Vec<_> = messages(bytes).collect();
            assert!(matches!(got[..], [Err(_)]), "{bytes:?}: {got:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn garbage_comes_to_an_end(bytes: Vec<u8>) {
            proptest::prop_assert!(messages(&bytes).count() <= bytes.len());
            proptest::prop_assert!(attributes(&bytes).count() <= bytes.len());
        }
    }
}
