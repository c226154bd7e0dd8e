//! Questions to the kernel over rtnetlink: what links, addresses, neighbours and queues there are. Source: rtnetlink(7), netlink(7).
//!
//! `message` and the decoders of its bodies are pure: bytes in, values or [`Malformed`](message::Malformed) out. `socket` asks.

pub mod address;
pub mod generic;
pub mod link;
pub mod message;
pub mod neighbour;
pub mod qdisc;
mod socket;

pub use socket::dump;
