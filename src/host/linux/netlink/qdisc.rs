//! Queueing disciplines. Source: rtnetlink(7), `linux/rtnetlink.h` (`struct tcmsg`), `linux/gen_stats.h`.

use super::message::{Malformed, attributes, text, u32_at};
use super::socket::Question;
use std::borrow::Cow;

/// Asks for all queueing disciplines: `RTM_GETQDISC`, answered by `RTM_NEWQDISC`; the body is a `struct tcmsg`.
pub static QUESTION: Question =
    Question { name: "RTM_GETQDISC", kind: 38, answer: 36, body: Cow::Borrowed(&[0; TCMSG]), protocol: None };

const TCMSG: usize = 20;
/// `TC_H_ROOT`: the parent of a device's outermost discipline.
const ROOT: u32 = u32::MAX;
const TCA_KIND: u16 = 1;
const TCA_STATS2: u16 = 7;
const TCA_STATS_BASIC: u16 = 1;
const TCA_STATS_QUEUE: u16 = 3;
const TCA_STATS_PKT64: u16 = 8;

/// A queueing discipline of a link.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Qdisc {
    /// Number of the link.
    pub link: u32,
    /// Kind, such as `fq_codel`.
    pub kind: String,
    /// Whether it is the outermost one, which counts all of the link's packets.
    pub is_root: bool,
    /// Bytes sent.
    pub bytes: u64,
    /// Packets sent.
    pub packets: u64,
    /// `struct gnet_stats_queue`: packets in the queue.
    pub length: u32,
    /// Bytes in the queue.
    pub backlog: u32,
    /// Packets dropped.
    pub drops: u32,
    /// Packets queued anew.
    pub requeues: u32,
    /// Packets beyond a limit.
    pub overlimits: u32,
}

/// Decodes the body of an `RTM_NEWQDISC`.
pub fn decode(body: &[u8]) -> Result<Qdisc, Malformed> {
    let (Some(link), Some(parent), Some(rest)) = (u32_at(body, 4), u32_at(body, 12), body.get(TCMSG..)) else {
        return Err(Malformed("a queueing discipline is cut off"));
    };
    let mut qdisc = Qdisc { link, is_root: parent == ROOT || parent == 0, ..Qdisc::default() };
    for attribute in attributes(rest) {
        match attribute? {
            (TCA_KIND, value) => qdisc.kind = text(value),
            (TCA_STATS2, value) => qdisc.take_statistics(value)?,
            _ => {}
        }
    }
    Ok(qdisc)
}

impl Qdisc {
    fn take_statistics(&mut self, nested: &[u8]) -> Result<(), Malformed> {
        let mut all_packets = None;
        for attribute in attributes(nested) {
            match attribute? {
                (TCA_STATS_BASIC, value) => {
                    let cut_off = Malformed("statistics are cut off");
                    self.bytes = u64_at(value).ok_or(cut_off)?;
                    self.packets = u32_at(value, 8).ok_or(cut_off)?.into();
                }
                (TCA_STATS_PKT64, value) => all_packets = u64_at(value),
                (TCA_STATS_QUEUE, value) => {
                    let number = |place: usize| u32_at(value, 4 * place).ok_or(Malformed("statistics are cut off"));
                    self.length = number(0)?;
                    self.backlog = number(1)?;
                    self.drops = number(2)?;
                    self.requeues = number(3)?;
                    self.overlimits = number(4)?;
                }
                _ => {}
            }
        }
        // There once the 32 bits of the basic statistics are too few.
        self.packets = all_packets.unwrap_or(self.packets);
        Ok(())
    }
}

fn u64_at(bytes: &[u8]) -> Option<u64> {
    bytes.first_chunk().copied().map(u64::from_ne_bytes)
}

#[cfg(test)]
mod tests {
    use super::super::message::messages;
    use super::*;

    /// A pair of virtual devices, one with htb and pfifo below it, the other with clsact, as Linux 6.18 answered.
    const CAPTURED: &[u8] = include_bytes!("../../../../tests/fixtures/netlink/qdiscs.bin");

    fn bodies() -> impl Iterator<Item = &'static [u8]> {
        messages(CAPTURED).map(Result::unwrap).filter(|message| message.kind == QUESTION.answer).map(|m| m.body)
    }

    #[test]
    fn disciplines_come_with_kind_and_counters() {
        let qdiscs: Vec<Qdisc> = bodies().map(|body| decode(body).unwrap()).collect();
        let got: Vec<_> = qdiscs.iter().map(|q| (q.link, q.kind.as_str(), q.is_root, q.packets, q.bytes)).collect();
        let want = [
            (1, "noqueue", true, 0, 0),
            (2, "noqueue", true, 0, 0),
            (2, "clsact", false, 0, 0),
            (3, "htb", true, 6, 800),
            (3, "pfifo", false, 5, 710),
        ];
        assert_eq!(got, want);
    }

    #[test]
    fn one_that_is_cut_off_is_an_error_or_has_less() {
        for body in bodies() {
            for end in 0..body.len() {
                if let Ok(qdisc) = decode(&body[..end]) {
                    assert!(qdisc.packets <= 6, "cut at {end}");
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
