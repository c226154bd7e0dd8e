//! Neighbours of IPv4. Source: rtnetlink(7), arp(7), `linux/neighbour.h`.

use super::message::{Malformed, u16_at, u32_at};
use super::socket::Question;
use std::borrow::Cow;

/// Asks for all neighbours of `AF_INET`, which is 2: `RTM_GETNEIGH`, answered by `RTM_NEWNEIGH`; the body is a
/// `struct ndmsg`.
pub static QUESTION: Question = Question {
    name: "RTM_GETNEIGH",
    kind: 30,
    answer: 28,
    body: Cow::Borrowed(&[2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
    protocol: None,
};

const NDMSG: usize = 12;

/// A neighbour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Neighbour {
    /// Number of the link that it is reached by.
    pub link: u32,
    /// `NUD_*`
    pub state: u16,
}

impl Neighbour {
    /// Whether it is what arp(8) shows: an address that was asked for, or given by hand.
    pub fn is_resolved(self) -> bool {
        const NUD_NOARP: u16 = 0x40;
        self.state & NUD_NOARP == 0
    }

    /// The state as ip-neighbour(8) calls it, in small letters.
    pub fn state_name(self) -> &'static str {
        match self.state {
            0x01 => "incomplete",
            0x02 => "reachable",
            0x04 => "stale",
            0x08 => "delay",
            0x10 => "probe",
            0x20 => "failed",
            0x80 => "permanent",
            _ => "none",
        }
    }
}

/// Decodes the body of an `RTM_NEWNEIGH`.
pub fn decode(body: &[u8]) -> Result<Neighbour, Malformed> {
    match (body.get(..NDMSG), u32_at(body, 4), u16_at(body, 8)) {
        (Some(_), Some(link), Some(state)) => Ok(Neighbour { link, state }),
        _ => Err(Malformed("a neighbour is cut off")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::message::messages;
    use super::*;

    const CAPTURED: &[u8] = include_bytes!("../../../../tests/fixtures/netlink/neighbours.bin");

    #[test]
    fn neighbours_come_with_link_and_state() {
        let answers = messages(CAPTURED).map(Result::unwrap).filter(|message| message.kind == QUESTION.answer);
        let mut got: Vec<_> = answers
            .map(|message| decode(message.body).unwrap())
            .map(|neighbour| (neighbour.link, neighbour.state_name(), neighbour.is_resolved()))
            .collect();
        got.sort_unstable();
        let want = [(2, "reachable", true), (3, "none", false), (3, "permanent", true), (3, "stale", true)];
        assert_eq!(got, want);
    }

    #[test]
    fn a_neighbour_that_is_cut_off_is_an_error() {
        for length in 0..NDMSG {
            assert!(decode(&[0; NDMSG][..length]).is_err(), "{length} bytes");
        }
    }
}
