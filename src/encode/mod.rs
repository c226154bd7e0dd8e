//! The exposition: what goes over the wire when someone scrapes. Reads only [`model`](crate::model).

mod accept;
mod encoder;
mod escape;
mod labels;
mod number;
mod openmetrics;
mod owners;
mod text;

pub use encoder::{Encoder, Names, Refused};
pub use escape::escape_label_value;
pub use number::write_value;

/// A format of the exposition.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// Text 0.0.4.
    #[default]
    Text,
    /// OpenMetrics 1.0.
    OpenMetrics,
}

impl Format {
    /// `Content-Type` of a body. Source: <https://prometheus.io/docs/instrumenting/exposition_formats/>.
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Text => "text/plain; version=0.0.4; charset=utf-8",
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
        }
    }

    /// The format that a scraper with this `Accept` wants most.
    pub fn of_accept(accept: &str) -> Self {
        if accept::prefers_openmetrics(accept) { Self::OpenMetrics } else { Self::Text }
    }
}
