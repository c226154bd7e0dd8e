//! Wires the parts together: starts them in order, waits, and stops them in reverse.

use crate::config::Config;
use crate::lifecycle::ByHttp;
use crate::memory;
use crate::once::Throttle;
use crate::scrape::{Bodies, Sources};
use crate::service::notify::Notify;
use crate::signals::Signals;
use crate::statsd::receive::{self, Receivers, Shared, Sockets};
use crate::statsd::reload::{Reloader, warn_unused};
use crate::statsd::{self, Clock, Pipeline, relay};
use crate::stop::Stop;
use crate::telemetry::{Registrar, Telemetry};
use crate::threads::Threads;
use crate::web::{self, Served, Web};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use std::fmt;
use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// A stop that takes longer gives up on the threads that are late.
const STOP_LIMIT: Duration = Duration::from_millis(1800);

/// Why the agent could not start: one sentence.
#[derive(Debug)]
pub struct AgentError(String);

impl fmt::Display for AgentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for AgentError {}

/// The same error, told as a sentence.
fn cannot<E: fmt::Display>(what: &'static str) -> impl Fn(E) -> AgentError {
    move |e| AgentError(format!("can't {what}: {e}"))
}

/// Runs until a signal or a request ends it.
pub fn run(config: Config) -> Result<(), AgentError> {
    // Every socket is bound before anything is served, and every signal caught before anyone could send one.
    let told = |e: &dyn fmt::Display| AgentError(e.to_string());
    let mut signals = Signals::catch(&[SIGTERM, SIGINT, SIGHUP]).map_err(cannot("catch signals"))?;
    let manager = Notify::from_env();
    let sockets = Sockets::bind(&config.statsd).map_err(|e| told(&e))?;
    let relay_socket =
        config.statsd.relay.as_ref().map(relay::bind).transpose().map_err(cannot("make a socket for the relay"))?;
    let listeners = config.web.bind().map_err(|e| told(&e))?;
    let statsd_places = sockets.describe().join(", ");

    let telemetry = Telemetry::new(config.telemetry);
    let registry = telemetry.registry.clone();

    warn_unused(&config.mapper);
    let metrics = statsd::Metrics::new(&registry).map_err(cannot("register metrics"))?;
    let made = config.statsd.relay.as_ref().zip(relay_socket);
    let made = made.map(|(target, socket)| relay::new(target, socket, &registry)).transpose();
    let (relay, outlet) = made.map_err(cannot("register metrics"))?.unzip();
    let shared = Shared {
        relay,
        pipeline: Arc::new(Pipeline::new(metrics, &config.statsd.options, config.mapper)),
        metrics: Arc::new(receive::Metrics::new(&registry).map_err(cannot("register metrics"))?),
        clock: Clock::start(),
        stop: Arc::new(Stop::new().map_err(cannot("make a pipe"))?),
    };
    let reloader = Reloader::new(config.statsd.mapping, Arc::clone(&shared.pipeline), &registry)
        .map_err(cannot("register metrics"))?;
    let reloader = Arc::new(reloader);
    let refused = Registrar(&registry)
        .counter(
            "tallyd_families_refused_total",
            "Metrics left out of a scrape, whole or in part: another source of it has one of the same name, or OpenMetrics \
             has no such value.",
        )
        .map_err(cannot("register metrics"))?;
    let stats = web::Stats::register(&registry).map_err(cannot("register metrics"))?;

    let mut threads = Threads::default();
    start_relay(outlet, &shared, &mut threads)?;
    let receivers = Receivers::start(sockets, &shared, &mut threads).map_err(cannot("start threads"))?;
    let pipeline = Arc::clone(&shared.pipeline);
    let sources = Arc::new(Sources {
        telemetry,
        clock: shared.clock,
        host: config.host,
        pipeline,
        receivers,
        refused,
        complaints: Throttle::default(),
    });
    let places: Vec<String> = listeners.iter().filter_map(|l| Some(l.local_addr().ok()?.to_string())).collect();
    let ready = Arc::clone(&config.web.settings.ready);
    let path = config.web.settings.telemetry_path.clone();
    let served = Served {
        scraper: Arc::new(Bodies(Arc::clone(&sources))),
        lifecycle: config.web.lifecycle.then(|| ByHttp::new(&reloader)),
    };
    let web = Web::start(listeners, &config.web.settings, served, stats).map_err(cannot("start threads"))?;
    ready.store(true, Ordering::Release);
    announce(&places, &path, &statsd_places, &sources);
    memory::give_back();
    manager.ready(&format!("serving {path} on {}", places.join(", ")));

    wait(&mut signals, &reloader, &manager).map_err(cannot("wait for signals"))?;
    manager.stopping();
    let deadline = Instant::now() + STOP_LIMIT;
    ready.store(false, Ordering::Release);
    web.stop();
    shared.stop.say();
    if let Err(late) = threads.join(deadline) {
        log::warn!("ended without waiting for {}", late.join(", "));
    }
    log::info!("stopped");
    Ok(())
}

/// Starts the thread that sends lines on, if there is to be one.
fn start_relay(outlet: Option<relay::Outlet>, shared: &Shared, threads: &mut Threads) -> Result<(), AgentError> {
    let Some(outlet) = outlet else { return Ok(()) };
    let stop = Arc::clone(&shared.stop);
    threads.spawn("statsd-relay", move || outlet.run(&stop)).map_err(cannot("start threads"))
}

/// Says what listens where, and how to see it.
fn announce(web: &[String], path: &str, statsd: &str, sources: &Sources) {
    let collectors: Vec<&str> = sources.host.names().collect();
    log::info!("tallyd {} collects {}", env!("CARGO_PKG_VERSION"), collectors.join(" "));
    log::info!("listening for StatsD on {}", if statsd.is_empty() { "nothing" } else { statsd });
    for place in web {
        log::info!("serving metrics on http://{place}{path}");
    }
}

/// Waits for a signal that ends the agent, and shows the service manager meanwhile that it lives.
fn wait(signals: &mut Signals, reloader: &Reloader, manager: &Notify) -> io::Result<()> {
    loop {
        for signal in signals.wait(manager.interval())? {
            if signal != SIGHUP {
                log::info!("stopping: {}", signal_hook::low_level::signal_name(signal).unwrap_or("signal"));
                return Ok(());
            }
            manager.reloading();
            match reloader.reload() {
                Ok(rules) => log::info!("SIGHUP: read the mapping file again, {rules} rules"),
                Err(e) => log::warn!("SIGHUP: {e}"),
            }
            manager.reloaded();
        }
        manager.alive();
    }
}
