//! Packets that IPsec dropped, by reason. Source: Documentation/networking/xfrm_proc.rst in the kernel,
//! `/proc/net/xfrm_stat`. Unit: packets.

use crate::host::{CollectError, Collector, Metrics, Roots, Spec, files};
use crate::model::{Desc, Sink, heads};
use std::path::Path;

const fn counter(name: &'static str, help: &'static str, line: &'static str) -> (Desc<'static>, &'static str) {
    (Desc::counter(name, help, &[]), line)
}

/// Each with the first word of its line.
static FAMILIES: [(Desc<'static>, &str); 28] = [
    counter("node_xfrm_in_error_packets_total", "All errors not matched by other", "XfrmInError"),
    counter("node_xfrm_in_buffer_error_packets_total", "No buffer is left", "XfrmInBufferError"),
    counter("node_xfrm_in_hdr_error_packets_total", "Header error", "XfrmInHdrError"),
    counter(
        "node_xfrm_in_no_states_packets_total",
        "No state is found i.e. Either inbound SPI, address, or IPsec protocol at SA is wrong",
        "XfrmInNoStates",
    ),
    counter(
        "node_xfrm_in_state_proto_error_packets_total",
        "Transformation protocol specific error e.g. SA key is wrong",
        "XfrmInStateProtoError",
    ),
    counter(
        "node_xfrm_in_state_mode_error_packets_total",
        "Transformation mode specific error",
        "XfrmInStateModeError",
    ),
    counter(
        "node_xfrm_in_state_seq_error_packets_total",
        "Sequence error i.e. Sequence number is out of window",
        "XfrmInStateSeqError",
    ),
    counter("node_xfrm_in_state_expired_packets_total", "State is expired", "XfrmInStateExpired"),
    counter(
        "node_xfrm_in_state_mismatch_packets_total",
        "State has mismatch option e.g. UDP encapsulation type is mismatch",
        "XfrmInStateMismatch",
    ),
    counter("node_xfrm_in_state_invalid_packets_total", "State is invalid", "XfrmInStateInvalid"),
    counter(
        "node_xfrm_in_tmpl_mismatch_packets_total",
        "No matching template for states e.g. Inbound SAs are correct but SP rule is wrong",
        "XfrmInTmplMismatch",
    ),
    counter(
        "node_xfrm_in_no_pols_packets_total",
        "No policy is found for states e.g. Inbound SAs are correct but no SP is found",
        "XfrmInNoPols",
    ),
    counter("node_xfrm_in_pol_block_packets_total", "Policy discards", "XfrmInPolBlock"),
    counter("node_xfrm_in_pol_error_packets_total", "Policy error", "XfrmInPolError"),
    counter("node_xfrm_out_error_packets_total", "All errors which is not matched others", "XfrmOutError"),
    counter("node_xfrm_out_bundle_gen_error_packets_total", "Bundle generation error", "XfrmOutBundleGenError"),
    counter("node_xfrm_out_bundle_check_error_packets_total", "Bundle check error", "XfrmOutBundleCheckError"),
    counter("node_xfrm_out_no_states_packets_total", "No state is found", "XfrmOutNoStates"),
    counter(
        "node_xfrm_out_state_proto_error_packets_total",
        "Transformation protocol specific error",
        "XfrmOutStateProtoError",
    ),
    counter(
        "node_xfrm_out_state_mode_error_packets_total",
        "Transformation mode specific error",
        "XfrmOutStateModeError",
    ),
    counter(
        "node_xfrm_out_state_seq_error_packets_total",
        "Sequence error i.e. Sequence number overflow",
        "XfrmOutStateSeqError",
    ),
    counter("node_xfrm_out_state_expired_packets_total", "State is expired", "XfrmOutStateExpired"),
    counter("node_xfrm_out_pol_block_packets_total", "Policy discards", "XfrmOutPolBlock"),
    counter("node_xfrm_out_pol_dead_packets_total", "Policy is dead", "XfrmOutPolDead"),
    counter("node_xfrm_out_pol_error_packets_total", "Policy error", "XfrmOutPolError"),
    counter("node_xfrm_fwd_hdr_error_packets_total", "Forward routing of a packet is not allowed", "XfrmFwdHdrError"),
    counter("node_xfrm_out_state_invalid_packets_total", "State is invalid, perhaps expired", "XfrmOutStateInvalid"),
    counter("node_xfrm_acquire_error_packets_total", "State hasn’t been fully acquired before use", "XfrmAcquireError"),
];

/// The collector `xfrm`.
pub static SPEC: Spec = Spec {
    name: "xfrm",
    about: "packets that IPsec dropped from /proc/net/xfrm_stat",
    default_enabled: false,
    flags: &[],
    build: |env| Ok(Box::new(Xfrm { roots: env.roots.clone() })),
};

/// What it shows.
pub static METRICS: Metrics = &heads(&FAMILIES);

struct Xfrm {
    roots: Roots,
}

impl Collector for Xfrm {
    fn collect(&mut self, out: &mut dyn Sink) -> Result<(), CollectError> {
        let path = self.roots.proc("net/xfrm_stat");
        // Only with CONFIG_XFRM_STATISTICS.
        let text = files::read(&path).map_err(CollectError::absent_is_no_data)?;
        emit(&parse(&path, &text)?, out);
        Ok(())
    }
}

/// In the order of [`FAMILIES`]; a reason that the kernel does not know counts as 0.
fn parse(path: &Path, text: &str) -> Result<Vec<f64>, CollectError> {
    let mut figures = vec![0.0; FAMILIES.len()];
    for (at, line) in files::lines(text) {
        let Some((word, value)) = line.split_once(char::is_whitespace) else { continue };
        if let Some(place) = FAMILIES.iter().position(|(_, wanted)| *wanted == word) {
            figures[place] = files::parse_count(path, at, value.trim())?;
        }
    }
    Ok(figures)
}

fn emit(figures: &[f64], out: &mut dyn Sink) {
    for ((desc, _), figure) in FAMILIES.iter().zip(figures) {
        out.one(desc, *figure);
    }
}
