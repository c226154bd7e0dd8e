//! Network devices. Source: sysctl(3), `NET_RT_IFLIST2` for the list and `net.link.generic.ifdata` for each. Units:
//! bytes, packets and events, all counted since the device exists.
//!
//! Since macOS 13 the list cuts the bytes of a device off at 4 GiB for a program without privilege; the table of each
//! interface does not, so that the higher figure of both is the true one.

pub mod message;

use self::message::{Interface, Messages};
use super::kernel::Question;
use crate::flag::Flag;
use crate::host::addresses::{self, ADDRESS_INFO, Address};
use crate::host::filter::Filter;
use crate::host::{CollectError, Collector, Metrics, Spec};
use crate::model::{Desc, Sink};

const INCLUDE: &str = "collector.netdev.device-include";
const EXCLUDE: &str = "collector.netdev.device-exclude";
const ADDRESSES: &str = "collector.netdev.address-info";
const DETAILED: &str = "collector.netdev.enable-detailed-metrics";

macro_rules! statistics {
    ($($name:ident $key:literal)*) => {
        $(static $name: Desc<'static> = Desc::counter(
            concat!("node_network_", $key, "_total"),
            concat!("Network device statistic ", $key, "."),
            &["device"],
        );)*

        const ALL: &[&Desc<'static>] = &[$(&$name,)* &ADDRESS_INFO];
    };
}

statistics! {
    COLLISIONS "collisions"
    NO_PROTO "noproto"
    RECEIVE_BYTES "receive_bytes"
    RECEIVE_DROP "receive_drop"
    RECEIVE_DROPPED "receive_dropped"
    RECEIVE_ERRORS "receive_errors"
    RECEIVE_ERRS "receive_errs"
    RECEIVE_MULTICAST "receive_multicast"
    RECEIVE_PACKETS "receive_packets"
    TRANSMIT_BYTES "transmit_bytes"
    TRANSMIT_COLLS "transmit_colls"
    TRANSMIT_DROP "transmit_drop"
    TRANSMIT_DROPPED "transmit_dropped"
    TRANSMIT_ERRORS "transmit_errors"
    TRANSMIT_ERRS "transmit_errs"
    TRANSMIT_MULTICAST "transmit_multicast"
    TRANSMIT_PACKETS "transmit_packets"
}

/// Places among the counters of `struct if_data64`, and behind them what the sending queue dropped.
const IPACKETS: usize = 0;
const IERRORS: usize = 1;
const OPACKETS: usize = 2;
const OERRORS: usize = 3;
const COLLISIONS_SEEN: usize = 4;
const IBYTES: usize = 5;
pub const OBYTES: usize = 6;
const IMCASTS: usize = 7;
const OMCASTS: usize = 8;
const IQDROPS: usize = 9;
pub const NOPROTO: usize = 10;
const SEND_DROPS: usize = 11;
const COUNTERS: usize = 12;

/// What a device counted, in the order of the places above.
type Counters = [u64; COUNTERS];

/// Metrics, each with the counter that it shows.
type Statistics = [(&'static Desc<'static>, usize); COUNTERS];

const PLAIN: Statistics = [
    (&RECEIVE_PACKETS, IPACKETS),
    (&TRANSMIT_PACKETS, OPACKETS),
    (&RECEIVE_BYTES, IBYTES),
    (&TRANSMIT_BYTES, OBYTES),
    (&RECEIVE_ERRS, IERRORS),
    (&TRANSMIT_ERRS, OERRORS),
    (&RECEIVE_DROP, IQDROPS),
    (&TRANSMIT_DROP, SEND_DROPS),
    (&RECEIVE_MULTICAST, IMCASTS),
    (&TRANSMIT_MULTICAST, OMCASTS),
    (&TRANSMIT_COLLS, COLLISIONS_SEEN),
    (&NO_PROTO, NOPROTO),
];

const IN_DETAIL: Statistics = [
    (&RECEIVE_PACKETS, IPACKETS),
    (&TRANSMIT_PACKETS, OPACKETS),
    (&RECEIVE_BYTES, IBYTES),
    (&TRANSMIT_BYTES, OBYTES),
    (&RECEIVE_ERRORS, IERRORS),
    (&TRANSMIT_ERRORS, OERRORS),
    (&RECEIVE_DROPPED, IQDROPS),
    (&TRANSMIT_DROPPED, SEND_DROPS),
    (&RECEIVE_MULTICAST, IMCASTS),
    (&TRANSMIT_MULTICAST, OMCASTS),
    (&COLLISIONS, COLLISIONS_SEEN),
    (&NO_PROTO, NOPROTO),
];

/// The collector `netdev`.
pub static SPEC: Spec = Spec {
    name: "netdev",
    about: "traffic and errors of network devices",
    default_enabled: true,
    flags: &[
        Flag::value(INCLUDE, "REGEXP", "", "Regexp of net devices to include (mutually exclusive to device-exclude).")
            .alias(&["collector.netdev.device-whitelist"]),
        Flag::value(EXCLUDE, "REGEXP", "", "Regexp of net devices to exclude (mutually exclusive to device-include).")
            .alias(&["collector.netdev.device-blacklist"]),
        Flag::switch(ADDRESSES, "Collect address-info for every device."),
        Flag::switch(DETAILED, "Use (incompatible) metric names that provide more detailed stats on Linux."),
    ],
    build: |env| {
        Ok(Box::new(Netdev {
            filter: Filter::from_flags(env.flags, INCLUDE, EXCLUDE)?,
            addresses: env.flags.on(ADDRESSES),
            statistics: if env.flags.on(DETAILED) { &IN_DETAIL } else { &PLAIN },
        }))
    },
};

/// What it shows.
pub static METRICS: Metrics = ALL;

struct Netdev {
    filter: Filter,
    addresses: bool,
    statistics: &'static Statistics,
}

impl Collector for Netdev {
    fn collect(&mut self, out: &mut dyn Sink) -> Result<(), CollectError> {
        let mut messages = Question::Interfaces.answer(message::decode)?;
        messages.interfaces.retain(|interface| !self.filter.ignores(&interface.name));
        for interface in &mut messages.interfaces {
            // An interface that went away meanwhile, or a system that refuses: the list has to do.
            if let Ok(table) = Question::Interface(interface.index).ask() {
                interface.correct(&table);
            }
        }
        self.emit(&messages, out);
        Ok(())
    }
}

impl Netdev {
    fn emit(&self, messages: &Messages, out: &mut dyn Sink) {
        for (desc, counter) in self.statistics {
            let mut family = out.family(desc);
            for interface in &messages.interfaces {
                family.sample(&[&interface.name], interface.counters[*counter] as f64);
            }
        }
        if self.addresses {
            addresses::emit(&named(messages), out);
        }
    }
}

/// The addresses of the interfaces that are shown.
fn named(messages: &Messages) -> Vec<Address> {
    let name = |index| messages.interfaces.iter().find(|interface: &&Interface| interface.index == index);
    let address = |found: &message::Found| {
        Some(Address { device: name(found.index)?.name.clone(), ip: found.ip, prefix: found.prefix })
    };
    messages.addresses.iter().filter_map(address).collect()
}

#[cfg(test)]
mod tests {
    use super::message::samples;
    use super::*;
    use crate::host::macos::tests::golden;

    fn netdev(statistics: &'static Statistics, addresses: bool) -> Netdev {
        Netdev { filter: Filter::default(), addresses, statistics }
    }

    #[test]
    fn devices_show_their_counters() {
        let mut messages = message::decode(&samples::list()).unwrap();
        golden("netdev-detailed", |out| netdev(&IN_DETAIL, true).emit(&messages, out));
        messages.interfaces[1].correct(&samples::table("en0"));
        golden("netdev", |out| netdev(&PLAIN, false).emit(&messages, out));
    }

    #[test]
    fn both_forms_show_each_counter() {
        for statistics in [PLAIN, IN_DETAIL] {
            let mut shown = statistics.map(|(_, counter)| counter);
            shown.sort_unstable();
            assert!(shown.into_iter().eq(0..COUNTERS));
        }
    }
}
