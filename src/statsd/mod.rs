//! StatsD: from packets to series.

pub mod map;
