//! Certificates of clients: the names that are found are those that webpki finds, which verifies the certificate before.

use rustls_pki_types::{CertificateDer, DnsName, ServerName};
use tallyd::web::secure::names::{Name, names};
use webpki::EndEntityCert;

/// Panics where it does not hold.
pub fn check(data: &[u8]) {
    let found = names(data);
    let der = CertificateDer::from(data);
    let (Some(found), Ok(theirs)) = (found, EndEntityCert::try_from(&der)) else { return };
    let (mut hosts, mut resources) = (Vec::new(), Vec::new());
    for name in found {
        match name {
            // Theirs are names of the DNS alone. With a star they are held to more than that.
            Name::Host(text) if DnsName::try_from(text).is_ok() => hosts.push(text),
            Name::Resource(text) => resources.push(text),
            Name::Ip(ip) => {
                let is_theirs = theirs.verify_is_valid_for_subject_name(&ServerName::IpAddress(ip.into()));
                assert!(is_theirs.is_ok(), "{ip}: {is_theirs:?}");
            }
            Name::Host(_) | Name::Mailbox(_) => {}
        }
    }
    assert_eq!(hosts, theirs.valid_dns_names().filter(|name| !name.starts_with('*')).collect::<Vec<_>>());
    assert_eq!(resources, theirs.valid_uri_names().collect::<Vec<_>>());
}
