//! The names that a certificate has for its owner, found without a library: whoever verifies certificates keeps them to itself.
//! Source: RFC 5280, 4.1 and 4.2.1.6.

use std::net::IpAddr;

/// A name of a certificate.
#[derive(Debug, PartialEq, Eq)]
pub enum Name<'a> {
    /// Of a mailbox.
    Mailbox(&'a str),
    /// Of a host.
    Host(&'a str),
    /// Of a resource: a URI.
    Resource(&'a str),
    /// An address.
    Ip(IpAddr),
}

/// Texts are the same byte by byte, with no wildcards, as the toolkit has it; addresses however they are spelled.
pub fn is_same(name: &Name<'_>, allowed: &str) -> bool {
    match name {
        Name::Mailbox(text) | Name::Host(text) | Name::Resource(text) => *text == allowed,
        Name::Ip(ip) => allowed.parse::<IpAddr>().is_ok_and(|allowed| allowed.to_canonical() == ip.to_canonical()),
    }
}

const INTEGER: u8 = 0x02;
const OCTETS: u8 = 0x04;
const OBJECT_ID: u8 = 0x06;
const SEQUENCE: u8 = 0x30;
const VERSION: u8 = 0xa0;
const EXTENSIONS: u8 = 0xa3;
const MAILBOX: u8 = 0x81;
const HOST: u8 = 0x82;
const RESOURCE: u8 = 0x86;
const ADDRESS: u8 = 0x87;
/// Of other kinds, which nobody asks for: anything else, an X.400 address, a directory's name, an EDI party, an object.
const OTHERS: [u8; 5] = [0xa0, 0xa3, 0xa4, 0xa5, 0x88];
/// 2.5.29.17, `subjectAltName`.
const SUBJECT_ALT_NAME: &[u8] = &[0x55, 0x1d, 0x11];

/// The names of a certificate; `None` where it is none.
pub fn names(certificate: &[u8]) -> Option<Vec<Name<'_>>> {
    let (outer, _) = expect(certificate, SEQUENCE)?;
    let (mut rest, _) = expect(outer, SEQUENCE)?;
    if let Some((_, after)) = expect(rest, VERSION) {
        rest = after;
    }
    // Serial number; algorithm, issuer, validity, subject, key.
    for tag in [INTEGER, SEQUENCE, SEQUENCE, SEQUENCE, SEQUENCE, SEQUENCE] {
        (_, rest) = expect(rest, tag)?;
    }
    let mut found = Vec::new();
    while !rest.is_empty() {
        let (tag, content, after) = element(rest)?;
        rest = after;
        let mut extensions = if tag == EXTENSIONS { expect(content, SEQUENCE)?.0 } else { &[] };
        while !extensions.is_empty() {
            let (extension, after) = expect(extensions, SEQUENCE)?;
            extensions = after;
            let (id, mut value) = expect(extension, OBJECT_ID)?;
            if id != SUBJECT_ALT_NAME {
                continue;
            }
            // Whether it is critical may stand before what it says.
            if let (0x01, _, after) = element(value)? {
                value = after;
            }
            let (mut names, _) = expect(expect(value, OCTETS)?.0, SEQUENCE)?;
            while !names.is_empty() {
                let (tag, content, after) = element(names)?;
                names = after;
                found.extend(name(tag, content)?);
            }
        }
    }
    Some(found)
}

/// One name: `Some(None)` is of a kind that nobody asks for.
fn name(tag: u8, content: &[u8]) -> Option<Option<Name<'_>>> {
    let text = || std::str::from_utf8(content).ok();
    Some(match tag {
        MAILBOX => Some(Name::Mailbox(text()?)),
        HOST => Some(Name::Host(text()?)),
        RESOURCE => Some(Name::Resource(text()?)),
        ADDRESS => match content.len() {
            4 => Some(Name::Ip(IpAddr::from(<[u8; 4]>::try_from(content).ok()?))),
            _ => Some(Name::Ip(IpAddr::from(<[u8; 16]>::try_from(content).ok()?))),
        },
        _ if OTHERS.contains(&tag) => None,
        // What follows is told from no name.
        _ => return None,
    })
}

/// The first element of DER, if it has this tag, and what follows it.
fn expect(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    element(der).filter(|(found, ..)| *found == tag).map(|(_, content, rest)| (content, rest))
}

/// Tag and content of the first element of DER, and what follows it. A length has one form. Source: X.690, 8.1 and 10.1.
fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let [tag, first, rest @ ..] = der else { return None };
    let (length, rest) = match *first {
        short @ ..=0x7f => (usize::from(short), rest),
        long @ 0x81..=0x84 => {
            let (bytes, rest) = rest.split_at_checked(usize::from(long - 0x80))?;
            let least = if bytes.len() == 1 { 0x80 } else { 1 };
            bytes.first().filter(|top| **top >= least)?;
            (bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)), rest)
        }
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((*tag, content, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By `openssl req -x509 -newkey ed25519 -nodes -subj /CN=x -days 36500 -outform DER -addext
    /// subjectAltName=critical,DNS:*.example.org,DNS:host,email:a@example.org,IP:192.0.2.1,IP:2001:db8::1,URI:spiffe://x/y,RID:1.2.3`.
    const CERTIFICATE: &[u8] = include_bytes!("../../../fuzz/seeds/certificate/names");

    #[test]
    fn names_are_found_and_compared_exactly() {
        let found = names(CERTIFICATE).unwrap();
        let ip = |text: &str| Name::Ip(text.parse().unwrap());
        let want = [
            Name::Host("*.example.org"),
            Name::Host("host"),
            Name::Mailbox("a@example.org"),
            ip("192.0.2.1"),
            ip("2001:db8::1"),
            Name::Resource("spiffe://x/y"),
        ];
        assert_eq!(found, want);
        for (allowed, comes_in) in [
            ("host", true),
            ("*.example.org", true),
            ("a.example.org", false),
            ("HOST", false),
            ("192.0.2.1", true),
            ("::ffff:192.0.2.1", true),
            ("2001:DB8:0::1", true),
            ("192.0.2.2", false),
            ("spiffe://x/y", true),
            ("a@example.org", true),
            ("x", false),
            ("", false),
        ] {
            assert_eq!(found.iter().any(|name| is_same(name, allowed)), comes_in, "allowed: {allowed:?}");
        }
    }

    #[test]
    fn what_is_cut_off_is_no_certificate() {
        for cut in 0..CERTIFICATE.len() {
            assert_eq!(names(&CERTIFICATE[..cut]), None, "{cut} bytes");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(at in 0..400_usize, byte: u8, bytes: Vec<u8>) {
            names(&bytes);
            let mut certificate = CERTIFICATE.to_vec();
            let at = at % certificate.len();
            certificate[at] = byte;
            names(&certificate);
        }
    }
}
