//! Time of each CPU by mode. Source: `host_processor_info`, `PROCESSOR_CPU_LOAD_INFO`. Unit: seconds, from ticks of
//! 1/100 s.
//!
//! The kernel hands out the low 32 bits of its counts, which start anew after 497 days in a mode: a running total goes
//! on.

use super::bytes::u32_at;
use super::kernel::Question;
use crate::host::{CollectError, Collector, Metrics, Spec};
use crate::model::{Desc, Sink};

static SECONDS: Desc<'static> =
    Desc::counter("node_cpu_seconds_total", "Seconds the CPUs spent in each mode.", &["cpu", "mode"]);

/// The collector `cpu`.
pub static SPEC: Spec = Spec {
    name: "cpu",
    about: "time of each CPU by mode",
    default_enabled: true,
    flags: &[],
    build: |_| Ok(Box::new(Cpu::default())),
};

/// What it shows.
pub static METRICS: Metrics = &[&SECONDS];

/// Places in `struct processor_cpu_load_info`, from `mach/machine.h`.
pub const USER: usize = 0;
pub const SYSTEM: usize = 1;
pub const IDLE: usize = 2;
pub const NICE: usize = 3;
pub const STATES: usize = 4;

const MODES: [(&str, usize); STATES] = [("user", USER), ("system", SYSTEM), ("nice", NICE), ("idle", IDLE)];

/// `CLK_TCK` of `time.h`.
const TICKS_PER_SECOND: f64 = 100.0;

/// A count that falls behind by no more than this was read while the kernel moved it; one that falls further started
/// anew.
const JITTER_TICKS: u32 = 1000;

#[derive(Default)]
struct Cpu {
    cpus: Vec<[Total; STATES]>,
}

impl Collector for Cpu {
    fn collect(&mut self, out: &mut dyn Sink) -> Result<(), CollectError> {
        self.advance(&Question::CpuLoads.answer(decode)?);
        emit(&self.cpus, out);
        Ok(())
    }
}

impl Cpu {
    fn advance(&mut self, loads: &[[u32; STATES]]) {
        self.cpus.truncate(loads.len());
        for (cpu, load) in self.cpus.iter_mut().zip(loads) {
            cpu.iter_mut().zip(load).for_each(|(total, ticks)| total.advance(*ticks));
        }
        let new = loads.iter().skip(self.cpus.len());
        self.cpus.extend(new.map(|load| load.map(Total::start)));
    }
}

/// A count of 32 bits, carried on in 64.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Total {
    last: u32,
    ticks: u64,
}

impl Total {
    fn start(ticks: u32) -> Self {
        Self { last: ticks, ticks: ticks.into() }
    }

    /// Adds what was counted since the last look. Less than half the range is a step forward, over the end as well.
    fn advance(&mut self, now: u32) {
        let forward = now.wrapping_sub(self.last);
        if forward <= u32::MAX / 2 {
            self.ticks += u64::from(forward);
            self.last = now;
        } else if self.last.wrapping_sub(now) > JITTER_TICKS {
            self.last = now;
        }
    }
}

fn decode(bytes: &[u8]) -> Option<Vec<[u32; STATES]>> {
    let (cpus, rest) = bytes.as_chunks::<{ STATES * 4 }>();
    let load = |cpu: &[u8; STATES * 4]| {
        let mut load = [0; STATES];
        for (state, ticks) in load.iter_mut().enumerate() {
            *ticks = u32_at(cpu, state * 4)?;
        }
        Some(load)
    };
    if cpus.is_empty() || !rest.is_empty() { None } else { cpus.iter().map(load).collect() }
}

fn emit(cpus: &[[Total; STATES]], out: &mut dyn Sink) {
    let mut family = out.family(&SECONDS);
    let mut number = itoa::Buffer::new();
    for (cpu, totals) in cpus.iter().enumerate() {
        let cpu = number.format(cpu);
        for (mode, state) in MODES {
            family.sample(&[cpu, mode], seconds_from_ticks(totals[state].ticks));
        }
    }
}

fn seconds_from_ticks(ticks: u64) -> f64 {
    ticks as f64 / TICKS_PER_SECOND
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::macos::tests::{golden, survives};

    fn bytes(loads: &[[u32; STATES]]) -> Vec<u8> {
        loads.iter().flatten().flat_map(|ticks| ticks.to_le_bytes()).collect()
    }

    #[test]
    fn each_cpu_has_its_modes() {
        let loads = [[1_234_567, 89_012, 3_456_789, 0], [7, 8, u32::MAX, 9]];
        let mut cpu = Cpu::default();
        cpu.advance(&decode(&bytes(&loads)).unwrap());
        golden("cpu", |out| emit(&cpu.cpus, out));
        survives(&bytes(&loads), |bytes| {
            decode(bytes);
        });
    }

    #[test]
    fn loads_are_whole_and_at_least_one() {
        for (len, want) in [(0, None), (15, None), (16, Some(1)), (17, None), (32, Some(2))] {
            assert_eq!(decode(&vec![1; len]).map(|cpus| cpus.len()), want, "{len} bytes");
        }
    }

    #[test]
    fn a_total_goes_on_when_the_count_starts_anew() {
        const QUARTER: u32 = 1 << 30;
        for (counts, want) in [
            (&[5, 5, 7][..], 7),
            (&[u32::MAX - 1, 3], u64::from(u32::MAX) + 4),
            (&[u32::MAX, 0, QUARTER, 2 * QUARTER, 3 * QUARTER, u32::MAX, 1], 2 * u64::from(u32::MAX) + 3),
            // The kernel moved it while it was read.
            (&[5000, 4990, 4999, 5001], 5001),
            // It started anew far from the end.
            (&[50_000, 10, 20], 50_010),
        ] {
            let mut total = Total::start(counts[0]);
            for count in &counts[1..] {
                let before = total.ticks;
                total.advance(*count);
                assert!(total.ticks >= before, "{counts:?}");
            }
            assert_eq!(total.ticks, want, "{counts:?}");
        }
    }

    #[test]
    fn cpus_come_and_go() {
        let mut cpu = Cpu::default();
        cpu.advance(&[[1; STATES], [2; STATES]]);
        cpu.advance(&[[3; STATES]]);
        cpu.advance(&[[3; STATES], [9; STATES]]);
        assert_eq!(cpu.cpus, [[Total::start(3); STATES], [Total::start(9); STATES]]);
    }
}
