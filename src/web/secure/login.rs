//! Names and passwords: what a request says, whom it may be, and how often one may be wrong.
//! Source: RFC 7617 (the header field).

use crate::web::crowd;
use crate::web::head::{Refusal, Request};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::time::{Duration, Instant};
use subtle::ConstantTimeEq;

/// A password may be wrong so often from one address before it has to wait.
pub const BURST: u32 = 10;
/// One more try comes after this time.
pub const REFILL: Duration = Duration::from_secs(1);
/// Addresses that are remembered. When there are more, those that failed least recently are forgotten.
const MAX_ADDRESSES: usize = 1024;

/// A name and a password, as a request gives them.
pub struct Login {
    user: Vec<u8>,
    password: Vec<u8>,
}

impl Login {
    /// Reads the value of `Authorization`. `None`: it is not of the scheme Basic, or malformed.
    pub fn parse(value: &str) -> Option<Self> {
        let (scheme, rest) = value.split_once(' ')?;
        let decoded = STANDARD.decode(rest).ok().filter(|_| scheme.eq_ignore_ascii_case("basic"))?;
        let colon = memchr::memchr(b':', &decoded)?;
        Some(Self { user: decoded.get(..colon)?.to_vec(), password: decoded.get(colon + 1..)?.to_vec() })
    }
}

/// A login that takes a while to check.
pub struct Check {
    login: Login,
    hash: String,
    is_known: bool,
}

impl Check {
    /// Whether name and password are right. Takes as long for a user that does not exist.
    pub fn run(&self) -> bool {
        bcrypt::verify(&self.login.password, &self.hash).unwrap_or_default() & self.is_known
    }
}

/// What becomes of a request.
pub enum Verdict {
    /// It may pass.
    Pass,
    /// It may not.
    Refused(Refusal),
    /// That has to be checked first.
    Ask(Box<Check>),
}

/// Remembers who was right, and who was wrong.
#[derive(Default)]
pub struct Gate {
    /// The last right login of each user, with the hash that it was right for.
    right: HashMap<Vec<u8>, (String, Vec<u8>)>,
    failures: HashMap<IpAddr, Failures>,
}

struct Failures {
    tries_left: u32,
    since: Instant,
}

impl Gate {
    /// Judges a request, of which there may be users that it has to be from.
    pub fn judge(
        &mut self,
        users: &[(String, String)],
        request: &Request,
        peer: Option<IpAddr>,
        now: Instant,
    ) -> Verdict {
        let Some((_, some_hash)) = users.first() else { return Verdict::Pass };
        let Some(login) = Login::parse(request.header("Authorization")) else {
            return Verdict::Refused(Refusal::Unauthorized);
        };
        // All are compared, so that the time tells nothing of who is there.
        let same = |name: &str| bool::from(name.as_bytes().ct_eq(&login.user));
        let hash = users.iter().fold(None, |found, (name, hash)| if same(name) { Some(hash) } else { found });
        let (hash, is_known) = (hash.unwrap_or(some_hash).clone(), hash.is_some());
        let remembered = self.right.get(&login.user).filter(|(of, _)| is_known && *of == hash);
        if remembered.is_some_and(|(_, password)| password.ct_eq(&login.password).into()) {
            return Verdict::Pass;
        }
        if !self.may_try(peer, now) {
            return Verdict::Refused(Refusal::TooManyLogins);
        }
        Verdict::Ask(Box::new(Check { login, hash, is_known }))
    }

    /// Remembers a login that was right. Its try was none that counts.
    pub fn was_right(&mut self, check: Check, peer: Option<IpAddr>) {
        self.forgive(peer);
        // Names come from the file, so there are no more than it has; those that left it go with the next.
        if self.right.len() >= super::file::MAX_USERS {
            self.right.clear();
        }
        self.right.insert(check.login.user, (check.hash, check.login.password));
    }

    /// Gives back a try that was not made.
    pub fn forgive(&mut self, peer: Option<IpAddr>) {
        if let Some(failures) = self.failures.get_mut(&source(peer)) {
            failures.tries_left = (failures.tries_left + 1).min(BURST);
        }
    }

    /// Takes one try of an address, if it has one.
    fn may_try(&mut self, peer: Option<IpAddr>, now: Instant) -> bool {
        let source = source(peer);
        if !self.failures.contains_key(&source) && self.failures.len() >= MAX_ADDRESSES {
            let oldest = self.failures.iter().min_by_key(|(_, failures)| failures.since).map(|(source, _)| *source);
            oldest.map(|oldest| self.failures.remove(&oldest));
        }
        let failures = self.failures.entry(source).or_insert(Failures { tries_left: BURST, since: now });
        let passed = now.saturating_duration_since(failures.since).as_secs() / REFILL.as_secs();
        if passed > 0 {
            failures.tries_left = failures.tries_left.saturating_add(u32::try_from(passed).unwrap_or(BURST)).min(BURST);
            failures.since = now;
        }
        let may = failures.tries_left > 0;
        failures.tries_left = failures.tries_left.saturating_sub(1);
        may
    }
}

/// Whose tries are counted together. Those who come by a unix socket are one.
fn source(peer: Option<IpAddr>) -> IpAddr {
    peer.map_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED), crowd::source)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_ends_at_the_first_colon() {
        for (value, want) in [
            ("Basic YTpiOmM=", Some(("a", "b:c"))),
            ("basic Og==", Some(("", ""))),
            ("Basic YQ==", None),
            ("Basic YTpi!", None),
            ("Bearer YTpi", None),
            ("Basic", None),
            ("", None),
        ] {
            let got = Login::parse(value);
            let got = got.as_ref().map(|login| (login.user.as_slice(), login.password.as_slice()));
            assert_eq!(got, want.map(|(user, password)| (user.as_bytes(), password.as_bytes())), "value: {value:?}");
        }
    }

    #[test]
    fn tries_run_out_and_come_back_and_addresses_are_forgotten() {
        let (mut gate, start) = (Gate::default(), Instant::now());
        let peer = |n: u32| Some(IpAddr::from(n.to_be_bytes()));
        assert_eq!((0..BURST + 2).filter(|_| gate.may_try(peer(1), start)).count(), 10);
        assert!(gate.may_try(peer(2), start));
        assert!(gate.may_try(peer(1), start + REFILL) && !gate.may_try(peer(1), start + REFILL));
        (0..5000).for_each(|n| _ = gate.may_try(peer(n), start + REFILL * 2));
        assert_eq!(gate.failures.len(), MAX_ADDRESSES);
    }

    proptest::proptest! {
        #[test]
        fn no_header_is_more_than_none(value in ".{0,100}") {
            Login::parse(&value);
        }

        #[test]
        fn what_was_encoded_comes_out(user in "[^:]{0,20}", password in ".{0,40}") {
            let login = Login::parse(&format!("Basic {}", STANDARD.encode(format!("{user}:{password}")))).unwrap();
            assert_eq!((login.user, login.password), (user.into_bytes(), password.into_bytes()));
        }
    }
}
