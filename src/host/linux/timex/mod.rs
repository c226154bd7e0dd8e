//! The kernel's clock discipline. Source: adjtimex(2). Unit: micro- or nanoseconds and scaled parts per million there,
//! seconds and ratios here.

mod sys;

use crate::host::{CollectError, Collector, Metrics, Spec};
use crate::model::{Desc, Sink, refs};
use std::io::ErrorKind;

/// In the order of [`values`].
static FAMILIES: [Desc<'static>; 18] = [
    Desc::gauge("node_timex_sync_status", "Is clock synchronized to a reliable server (1 = yes, 0 = no).", &[]),
    Desc::gauge("node_timex_offset_seconds", "Time offset in between local system and reference clock.", &[]),
    Desc::counter(
        "node_timex_offset_overflow_total",
        "Count of adjtimex() offset readings indicating kernel overflow (|offset| > 4s). \
         See https://github.com/prometheus/node_exporter/issues/3764",
        &[],
    ),
    Desc::gauge("node_timex_frequency_adjustment_ratio", "Local clock frequency adjustment.", &[]),
    Desc::gauge("node_timex_maxerror_seconds", "Maximum error in seconds.", &[]),
    Desc::gauge("node_timex_estimated_error_seconds", "Estimated error in seconds.", &[]),
    Desc::gauge("node_timex_status", "Value of the status array bits.", &[]),
    Desc::gauge("node_timex_loop_time_constant", "Phase-locked loop time constant.", &[]),
    Desc::gauge("node_timex_tick_seconds", "Seconds between clock ticks.", &[]),
    Desc::gauge("node_timex_pps_frequency_hertz", "Pulse per second frequency.", &[]),
    Desc::gauge("node_timex_pps_jitter_seconds", "Pulse per second jitter.", &[]),
    Desc::gauge("node_timex_pps_shift_seconds", "Pulse per second interval duration.", &[]),
    Desc::gauge(
        "node_timex_pps_stability_hertz",
        "Pulse per second stability, average of recent frequency changes.",
        &[],
    ),
    Desc::counter("node_timex_pps_jitter_total", "Pulse per second count of jitter limit exceeded events.", &[]),
    Desc::counter("node_timex_pps_calibration_total", "Pulse per second count of calibration intervals.", &[]),
    Desc::counter("node_timex_pps_error_total", "Pulse per second count of calibration errors.", &[]),
    Desc::counter(
        "node_timex_pps_stability_exceeded_total",
        "Pulse per second count of stability limit exceeded events.",
        &[],
    ),
    Desc::gauge("node_timex_tai_offset_seconds", "International Atomic Time (TAI) offset.", &[]),
];

/// A frequency is in parts per million with a 16-bit fraction.
const SCALED_PPM: f64 = 1e6 * 65536.0;
/// An offset beyond this is an overflow of the kernel's figure, as seen with KVM's clock: 2^32 ns are 4.29 s.
const MAX_OFFSET_SECONDS: f64 = 4.0;

/// The collector `timex`.
pub static SPEC: Spec = Spec {
    name: "timex",
    about: "the kernel's clock discipline from adjtimex(2)",
    default_enabled: true,
    flags: &[],
    build: |_| Ok(Box::new(Timex { overflows: 0 })),
};

/// What it shows.
pub static METRICS: Metrics = &refs(&FAMILIES);

struct Timex {
    overflows: u32,
}

impl Collector for Timex {
    fn collect(&mut self, out: &mut dyn Sink) -> Result<(), CollectError> {
        // Containers may not be allowed to ask.
        let (state, timex) = sys::adjtimex().map_err(|e| match e.kind() {
            ErrorKind::PermissionDenied => CollectError::NoData(format!("adjtimex: {e}")),
            _ => CollectError::call("adjtimex", e),
        })?;
        if offset_seconds(&timex).abs() > MAX_OFFSET_SECONDS {
            self.overflows += 1;
        }
        emit(&values(state, &timex, self.overflows), out);
        Ok(())
    }
}

/// What a second has of the unit that offset and jitter are in.
fn units_per_second(timex: &libc::timex) -> f64 {
    if timex.status & libc::STA_NANO == 0 { 1e6 } else { 1e9 }
}

fn offset_seconds(timex: &libc::timex) -> f64 {
    timex.offset as f64 / units_per_second(timex)
}

fn values(state: i32, timex: &libc::timex, overflows: u32) -> [f64; 18] {
    [
        f64::from(u8::from(state != libc::TIME_ERROR)),
        offset_seconds(timex),
        f64::from(overflows),
        1.0 + timex.freq as f64 / SCALED_PPM,
        timex.maxerror as f64 / 1e6,
        timex.esterror as f64 / 1e6,
        f64::from(timex.status),
        timex.constant as f64,
        timex.tick as f64 / 1e6,
        timex.ppsfreq as f64 / SCALED_PPM,
        timex.jitter as f64 / units_per_second(timex),
        f64::from(timex.shift),
        timex.stabil as f64 / SCALED_PPM,
        timex.jitcnt as f64,
        timex.calcnt as f64,
        timex.errcnt as f64,
        timex.stbcnt as f64,
        f64::from(timex.tai),
    ]
}

fn emit(values: &[f64; 18], out: &mut dyn Sink) {
    for (desc, value) in FAMILIES.iter().zip(values) {
        out.one(desc, *value);
    }
}
