//! StatsD: from packets to values.

pub mod observe;
