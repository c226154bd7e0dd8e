//! Reload and quit by request, where that is enabled.

use crate::statsd::reload::{ReloadError, Reloader};
use crate::web::Lifecycle;
use signal_hook::consts::SIGTERM;
use signal_hook::low_level::raise;
use std::sync::Arc;

/// Does what a request asks for.
pub struct ByHttp(Arc<Reloader>);

impl ByHttp {
    /// With this reloader.
    pub fn new(reloader: &Arc<Reloader>) -> Self {
        Self(Arc::clone(reloader))
    }
}

impl Lifecycle for ByHttp {
    fn reload(&self) -> Result<String, String> {
        let result = self.0.reload();
        match &result {
            Ok(rules) => log::info!("/-/reload: read the mapping file again, {rules} rules"),
            Err(e) => log::warn!("/-/reload: {e}"),
        }
        match result {
            Ok(rules) => Ok(format!("The mapping file was read again, {rules} rules.")),
            // Nothing is wrong, as statsd_exporter has it.
            Err(e @ ReloadError::NoFile) => Ok(sentence(&e)),
            Err(e) => Err(sentence(&e)),
        }
    }

    fn quit(&self) {
        log::info!("/-/quit: asked to stop");
        // The one way to end: what waits for signals is the only one that stops the agent.
        if let Err(e) = raise(SIGTERM) {
            log::warn!("/-/quit: {e}");
        }
    }
}

/// An error with a capital and a full stop.
fn sentence(error: &ReloadError) -> String {
    let text = error.to_string();
    let mut chars = text.chars();
    let first = chars.next().map(|first| first.to_ascii_uppercase());
    format!("{}{}.", first.unwrap_or_default(), chars.as_str())
}
