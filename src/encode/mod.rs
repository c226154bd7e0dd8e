//! The exposition: what goes over the wire when someone scrapes. Reads only [`model`](crate::model).

mod escape;
mod number;
mod text;

pub use escape::escape_label_value;
pub use number::write_value;
pub use text::Encoder;

/// `Content-Type` of the text format 0.0.4.
/// Source: <https://prometheus.io/docs/instrumenting/exposition_formats/>.
pub const TEXT_CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";
