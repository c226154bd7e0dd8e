//! Flags of the web side. Names are node_exporter's.

use super::secure::Door;
use super::socket::{Listener, Place};
use super::{Limits, Settings};
use crate::flag::{Flag, FlagError, Values};
use crate::listen::passed;
use crate::listen::{BindError, unix};
use crate::yaml::FileError;
use std::path::PathBuf;
use std::sync::Arc;

const LISTEN: &str = "web.listen-address";
const MODE: &str = "web.unixsocket-mode";
const SYSTEMD: &str = "web.systemd-socket";

/// The flags.
pub const FLAGS: &[Flag] = &[
    Flag::values(
        LISTEN,
        "ADDRESS",
        "127.0.0.1:9100",
        "Address to serve metrics on; may be given again and again. :9100 stands for all interfaces, unix:///PATH for a \
         socket in the file system.",
    ),
    Flag::switch(
        SYSTEMD,
        "Serve metrics on the listeners that systemd passes (FileDescriptorName=web, or any but statsd), and on no address \
         of --web.listen-address.",
    ),
    Flag::value(MODE, "MODE", "660", "Permission mode of unix sockets for metrics, in octal."),
    Flag::value(
        "web.config.file",
        "FILE",
        "",
        "File that sets TLS, passwords and header fields, in exporter-toolkit's format. It is read again when it changes.",
    ),
    Flag::value("web.telemetry-path", "PATH", "/metrics", "Path to serve metrics under."),
    Flag::value(
        "web.scrape-timeout-offset",
        "DURATION",
        "500ms",
        "How much sooner than the scraper gives up (X-Prometheus-Scrape-Timeout-Seconds, 10s without it) a scrape is \
         answered without the collectors that are late.",
    ),
    Flag::switch(
        "web.enable-openmetrics",
        "Serve OpenMetrics 1.0 to scrapers that ask for it. Counters whose names lack _total get it there.",
    ),
    Flag::switch(
        "web.enable-openmetrics-created",
        "With OpenMetrics, tell when each counter, summary and histogram of an app began (_created), so that a scraper \
         can count its first increments. It takes eight bytes a series.",
    ),
    Flag::switch(
        "web.enable-lifecycle",
        "Read the mapping file again on POST or PUT to /-/reload, and stop on POST or PUT to /-/quit.",
    ),
];

/// Where to serve, and how.
pub struct Web {
    listen: Vec<Place>,
    unix_mode: u32,
    /// Whether a service manager passes what to serve on.
    pub is_passed: bool,
    /// The web config file.
    config_file: Option<PathBuf>,
    /// How.
    pub settings: Settings,
    /// Whether the agent can be reloaded and stopped by HTTP.
    pub lifecycle: bool,
}

impl Web {
    /// Checks the flags.
    pub fn new(flags: &Values) -> Result<Self, FlagError> {
        let path = telemetry_path(flags)?;
        let place = |text: &String| Place::parse(text).map_err(|why| flags.wrong_value(LISTEN, text, why));
        let listen = flags.all(LISTEN).iter().map(place).collect::<Result<_, _>>()?;
        let unix_mode = unix::parse_mode(flags.text(MODE)).map_err(|why| flags.wrong(MODE, why))?;
        let created = "web.enable-openmetrics-created";
        if flags.on(created) && !flags.on("web.enable-openmetrics") {
            return Err(flags.wrong(created, "it takes --web.enable-openmetrics, whose format alone has it".into()));
        }
        let settings = Settings {
            telemetry_path: path,
            max_requests: flags.parse("web.max-requests")?,
            openmetrics: flags.on("web.enable-openmetrics"),
            timeout_offset: flags.duration("web.scrape-timeout-offset")?,
            limits: Limits::new(flags)?,
            ..Settings::default()
        };
        let config_file = Some(flags.text("web.config.file")).filter(|path| !path.is_empty()).map(PathBuf::from);
        let (is_passed, lifecycle) = (flags.on(SYSTEMD), flags.on("web.enable-lifecycle"));
        Ok(Self { listen, unix_mode, is_passed, config_file, settings, lifecycle })
    }

    /// Reads the web config file, if there is one.
    pub fn read_file(&mut self) -> Result<(), FileError> {
        if let Some(path) = &self.config_file {
            self.settings.door = Arc::new(Door::new(path)?);
        }
        Ok(())
    }

    /// Takes the listeners that a service manager has passed, if it is to be those, and binds all addresses otherwise.
    pub fn bind(&self, passed: Vec<passed::Listener>) -> Result<Vec<Listener>, BindError> {
        if self.is_passed {
            return Ok(passed.into_iter().map(Listener::from).collect());
        }
        self.listen.iter().map(|place| place.bind(LISTEN, self.unix_mode)).collect()
    }
}

/// The path of the metrics, as requests have it: more than one slash at its beginning is one. What no request can ask for is
/// refused, and so is what would take the place of a page of ours.
fn telemetry_path(flags: &Values) -> Result<String, FlagError> {
    const NAME: &str = "web.telemetry-path";
    let text = flags.text(NAME);
    let path = format!("/{}", text.trim_start_matches('/'));
    let is_odd = |c: char| matches!(c, '?' | '#' | '%') || c.is_whitespace() || c.is_control();
    match text.starts_with('/') && !path.contains(is_odd) && !path.starts_with("/-/") {
        true => Ok(path),
        false => {
            let why = "a path starts with /, is not below /-/, and has no ?, #, % or white space";
            Err(flags.wrong(NAME, why.into()))
        }
    }
}
