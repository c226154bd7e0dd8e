//! A program that is measured: started, asked, watched in `/proc`, ended.

use crate::load::UDP;
use crate::peer::{Answers, Peer};
use std::fs;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// A program that does not serve by then has failed.
const START_LIMIT: Duration = Duration::from_secs(10);

/// A running program.
pub struct Subject {
    child: Child,
    answers: Answers,
    pub folder: TempDir,
    pub web: u16,
    pub statsd: u16,
    /// For a second listener.
    pub second: u16,
    /// From its start to its first answer, in ms.
    pub started_ms: f64,
}

impl Subject {
    /// Starts a program. Rules go into its `mapping.yml`.
    pub fn start(peer: &Peer, rules: &str) -> io::Result<Self> {
        let (web, statsd, second, folder) = (free_port()?, free_port()?, free_port()?, TempDir::new()?);
        let path = folder.path().display().to_string();
        let filled = |text: &str| {
            let ports = [("{web}", web), ("{statsd}", statsd), ("{second}", second)];
            ports.iter().fold(text.replace("{dir}", &path), |text, (name, port)| text.replace(name, &port.to_string()))
        };
        fs::write(folder.path().join("mapping.yml"), rules)?;
        for (name, text) in peer.files {
            fs::write(folder.path().join(name), filled(text))?;
        }
        let program = peer.path().ok_or_else(|| io::Error::other("it is not installed"))?;
        let mut command = Command::new(program);
        command.args(peer.arguments.iter().map(|text| filled(text))).stdout(Stdio::null()).stderr(Stdio::null());
        let start = Instant::now();
        let child = command.spawn()?;
        let mut subject = Self { child, answers: peer.answers, folder, web, statsd, second, started_ms: f64::NAN };
        wait(start, "it does not serve", || subject.ask(false).is_ok_and(|answer| !answer.is_empty()))?;
        subject.started_ms = start.elapsed().as_secs_f64() * 1e3;
        if (peer.takes)(&UDP) {
            // netdata serves a little before it receives, and what is sent meanwhile is refused.
            wait(start, "it does not receive", || receives(subject.statsd))?;
        }
        Ok(subject)
    }

    /// One scrape over a connection of its own.
    pub fn ask(&self, gzip: bool) -> io::Result<Vec<u8>> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.web))?;
        match self.answers {
            Answers::Text(path) => {
                let encoding = if gzip { "gzip" } else { "identity" };
                write!(stream, "GET {path} HTTP/1.0\r\nHost: localhost\r\nAccept-Encoding: {encoding}\r\n\r\n")?;
            }
            Answers::Management => stream.write_all(b"counters\n")?,
        }
        let (mut body, mut piece) = (Vec::new(), vec![0; 64 << 10]);
        while !body.ends_with(b"\nEND\n\n") {
            match stream.read(&mut piece)? {
                0 => break,
                count => body.extend_from_slice(&piece[..count]),
            }
        }
        Ok(body)
    }

    /// What it has of the load: the sum of counters, or the number of timings.
    pub fn total(&self) -> io::Result<f64> {
        let body = String::from_utf8_lossy(&self.ask(false)?).into_owned();
        let ours = body.lines().map(str::trim_start).filter(|line| line.contains("bench") && !line.starts_with('#'));
        let summed = ours.filter(|line| !line.contains("quantile=") && !line.contains("_sum") && !line.contains("le="));
        // What stands behind a value is its time.
        let values = summed.filter_map(|line| line.split(' ').nth(1)?.trim_end_matches(',').parse::<f64>().ok());
        Ok(values.sum())
    }

    /// A figure of the agent about itself.
    pub fn figure(&self, name: &str) -> f64 {
        let body = String::from_utf8_lossy(&self.ask(false).unwrap_or_default()).into_owned();
        let found = body.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        found.and_then(|value| value.parse().ok()).unwrap_or(f64::NAN)
    }

    /// CPU that all its threads took, in seconds. Source: proc_pid_stat(5), in ticks of 10 ms.
    pub fn cpu(&self) -> f64 {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap_or_default();
        let fields: Vec<&str> = stat.rsplit(") ").next().unwrap_or_default().split(' ').collect();
        let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<f64>().ok()).unwrap_or(f64::NAN);
        (ticks(11) + ticks(12)) / 100.0
    }

    /// A figure of `/proc/PID/status`, in MiB: `VmRSS` or `VmHWM`.
    pub fn memory(&self, name: &str) -> f64 {
        status(&format!("/proc/{}/status", self.child.id()), name) / 1024.0
    }

    /// How often its threads have been woken.
    pub fn wakeups(&self) -> f64 {
        let threads = fs::read_dir(format!("/proc/{}/task", self.child.id())).into_iter().flatten().flatten();
        threads.map(|thread| status(&thread.path().join("status").display().to_string(), "voluntary_ctxt")).sum()
    }
}

/// Waits for a step of a start.
fn wait(start: Instant, otherwise: &str, done: impl Fn() -> bool) -> io::Result<()> {
    while !done() {
        if start.elapsed() > START_LIMIT {
            return Err(io::Error::other(otherwise));
        }
        thread::sleep(Duration::from_micros(200));
    }
    Ok(())
}

/// Whether anyone receives on a UDP port. Asking with a datagram would be counted, asking with bind(2) would be in the way.
fn receives(port: u16) -> bool {
    let local = format!("{:08X}:{port:04X}", u32::from_ne_bytes(Ipv4Addr::LOCALHOST.octets()));
    let sockets = fs::read_to_string("/proc/net/udp").unwrap_or_default();
    sockets.lines().any(|line| line.split_ascii_whitespace().nth(1) == Some(local.as_str()))
}

/// The number in a line of a status file. Source: proc_pid_status(5).
fn status(path: &str, name: &str) -> f64 {
    let text = fs::read_to_string(path).unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with(name)).unwrap_or_default();
    line.split_ascii_whitespace().nth(1).and_then(|value| value.parse().ok()).unwrap_or(f64::NAN)
}

impl Drop for Subject {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}
