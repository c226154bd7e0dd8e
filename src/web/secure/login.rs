//! Names and passwords: what a request says, whom it may be, and how often one may be wrong.
//! Source: RFC 7617 (the header field).

use crate::web::crowd::{Source, source};
use crate::web::head::{Refusal, Request};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::collections::{HashMap, HashSet};
use std::net::IpAddr;
use std::time::{Duration, Instant};
use subtle::ConstantTimeEq;

/// After so many wrong passwords from one address, one may be tried in this time.
const REFILL: Duration = Duration::from_secs(1);
/// How often a password may be wrong from all addresses together, of which a guesser may have many. Five hashes a second of
/// the usual cost take a quarter of a core.
const OF_ALL: Rate = Rate { burst: 50, refill: Duration::from_millis(200) };
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

/// How often something may be tried.
#[derive(Clone, Copy)]
struct Rate {
    /// So often in a row.
    burst: u32,
    /// After this time, once more.
    refill: Duration,
}

/// What is left of a rate.
struct Tries {
    left: u32,
    since: Instant,
}

impl Tries {
    fn all(rate: Rate, now: Instant) -> Self {
        Self { left: rate.burst, since: now }
    }

    /// Takes one, if there is one.
    fn take(&mut self, rate: Rate, now: Instant) -> bool {
        let passed = now.saturating_duration_since(self.since).as_nanos() / rate.refill.as_nanos();
        if passed > 0 {
            self.left = self.left.saturating_add(u32::try_from(passed).unwrap_or(rate.burst)).min(rate.burst);
            self.since = now;
        }
        let may = self.left > 0;
        self.left = self.left.saturating_sub(1);
        may
    }

    fn give_back(&mut self, rate: Rate) {
        self.left = (self.left + 1).min(rate.burst);
    }
}

/// Remembers who was right, and who was wrong.
pub struct Gate {
    /// How often a password may be wrong from one address.
    of_address: Rate,
    /// The last right login of each user, with the hash that it was right for.
    right: HashMap<Vec<u8>, (String, Vec<u8>)>,
    /// Addresses that were right, which are not kept out by what others guess.
    trusted: HashSet<Source>,
    by_address: HashMap<Source, Tries>,
    of_all: Tries,
}

impl Gate {
    /// Nobody has come yet. From each address a password may be wrong so often in a row.
    pub fn new(burst: u32, now: Instant) -> Self {
        let (of_address, of_all) = (Rate { burst, refill: REFILL }, Tries::all(OF_ALL, now));
        Self { of_address, right: HashMap::new(), trusted: HashSet::new(), by_address: HashMap::new(), of_all }
    }

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
        if let Err(refusal) = self.try_once(peer, now) {
            return Verdict::Refused(refusal);
        }
        Verdict::Ask(Box::new(Check { login, hash, is_known }))
    }

    /// Remembers a login that was right. Its try was none that counts.
    pub fn was_right(&mut self, check: Check, peer: Option<IpAddr>) {
        self.forgive(peer);
        if self.trusted.len() >= MAX_ADDRESSES {
            self.trusted.clear();
        }
        self.trusted.insert(source(peer));
        // Names come from the file, so there are no more than it has; those that left it go with the next.
        if self.right.len() >= super::file::MAX_USERS {
            self.right.clear();
        }
        self.right.insert(check.login.user, (check.hash, check.login.password));
    }

    /// Gives back a try that was not made.
    pub fn forgive(&mut self, peer: Option<IpAddr>) {
        let source = source(peer);
        if let Some(tries) = self.by_address.get_mut(&source) {
            tries.give_back(self.of_address);
        }
        if !self.trusted.contains(&source) {
            self.of_all.give_back(OF_ALL);
        }
    }

    /// Takes one try of an address, if it has one, and of all.
    fn try_once(&mut self, peer: Option<IpAddr>, now: Instant) -> Result<(), Refusal> {
        let source = source(peer);
        if !self.by_address.contains_key(&source) && self.by_address.len() >= MAX_ADDRESSES {
            let oldest = self.by_address.iter().min_by_key(|(_, tries)| tries.since).map(|(source, _)| *source);
            oldest.map(|oldest| self.by_address.remove(&oldest));
        }
        let tries = self.by_address.entry(source).or_insert_with(|| Tries::all(self.of_address, now));
        if !tries.take(self.of_address, now) {
            return Err(Refusal::TooManyLogins);
        }
        if !self.trusted.contains(&source) && !self.of_all.take(OF_ALL, now) {
            tries.give_back(self.of_address);
            return Err(Refusal::TooManyLoginsOfAll);
        }
        Ok(())
    }
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
        let (start, peer) = (Instant::now(), |n: u32| Some(IpAddr::from(n.to_be_bytes())));
        let later = |millis| start + Duration::from_millis(millis);
        let mut gate = Gate::new(10, start);
        let mut tries = |peer, at, count| (0..count).filter(|_| gate.try_once(peer, at).is_ok()).count();
        assert_eq!(tries(peer(1), start, 12), 10);
        assert_eq!(tries(peer(2), start, 1), 1);
        assert_eq!(tries(peer(1), later(1000), 2), 1);
        assert_eq!((10..5000).map(|n| tries(peer(n), later(20_000), 1)).sum::<usize>(), 50, "of all together");
        assert_eq!(gate.by_address.len(), MAX_ADDRESSES);
        assert_eq!(gate.try_once(peer(9), later(20_000)), Err(Refusal::TooManyLoginsOfAll));
        assert_eq!(gate.try_once(peer(9), later(20_200)), Ok(()));
        assert_eq!(gate.try_once(peer(8), later(20_200)), Err(Refusal::TooManyLoginsOfAll));
    }

    #[test]
    fn who_was_right_is_not_kept_out_by_others() {
        let (start, peer) = (Instant::now(), |n: u32| Some(IpAddr::from(n.to_be_bytes())));
        let mut gate = Gate::new(10, start);
        assert_eq!(gate.try_once(peer(1), start), Ok(()));
        let login = Login::parse("Basic YTpi").unwrap();
        gate.was_right(Check { login, hash: String::new(), is_known: true }, peer(1));
        assert_eq!((2..100).filter(|&n| gate.try_once(peer(n), start).is_ok()).count(), 50, "a right try is none");
        assert_eq!((0..12).filter(|_| gate.try_once(peer(1), start).is_ok()).count(), 10);
        assert_eq!(gate.try_once(peer(1), start), Err(Refusal::TooManyLogins));
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
