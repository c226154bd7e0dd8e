//! The programs that are measured, how each is started, and how it is asked for what it has.

use crate::load::{Load, Over};
use crate::version::Version;
use std::env;
use std::path::{Path, PathBuf};

/// A program. `{dir}` in its arguments and files is a folder of its own; `{web}`, `{statsd}` and
/// `{second}` are ports that are free.
#[derive(Clone, Copy)]
pub struct Peer {
    pub name: &'static str,
    pub program: &'static str,
    pub arguments: &'static [&'static str],
    /// Names and texts of files that it reads at the start.
    pub files: &'static [(&'static str, &'static str)],
    pub answers: Answers,
    pub version: Version,
    /// Whether it takes a load such as this, and tells what it got exactly.
    pub takes: fn(&Load) -> bool,
}

/// How a program tells what it has.
#[derive(Clone, Copy)]
pub enum Answers {
    /// In the text format, at this path.
    Text(&'static str),
    /// As npm's statsd does: a list of counters on its port for administration.
    Management,
}

impl Peer {
    /// Where it is: on the path, or where `go install` puts it.
    pub fn path(&self) -> Option<PathBuf> {
        let path = env::var_os("PATH").unwrap_or_default();
        let go = env::var_os("HOME").map(|home| Path::new(&home).join("go/bin"));
        env::split_paths(&path).chain(go).map(|folder| folder.join(self.program)).find(|program| program.is_file())
    }

    /// Whether it is there.
    pub fn is_installed(&self) -> bool {
        self.path().is_some()
    }

    /// Whether it is ours.
    pub fn is_tallyd(&self) -> bool {
        Path::new(self.program).is_absolute()
    }
}

/// The exporter of the host whose figures README shows beside ours: the newest that is there.
pub fn beside_host() -> Option<&'static Peer> {
    HOST.iter().find(|peer| !peer.is_tallyd() && peer.is_installed())
}

/// The same for StatsD.
pub fn beside_statsd() -> Option<&'static Peer> {
    STATSD.iter().find(|peer| !peer.is_tallyd() && peer.is_installed()).filter(|peer| peer.name == "statsd_exporter")
}

/// Built before it is measured: the one that cargo makes for benches unwinds, and has features that only tests use.
pub const TALLYD: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/target/release/tallyd");

/// The one of which the goals speak.
pub const DEBIANS: &str = "Debian's node_exporter";

/// Those that read the host.
pub const HOST: &[Peer] = &[
    Peer {
        name: "tallyd",
        program: TALLYD,
        arguments: &[
            "--web.listen-address=127.0.0.1:{web}",
            "--statsd.listen-udp=127.0.0.1:{statsd}",
            "--statsd.listen-tcp=127.0.0.1:{statsd}",
        ],
        files: &[],
        answers: Answers::Text("/metrics"),
        version: Version::Flag("--version"),
        takes: |_| true,
    },
    NODE_EXPORTER,
    Peer { name: DEBIANS, program: "prometheus-node-exporter", ..NODE_EXPORTER },
];

const NODE_EXPORTER: Peer = Peer {
    name: "node_exporter",
    program: "node_exporter",
    arguments: &["--web.listen-address=127.0.0.1:{web}"],
    files: &[],
    answers: Answers::Text("/metrics"),
    version: Version::Flag("--version"),
    takes: |_| false,
};

/// Those that take StatsD.
pub const STATSD: &[Peer] = &[
    Peer {
        name: "tallyd",
        program: TALLYD,
        arguments: &[
            "--collector.disable-defaults",
            "--statsd.max-series=2000000",
            "--web.listen-address=127.0.0.1:{web}",
            "--statsd.listen-udp=127.0.0.1:{statsd}",
            "--statsd.listen-tcp=127.0.0.1:{statsd}",
            "--statsd.listen-unixstream={dir}/stream",
            "--statsd.mapping-config={dir}/mapping.yml",
        ],
        files: &[],
        answers: Answers::Text("/metrics"),
        version: Version::Flag("--version"),
        takes: |_| true,
    },
    Peer {
        name: "statsd_exporter",
        program: "statsd_exporter",
        arguments: &[
            "--web.listen-address=127.0.0.1:{web}",
            "--statsd.listen-udp=127.0.0.1:{statsd}",
            "--statsd.listen-tcp=127.0.0.1:{statsd}",
            "--statsd.mapping-config={dir}/mapping.yml",
        ],
        files: &[],
        answers: Answers::Text("/metrics"),
        version: Version::Flag("--version"),
        takes: |load| load.over != Over::Unix,
    },
    Peer {
        name: "netdata",
        program: "netdata",
        arguments: &["-D", "-c", "{dir}/netdata.conf", "-p", "{web}"],
        files: &[("netdata.conf", include_str!("netdata.conf"))],
        answers: Answers::Text("/api/v1/allmetrics?format=prometheus&source=raw"),
        version: Version::Flag("-V"),
        takes: Load::is_plain,
    },
    Peer {
        name: "collectd",
        program: "collectd",
        arguments: &["-f", "-C", "{dir}/collectd.conf"],
        files: &[("collectd.conf", include_str!("collectd.conf"))],
        answers: Answers::Text("/metrics"),
        version: Version::Flag("-h"),
        takes: Load::is_plain,
    },
    Peer {
        name: "statsd of npm",
        program: "statsd",
        arguments: &["{dir}/statsd.js"],
        files: &[("statsd.js", include_str!("statsd.js"))],
        answers: Answers::Management,
        version: Version::Package,
        takes: Load::is_plain,
    },
];
