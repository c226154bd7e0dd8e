//! What ends the agent or makes it read its files again: signals, and requests where they are enabled.

use crate::statsd::reload::{ReloadError, Reloader};
use crate::threads::Threads;
use crate::web::Lifecycle;
use crossbeam_channel::{Receiver, Sender, bounded};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::{Handle, Signals};
use std::io;
use std::sync::Arc;

/// Signals that wait while a file is read; those that come still later wait in the system.
const WAITING: usize = 8;

/// What the agent is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    Signal(i32),
    Quit,
}

/// Waits for orders.
pub struct Orders {
    sender: Sender<Order>,
    receiver: Receiver<Order>,
    signals: Handle,
}

/// Signals that are caught, before anyone listens to them.
pub struct Caught(Signals);

impl Caught {
    /// Catches all signals that mean something to the agent.
    pub fn new() -> io::Result<Self> {
        Signals::new([SIGTERM, SIGINT, SIGHUP]).map(Self)
    }
}

impl Orders {
    /// Starts the thread that hears signals.
    pub fn start(caught: Caught, threads: &mut Threads) -> io::Result<Self> {
        let (sender, receiver) = bounded(WAITING);
        let Caught(mut signals) = caught;
        let (handle, to) = (signals.handle(), sender.clone());
        threads.spawn("signals", move || {
            for signal in signals.forever() {
                if to.send(Order::Signal(signal)).is_err() {
                    return;
                }
            }
        })?;
        Ok(Self { sender, receiver, signals: handle })
    }

    /// For requests.
    pub fn by_http(&self, reloader: &Arc<Reloader>) -> Arc<dyn Lifecycle> {
        Arc::new(ByHttp { reloader: Arc::clone(reloader), orders: self.sender.clone() })
    }

    /// Waits for what ends the agent. From then on signals are taken and mean nothing.
    pub fn wait(self, reloader: &Reloader) {
        for order in &self.receiver {
            match order {
                Order::Signal(SIGHUP) => drop(reload("SIGHUP", reloader)),
                Order::Signal(signal) => {
                    log::info!("stopping: {}", signal_hook::low_level::signal_name(signal).unwrap_or("signal"));
                    break;
                }
                Order::Quit => {
                    log::info!("stopping: /-/quit");
                    break;
                }
            }
        }
        self.signals.close();
    }
}

/// Reads the mapping file again, and logs what came of it.
fn reload(on: &str, reloader: &Reloader) -> Result<usize, ReloadError> {
    let result = reloader.reload();
    match &result {
        Ok(rules) => log::info!("{on}: read the mapping file again, {rules} rules"),
        Err(e) => log::warn!("{on}: {e}"),
    }
    result
}

struct ByHttp {
    reloader: Arc<Reloader>,
    orders: Sender<Order>,
}

impl Lifecycle for ByHttp {
    fn reload(&self) -> Result<String, String> {
        match reload("/-/reload", &self.reloader) {
            Ok(rules) => Ok(format!("The mapping file was read again, {rules} rules.")),
            // Nothing is wrong, as statsd_exporter has it.
            Err(e @ ReloadError::NoFile) => Ok(sentence(&e)),
            Err(e) => Err(sentence(&e)),
        }
    }

    fn quit(&self) {
        // Full only if the agent has been told already.
        self.orders.try_send(Order::Quit).ok();
    }
}

/// An error with a capital and a full stop.
fn sentence(error: &ReloadError) -> String {
    let text = error.to_string();
    let mut chars = text.chars();
    let first = chars.next().map(|first| first.to_ascii_uppercase());
    format!("{}{}.", first.unwrap_or_default(), chars.as_str())
}
