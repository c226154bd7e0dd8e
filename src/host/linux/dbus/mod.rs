//! A client of D-Bus for what collectors ask: method calls with arguments of text, answered by plain values. Source: the
//! D-Bus Specification 0.43.
//!
//! `message` and `reader` are pure: values to bytes, and bytes to values or [`Malformed`]. `bus` is the connection. Signals,
//! file descriptors and services of our own are not here.

mod bus;
mod message;
mod reader;
#[cfg(test)]
mod tests;

pub use bus::Bus;
pub use message::Call;
pub use reader::{Body, Malformed, Value};
