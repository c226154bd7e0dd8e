//! Wires the parts together: starts them in order, waits, and stops them in reverse.

use crate::config::Config;
use crate::lifecycle::ByHttp;
use crate::listen::BindError;
use crate::listen::passed::Passed;
use crate::memory::{self, Room};
use crate::scrape::{Bodies, Crew, LeftOut, Sources};
use crate::service::notify::Notify;
use crate::signals::{self, Signals};
use crate::statsd::map::Mapper;
use crate::statsd::receive::{self, Receivers, Shared, Sockets};
use crate::statsd::reload::{Reloader, warn_unused};
use crate::statsd::state::{self, Keeper, StateFile};
use crate::statsd::{self, Clock, Pipeline, relay};
use crate::stop::Stop;
use crate::telemetry::{self, Registry, Telemetry};
use crate::threads::Threads;
use crate::web::{self, Lifecycle, Served, Web};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGXFSZ};
use std::fmt;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// A stop that takes longer gives up on the threads that are late.
const STOP_LIMIT: Duration = Duration::from_millis(1800);

/// The last write of the state has as long, on a disk that is slow.
const STATE_LIMIT: Duration = Duration::from_secs(5);

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

impl From<prometheus::Error> for AgentError {
    fn from(e: prometheus::Error) -> Self {
        Self(format!("can't register metrics: {e}"))
    }
}

/// Catches what must not end an agent that has only begun to start, and is done once it runs. What asks for its end may
/// end it: there is nothing yet to be put in order.
pub fn catch_early() -> io::Result<Signals> {
    Signals::catch(&[SIGHUP])
}

/// Runs until a signal or a request ends it, on the sockets that a service manager has passed besides its own.
pub fn run(config: Config, passed: Passed, early: io::Result<Signals>) -> Result<(), AgentError> {
    // Every signal is caught before there is something to put in order, and every socket bound before anything is served.
    let caught = early.and_then(|signals| signals.and(&[SIGTERM, SIGINT]));
    let mut signals = caught.map_err(cannot("catch signals"))?;
    // A file that may not grow further (RLIMIT_FSIZE) is an error of the write.
    signals::let_pass(SIGXFSZ).map_err(cannot("catch signals"))?;
    let manager = Notify::from_env();
    let bound = Bound::new(&config, passed)?;
    let agent = Agent::start(config, bound)?;
    memory::give_back();
    manager.ready(&agent.places);
    wait(&mut signals, &agent, &manager).map_err(cannot("wait for signals"))?;
    manager.stopping();
    agent.stop();
    Ok(())
}

/// All sockets, before anyone serves them.
struct Bound {
    statsd: Sockets,
    /// `None` also where a name has to be looked up first.
    relay: Option<relay::Peer>,
    web: Vec<web::Listener>,
}

impl Bound {
    fn new(config: &Config, mut passed: Passed) -> Result<Self, AgentError> {
        let web = std::mem::take(&mut passed.web);
        let told = |e: BindError| AgentError(e.to_string());
        let address = config.statsd.relay.as_ref().and_then(|target| target.text.parse().ok());
        let relay = address.map(relay::Peer::new).transpose();
        Ok(Self {
            statsd: Sockets::bind(&config.statsd, passed).map_err(told)?,
            relay: relay.map_err(cannot("make a socket for the relay"))?,
            web: config.web.bind(web).map_err(told)?,
        })
    }
}

/// The running parts.
struct Agent {
    web: Web,
    ready: Arc<AtomicBool>,
    threads: Threads,
    stop: Arc<Stop>,
    state: Option<Keeper>,
    reloader: Reloader,
    requests: Arc<ByHttp>,
    /// Where metrics are served, for people.
    places: String,
}

impl Agent {
    /// Starts them: what receives before what shows it.
    fn start(config: Config, bound: Bound) -> Result<Self, AgentError> {
        let telemetry = Telemetry::new(config.telemetry);
        let registry = telemetry.registry.clone();
        let statsd_places = bound.statsd.describe().join(", ");
        let is_local = |listener: &web::Listener| !config.web.is_passed && listener.is_local();
        let local = (bound.web.iter().all(is_local), bound.statsd.are_local());
        warn_unused(&config.mapper);
        if let Some(path) = &config.statsd.dump {
            dump(&config.mapper, path);
        }
        let target = config.statsd.relay.as_ref();
        let (relay, outlet) = target.map(|target| relay::new(target, bound.relay, &registry)).transpose()?.unzip();
        let metrics = statsd::Metrics::new(&registry)?;
        let pipeline = Pipeline::new(metrics, &config.statsd.options, config.mapper);
        let pipeline = Arc::new(pipeline.within(room(config.memory)));
        let state = config.statsd.state.map(|path| read_state(path, &pipeline, &registry)).transpose()?;
        let shared = Shared {
            relay,
            allow: config.statsd.allow,
            streams: config.statsd.streams,
            pipeline,
            metrics: Arc::new(receive::Metrics::new(&registry)?),
            clock: state.as_ref().map_or_else(Clock::start, StateFile::clock),
            stop: Arc::new(Stop::new().map_err(cannot("make a pipe"))?),
        };
        let reloader = Reloader::new(config.statsd.mapping, Arc::clone(&shared.pipeline), &registry)?;
        let requests = Arc::<ByHttp>::default();
        let mut threads = Threads::default();
        start_relay(outlet, &shared, &mut threads)?;
        let state = state.map(Keeper::start).transpose().map_err(cannot("start threads"))?;
        let sources = Arc::new(Sources {
            telemetry,
            clock: shared.clock,
            host: Crew::new(config.host, &registry)?,
            pipeline: Arc::clone(&shared.pipeline),
            receivers: Receivers::start(bound.statsd, &shared, &mut threads).map_err(cannot("start threads"))?,
            refused: LeftOut::new(&registry)?,
        });
        let settings = config.web.settings;
        let path = settings.telemetry_path.clone();
        let served = Served {
            scraper: Arc::new(Bodies::new(Arc::clone(&sources))),
            lifecycle: config.web.lifecycle.then(|| Arc::clone(&requests) as Arc<dyn Lifecycle>),
        };
        let stats = web::Stats::register(&registry)?;
        let places: Vec<String> = bound.web.iter().map(web::Listener::place).collect();
        let urls: Vec<String> = bound.web.iter().map(|at| at.url(settings.door.scheme(), &path)).collect();
        let web = Web::start(bound.web, &settings, served, stats).map_err(cannot("start threads"))?;
        settings.ready.store(true, Ordering::Release);
        announce_doors(local);
        announce(&urls, &statsd_places, &sources);
        let places = format!("serving {path} on {}", places.join(", "));
        Ok(Self { web, ready: settings.ready, threads, stop: shared.stop, state, reloader, requests, places })
    }

    /// Stops them in reverse: scrapes under way are answered, lines that have come are taken, and then all is written.
    fn stop(self) {
        self.ready.store(false, Ordering::Release);
        self.requests.close();
        self.web.stop();
        self.stop.say();
        // However long the web side took: what these threads still take has to be in the state.
        if let Err(late) = self.threads.join(Instant::now() + STOP_LIMIT) {
            log::warn!("ended without waiting for {}", late.join(", "));
        }
        if let Some(state) = self.state {
            state.finish(Instant::now() + STATE_LIMIT);
        }
        log::info!("stopped");
    }
}

/// Draws the rules' tree into a file. The agent does without it where that fails, as statsd_exporter has it.
fn dump(mapper: &Mapper, path: &Path) {
    let written = File::create(path).and_then(|file| {
        let mut file = BufWriter::new(file);
        mapper.dot(&mut file)?;
        file.flush()
    });
    match written {
        Ok(()) => log::info!("wrote the tree of glob rules to {}", path.display()),
        Err(e) => log::error!("can't write the tree of glob rules to {}: {e}", path.display()),
    }
}

/// Room for series, up to a limit on the memory of the process.
fn room(limit: Option<usize>) -> Room {
    let Some(most) = limit else { return Room::default() };
    let mut resident = telemetry::Resident::default();
    Room::new(most, Box::new(move || resident.read()))
}

/// Begins with the series of the run before.
fn read_state(path: PathBuf, pipeline: &Arc<Pipeline>, registry: &Registry) -> Result<StateFile, AgentError> {
    Ok(StateFile::read(path, Arc::clone(pipeline), state::Metrics::new(registry)?))
}

/// Starts the thread that sends lines on, if there is to be one.
fn start_relay(outlet: Option<relay::Outlet>, shared: &Shared, threads: &mut Threads) -> Result<(), AgentError> {
    let Some(outlet) = outlet else { return Ok(()) };
    let stop = Arc::clone(&shared.stop);
    threads.spawn("statsd-relay", move || outlet.run(&stop)).map_err(cannot("start threads"))
}

/// Says how to open what only this host reaches: the web side, and StatsD.
fn announce_doors((web, statsd): (bool, bool)) {
    if web {
        log::info!("only this host reaches the metrics; --web.listen-address=:9100 opens them to others");
    }
    if statsd {
        log::info!("only this host reaches StatsD; --statsd.listen-udp=:8125 and --statsd.listen-tcp=:8125 open it");
    }
}

/// Says what listens where, and how to see it.
fn announce(web: &[String], statsd: &str, sources: &Sources) {
    let collectors: Vec<&str> = sources.host.host().names().collect();
    log::info!("tallyd {} collects {}", env!("CARGO_PKG_VERSION"), collectors.join(" "));
    log::info!("listening for StatsD on {}", if statsd.is_empty() { "nothing" } else { statsd });
    for url in web {
        log::info!("serving metrics on {url}");
    }
}

/// Waits for a signal that ends the agent, and shows the service manager meanwhile that it lives.
fn wait(signals: &mut Signals, agent: &Agent, manager: &Notify) -> io::Result<()> {
    loop {
        for signal in signals.wait(manager.interval())? {
            if signal != SIGHUP {
                log::info!("stopping: {}", signal_hook::low_level::signal_name(signal).unwrap_or("signal"));
                return Ok(());
            }
            manager.reloading();
            agent.requests.reload(&agent.reloader);
            manager.reloaded();
        }
        manager.alive();
    }
}
