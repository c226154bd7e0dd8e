//! Reload and quit by HTTP. Names are those of Prometheus and statsd_exporter.

use super::head::Request;
use super::print::{PLAIN, field};
use super::ready::Ready;
use super::routes::{response, text};
use crossbeam_channel::{Receiver, TryRecvError, bounded};
use std::fmt;
use std::io::{self, Cursor, Read};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tiny_http::ResponseBox;

/// Path that reads files again.
pub const RELOAD: &str = "/-/reload";
/// Path that ends the agent.
pub const QUIT: &str = "/-/quit";

/// An answer to a reload is looked at again after this time, should nobody say what came of it: beyond any deadline.
const NEVER: Duration = Duration::from_secs(3600);

/// Takes what came of a reload: a sentence, either way.
pub type Told = Box<dyn FnOnce(Result<String, String>) + Send>;

/// What can be done to the agent from outside.
pub trait Lifecycle: Send + Sync {
    /// Has the agent's files read again, all or nothing, by another thread: who asks here answers others as well.
    fn reload(&self, told: Told);

    /// Ends the agent as a signal does, once the answers under way are over.
    fn quit(&self);
}

/// Answers a request for one of the two paths.
pub fn answer(request: &Request, lifecycle: Option<&Arc<dyn Lifecycle>>, ready: &Ready) -> ResponseBox {
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
    let (say, said) = bounded(1);
    let to_say = ready.clone();
    lifecycle.reload(Box::new(move |result| {
        // An error here only means that the client is gone.
        say.send(result).ok();
        to_say.say();
    }));
    response(200, PLAIN, None, Box::new(Outcome { said, sentence: None, ready: ready.clone() }), None)
}

/// The body of the answer to a reload: what came of it, once that was said. A reload that failed is a body that fails.
struct Outcome {
    said: Receiver<Result<String, String>>,
    sentence: Option<Cursor<String>>,
    ready: Ready,
}

impl Read for Outcome {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if let Some(sentence) = &mut self.sentence {
            return sentence.read(buf);
        }
        match self.said.try_recv() {
            Ok(Ok(sentence)) => self.sentence.insert(Cursor::new(sentence + "\n")).read(buf),
            Ok(Err(sentence)) => Err(io::Error::other(NotReloaded(sentence))),
            Err(TryRecvError::Empty) => Err(self.ready.not_yet(Instant::now() + NEVER)),
            // Nobody says it any more.
            Err(TryRecvError::Disconnected) => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }
}

/// Why a reload failed: a sentence.
#[derive(Debug)]
struct NotReloaded(String);

impl fmt::Display for NotReloaded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NotReloaded {}

/// The answer to a reload that has failed, if this is how its body did.
pub fn failed(error: &io::Error) -> Option<ResponseBox> {
    let why = error.get_ref()?.downcast_ref::<NotReloaded>()?;
    Some(text(500, PLAIN, format!("{why}\n")))
}
