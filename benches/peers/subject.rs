//! A program that is measured: started, asked over HTTP, watched in `/proc`, ended.

use std::fs;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// A program that does not serve by then is left out.
const START_LIMIT: Duration = Duration::from_secs(10);

/// A running program.
pub struct Subject {
    child: Child,
    pub web: u16,
    pub statsd: u16,
}

impl Subject {
    /// Starts a program; `{web}` and `{statsd}` in its arguments are ports that are free.
    pub fn start(program: &str, arguments: &[&str]) -> io::Result<Self> {
        let (web, statsd) = (free_port()?, free_port()?);
        let filled = |text: &&str| text.replace("{web}", &web.to_string()).replace("{statsd}", &statsd.to_string());
        let mut command = Command::new(program);
        command.args(arguments.iter().map(filled)).stdout(Stdio::null()).stderr(Stdio::null());
        let subject = Self { child: command.spawn()?, web, statsd };
        let start = Instant::now();
        while subject.get(false).is_err() {
            if start.elapsed() > START_LIMIT {
                return Err(io::Error::other("it does not serve"));
            }
            thread::sleep(Duration::from_millis(5));
        }
        Ok(subject)
    }

    /// One scrape over a connection of its own.
    pub fn get(&self, gzip: bool) -> io::Result<Vec<u8>> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.web))?;
        let encoding = if gzip { "gzip" } else { "identity" };
        write!(stream, "GET /metrics HTTP/1.0\r\nHost: localhost\r\nAccept-Encoding: {encoding}\r\n\r\n")?;
        let mut body = Vec::new();
        stream.read_to_end(&mut body)?;
        Ok(body)
    }

    /// What it has of the load: the sum of counters, or the number of timings.
    pub fn total(&self) -> io::Result<f64> {
        let body = String::from_utf8_lossy(&self.get(false)?).into_owned();
        let ours = body.lines().filter(|line| line.starts_with("bench_hits"));
        let summed = ours.filter(|line| !line.contains("quantile=") && !line.contains("_sum") && !line.contains("le="));
        Ok(summed.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).sum())
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
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let line = status.lines().find(|line| line.starts_with(name)).unwrap_or_default();
        line.split_ascii_whitespace().nth(1).and_then(|kib| kib.parse::<f64>().ok()).unwrap_or(f64::NAN) / 1024.0
    }
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

/// The part of the machine's time that its hypervisor took between two calls. Source: proc_stat(5).
pub struct Steal(Vec<u64>);

impl Steal {
    pub fn start() -> Self {
        let text = fs::read_to_string("/proc/stat").unwrap_or_default();
        let line = text.lines().next().unwrap_or_default();
        Self(line.split_ascii_whitespace().skip(1).take(8).filter_map(|field| field.parse().ok()).collect())
    }

    pub fn percent(&self) -> f64 {
        let now = Self::start();
        let passed: Vec<f64> = now.0.iter().zip(&self.0).map(|(now, then)| now.saturating_sub(*then) as f64).collect();
        100.0 * passed.last().copied().unwrap_or_default() / passed.iter().sum::<f64>().max(1.0)
    }
}
