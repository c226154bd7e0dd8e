//! Reload and quit by HTTP. Names are those of Prometheus and statsd_exporter.

use super::head::Request;
use super::print::{PLAIN, field};
use super::routes::{response, text};
use std::io::Cursor;
use std::sync::Arc;
use tiny_http::ResponseBox;

/// Path that reads files again.
pub const RELOAD: &str = "/-/reload";
/// Path that ends the agent.
pub const QUIT: &str = "/-/quit";

/// What can be done to the agent from outside.
pub trait Lifecycle: Send + Sync {
    /// Reads the agent's files again, all or nothing. Either way a sentence that says what came of it.
    fn reload(&self) -> Result<String, String>;

    /// Ends the agent as a signal does, once the answers under way are over.
    fn quit(&self);
}

/// Answers a request for one of the two paths.
pub fn answer(request: &Request, lifecycle: Option<&Arc<dyn Lifecycle>>) -> ResponseBox {
    if !request.is_command() {
        let body = b"Only POST and PUT are served here.\n";
        return response(405, PLAIN, field("Allow", "POST, PUT"), Box::new(Cursor::new(body)), Some(body.len()));
    }
    let Some(lifecycle) = lifecycle else {
        let sentence = "Lifecycle API is not enabled; --web.enable-lifecycle enables it.\n";
        return text(403, PLAIN, sentence.into());
    };
    // Browsers name the page that sends a POST, even to the reader's own host; nobody else does.
    if !request.header("Origin").is_empty() {
        return text(403, PLAIN, "A web page may not do this.\n".into());
    }
    if request.path == QUIT {
        lifecycle.quit();
        return text(200, PLAIN, "tallyd stops.\n".into());
    }
    match lifecycle.reload() {
        Ok(sentence) => text(200, PLAIN, sentence + "\n"),
        Err(sentence) => text(500, PLAIN, sentence + "\n"),
    }
}
