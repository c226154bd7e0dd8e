//! Which metric is which counter, by source. In the plain form both sources have the same names and figures: those of
//! `/proc/net/dev`, which adds up several of the kernel's counters (`dev_seq_printf_stats` in `net/core/net-procfs.c`).

use crate::host::addresses::ADDRESS_INFO;
use crate::model::Desc;

/// Metrics, each with the counters that it is the sum of.
pub type Statistics = &'static [(&'static Desc<'static>, &'static [usize])];

macro_rules! statistics {
    ($($name:ident $key:literal)*) => {
        $(static $name: Desc<'static> = Desc::counter(
            concat!("node_network_", $key, "_total"),
            concat!("Network device statistic ", $key, "."),
            &["device"],
        );)*

        /// Every metric of the collector, with all labels that it can have.
        pub const ALL: &[&Desc<'static>] =
            &[$(&Desc::counter($name.name, $name.help, &["device", "ifalias"]),)* &ADDRESS_INFO];
    };
}

statistics! {
    COLLISIONS "collisions"
    MULTICAST "multicast"
    RECEIVE_BYTES "receive_bytes"
    RECEIVE_COMPRESSED "receive_compressed"
    RECEIVE_CRC_ERRORS "receive_crc_errors"
    RECEIVE_DROP "receive_drop"
    RECEIVE_DROPPED "receive_dropped"
    RECEIVE_ERRORS "receive_errors"
    RECEIVE_ERRS "receive_errs"
    RECEIVE_FIFO "receive_fifo"
    RECEIVE_FIFO_ERRORS "receive_fifo_errors"
    RECEIVE_FRAME "receive_frame"
    RECEIVE_FRAME_ERRORS "receive_frame_errors"
    RECEIVE_LENGTH_ERRORS "receive_length_errors"
    RECEIVE_MISSED_ERRORS "receive_missed_errors"
    RECEIVE_MULTICAST "receive_multicast"
    RECEIVE_NOHANDLER "receive_nohandler"
    RECEIVE_OVER_ERRORS "receive_over_errors"
    RECEIVE_PACKETS "receive_packets"
    TRANSMIT_ABORTED_ERRORS "transmit_aborted_errors"
    TRANSMIT_BYTES "transmit_bytes"
    TRANSMIT_CARRIER "transmit_carrier"
    TRANSMIT_CARRIER_ERRORS "transmit_carrier_errors"
    TRANSMIT_COLLS "transmit_colls"
    TRANSMIT_COMPRESSED "transmit_compressed"
    TRANSMIT_DROP "transmit_drop"
    TRANSMIT_DROPPED "transmit_dropped"
    TRANSMIT_ERRORS "transmit_errors"
    TRANSMIT_ERRS "transmit_errs"
    TRANSMIT_FIFO "transmit_fifo"
    TRANSMIT_FIFO_ERRORS "transmit_fifo_errors"
    TRANSMIT_HEARTBEAT_ERRORS "transmit_heartbeat_errors"
    TRANSMIT_PACKETS "transmit_packets"
    TRANSMIT_WINDOW_ERRORS "transmit_window_errors"
}

/// Places in `struct rtnl_link_stats64`, `linux/if_link.h`.
mod netlink {
    pub const RX_PACKETS: usize = 0;
    pub const TX_PACKETS: usize = 1;
    pub const RX_BYTES: usize = 2;
    pub const TX_BYTES: usize = 3;
    pub const RX_ERRORS: usize = 4;
    pub const TX_ERRORS: usize = 5;
    pub const RX_DROPPED: usize = 6;
    pub const TX_DROPPED: usize = 7;
    pub const MULTICAST: usize = 8;
    pub const COLLISIONS: usize = 9;
    pub const RX_LENGTH_ERRORS: usize = 10;
    pub const RX_OVER_ERRORS: usize = 11;
    pub const RX_CRC_ERRORS: usize = 12;
    pub const RX_FRAME_ERRORS: usize = 13;
    pub const RX_FIFO_ERRORS: usize = 14;
    pub const RX_MISSED_ERRORS: usize = 15;
    pub const TX_ABORTED_ERRORS: usize = 16;
    pub const TX_CARRIER_ERRORS: usize = 17;
    pub const TX_FIFO_ERRORS: usize = 18;
    pub const TX_HEARTBEAT_ERRORS: usize = 19;
    pub const TX_WINDOW_ERRORS: usize = 20;
    pub const RX_COMPRESSED: usize = 21;
    pub const TX_COMPRESSED: usize = 22;
    pub const RX_NOHANDLER: usize = 23;
}
use netlink::*;

/// From netlink, by the names of `/proc/net/dev`.
pub const FROM_NETLINK: Statistics = &[
    (&RECEIVE_BYTES, &[RX_BYTES]),
    (&RECEIVE_PACKETS, &[RX_PACKETS]),
    (&RECEIVE_ERRS, &[RX_ERRORS]),
    (&RECEIVE_DROP, &[RX_DROPPED, RX_MISSED_ERRORS]),
    (&RECEIVE_FIFO, &[RX_FIFO_ERRORS]),
    (&RECEIVE_FRAME, &[RX_FRAME_ERRORS, RX_LENGTH_ERRORS, RX_OVER_ERRORS, RX_CRC_ERRORS]),
    (&RECEIVE_COMPRESSED, &[RX_COMPRESSED]),
    (&RECEIVE_MULTICAST, &[netlink::MULTICAST]),
    (&RECEIVE_NOHANDLER, &[RX_NOHANDLER]),
    (&TRANSMIT_BYTES, &[TX_BYTES]),
    (&TRANSMIT_PACKETS, &[TX_PACKETS]),
    (&TRANSMIT_ERRS, &[TX_ERRORS]),
    (&TRANSMIT_DROP, &[TX_DROPPED]),
    (&TRANSMIT_FIFO, &[TX_FIFO_ERRORS]),
    (&TRANSMIT_COLLS, &[netlink::COLLISIONS]),
    (&TRANSMIT_CARRIER, &[TX_CARRIER_ERRORS, TX_ABORTED_ERRORS, TX_HEARTBEAT_ERRORS, TX_WINDOW_ERRORS]),
    (&TRANSMIT_COMPRESSED, &[TX_COMPRESSED]),
];

/// From netlink, each counter by a name of its own.
pub const FROM_NETLINK_DETAILED: Statistics = &[
    (&RECEIVE_BYTES, &[RX_BYTES]),
    (&RECEIVE_PACKETS, &[RX_PACKETS]),
    (&RECEIVE_ERRORS, &[RX_ERRORS]),
    (&RECEIVE_DROPPED, &[RX_DROPPED]),
    (&RECEIVE_LENGTH_ERRORS, &[RX_LENGTH_ERRORS]),
    (&RECEIVE_OVER_ERRORS, &[RX_OVER_ERRORS]),
    (&RECEIVE_CRC_ERRORS, &[RX_CRC_ERRORS]),
    (&RECEIVE_FRAME_ERRORS, &[RX_FRAME_ERRORS]),
    (&RECEIVE_FIFO_ERRORS, &[RX_FIFO_ERRORS]),
    (&RECEIVE_MISSED_ERRORS, &[RX_MISSED_ERRORS]),
    (&RECEIVE_COMPRESSED, &[RX_COMPRESSED]),
    (&RECEIVE_NOHANDLER, &[RX_NOHANDLER]),
    (&self::MULTICAST, &[netlink::MULTICAST]),
    (&TRANSMIT_BYTES, &[TX_BYTES]),
    (&TRANSMIT_PACKETS, &[TX_PACKETS]),
    (&TRANSMIT_ERRORS, &[TX_ERRORS]),
    (&TRANSMIT_DROPPED, &[TX_DROPPED]),
    (&TRANSMIT_ABORTED_ERRORS, &[TX_ABORTED_ERRORS]),
    (&TRANSMIT_CARRIER_ERRORS, &[TX_CARRIER_ERRORS]),
    (&TRANSMIT_FIFO_ERRORS, &[TX_FIFO_ERRORS]),
    (&TRANSMIT_HEARTBEAT_ERRORS, &[TX_HEARTBEAT_ERRORS]),
    (&TRANSMIT_WINDOW_ERRORS, &[TX_WINDOW_ERRORS]),
    (&TRANSMIT_COMPRESSED, &[TX_COMPRESSED]),
    (&self::COLLISIONS, &[netlink::COLLISIONS]),
];

/// From `/proc/net/dev`, in the order of its columns.
pub const FROM_PROC: Statistics = &[
    (&RECEIVE_BYTES, &[0]),
    (&RECEIVE_PACKETS, &[1]),
    (&RECEIVE_ERRS, &[2]),
    (&RECEIVE_DROP, &[3]),
    (&RECEIVE_FIFO, &[4]),
    (&RECEIVE_FRAME, &[5]),
    (&RECEIVE_COMPRESSED, &[6]),
    (&RECEIVE_MULTICAST, &[7]),
    (&TRANSMIT_BYTES, &[8]),
    (&TRANSMIT_PACKETS, &[9]),
    (&TRANSMIT_ERRS, &[10]),
    (&TRANSMIT_DROP, &[11]),
    (&TRANSMIT_FIFO, &[12]),
    (&TRANSMIT_COLLS, &[13]),
    (&TRANSMIT_CARRIER, &[14]),
    (&TRANSMIT_COMPRESSED, &[15]),
];

/// From `/proc/net/dev` with the detailed form asked for, which differs in four names only.
pub const FROM_PROC_DETAILED: Statistics = &[
    (&RECEIVE_BYTES, &[0]),
    (&RECEIVE_PACKETS, &[1]),
    (&RECEIVE_ERRORS, &[2]),
    (&RECEIVE_DROPPED, &[3]),
    (&RECEIVE_FIFO, &[4]),
    (&RECEIVE_FRAME, &[5]),
    (&RECEIVE_COMPRESSED, &[6]),
    (&RECEIVE_MULTICAST, &[7]),
    (&TRANSMIT_BYTES, &[8]),
    (&TRANSMIT_PACKETS, &[9]),
    (&TRANSMIT_ERRORS, &[10]),
    (&TRANSMIT_DROPPED, &[11]),
    (&TRANSMIT_FIFO, &[12]),
    (&TRANSMIT_COLLS, &[13]),
    (&TRANSMIT_CARRIER, &[14]),
    (&TRANSMIT_COMPRESSED, &[15]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sources_have_the_same_names() {
        let names = |statistics: Statistics| statistics.iter().map(|(desc, _)| desc.name).collect::<Vec<_>>();
        let mut netlink = names(FROM_NETLINK);
        netlink.retain(|&name| name != RECEIVE_NOHANDLER.name);
        assert_eq!(netlink, names(FROM_PROC), "but for the counter that /proc/net/dev has not");
    }

    #[test]
    fn each_counter_is_used_once() {
        for (statistics, counters) in
            [(FROM_NETLINK, 24), (FROM_NETLINK_DETAILED, 24), (FROM_PROC, 16), (FROM_PROC_DETAILED, 16)]
        {
            let mut used: Vec<usize> = statistics.iter().flat_map(|(_, parts)| parts.iter().copied()).collect();
            used.sort_unstable();
            assert_eq!(used, (0..counters).collect::<Vec<_>>());
        }
    }
}
