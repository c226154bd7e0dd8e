//! tallyd as a service.

pub mod notify;
