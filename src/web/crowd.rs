//! Connections by whose they are, so that one client does not take all there can be.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What counts as one client: an address, of IPv6 the network that one host commonly has whole. `None`: all who come by
/// unix sockets, which have no address.
pub type Source = Option<IpAddr>;

/// Whose a connection from this address is.
pub fn source(peer: Option<IpAddr>) -> Source {
    peer.map(|peer| match peer.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from(u128::from(v6) >> 64 << 64)),
        v4 => v4,
    })
}

/// How many connections, or scrapes in flight, each client has. Clones count together.
#[derive(Clone, Default)]
pub struct Crowd(Arc<Mutex<HashMap<Source, usize>>>);

impl Crowd {
    /// How many a client has.
    pub fn count(&self, source: Source) -> usize {
        self.lock().get(&source).copied().unwrap_or_default()
    }

    /// Counts one more, for as long as what is returned is kept.
    pub fn enter(&self, source: Source) -> Member {
        *self.lock().entry(source).or_default() += 1;
        Member { crowd: self.clone(), source }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Source, usize>> {
        // A panic ends the process, so no lock is ever poisoned by one.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One that is counted. It may end on any thread.
pub struct Member {
    crowd: Crowd,
    /// Whose it is.
    pub source: Source,
}

impl Drop for Member {
    fn drop(&mut self) {
        let mut counts = self.crowd.lock();
        if let Some(count) = counts.get_mut(&self.source) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.source);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_are_addresses_and_networks_of_64_bits() {
        for (peer, want) in [
            ("192.0.2.7", Some("192.0.2.7")),
            ("::ffff:192.0.2.7", Some("192.0.2.7")),
            ("2001:db8:1:2:3:4:5:6", Some("2001:db8:1:2::")),
            ("::1", Some("::")),
            ("no address", None),
        ] {
            let got = source(peer.parse().ok()).map(|source| source.to_string());
            assert_eq!(got.as_deref(), want, "peer: {peer}");
        }
    }

    #[test]
    fn who_has_left_is_not_kept() {
        let (crowd, [a, b]) = (Crowd::default(), [1, 2].map(|n: u32| Some(IpAddr::from(n.to_be_bytes()))));
        let members = [crowd.enter(a), crowd.enter(a), crowd.enter(b)];
        assert_eq!((crowd.count(a), crowd.count(b)), (2, 1));
        drop(members);
        assert!(crowd.lock().is_empty());
    }
}
