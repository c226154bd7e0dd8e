//! The kernel's pool of randomness. Source: random(4), `/proc/sys/kernel/random`. Unit: bits.

use crate::host::files::Kept;
use crate::host::{CollectError, Collector, Metrics, Spec};
use crate::model::{Desc, Sink};

static AVAILABLE: Desc<'static> = Desc::gauge("node_entropy_available_bits", "Bits of available entropy.", &[]);
static POOL: Desc<'static> = Desc::gauge("node_entropy_pool_size_bits", "Bits of entropy pool.", &[]);

/// The collector `entropy`.
pub static SPEC: Spec = Spec {
    name: "entropy",
    about: "available entropy from /proc/sys/kernel/random",
    default_enabled: true,
    flags: &[],
    build: |env| {
        let file = |name| Kept::new(env.roots.proc("sys/kernel/random").join(name));
        Ok(Box::new(Entropy { available: file("entropy_avail"), pool: file("poolsize") }))
    },
};

/// What it shows.
pub static METRICS: Metrics = &[&AVAILABLE, &POOL];

/// Both in bits.
struct Entropy {
    available: Kept,
    pool: Kept,
}

impl Collector for Entropy {
    fn collect(&mut self, out: &mut dyn Sink) -> Result<(), CollectError> {
        emit([self.available.number()?, self.pool.number()?], out);
        Ok(())
    }
}

fn emit([available, pool]: [f64; 2], out: &mut dyn Sink) {
    out.one(&AVAILABLE, available);
    out.one(&POOL, pool);
}
