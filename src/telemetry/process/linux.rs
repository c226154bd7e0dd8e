//! The figures of Linux. Source: proc_pid_stat(5), proc_pid_net(5), proc_pid_fd(5).

use super::Usage;
use std::fs::{self, File};
use std::io::{self, Read, Seek};

/// Reads a file from its start whenever it is asked to, and leaves it open: to open it costs more than to read it.
#[derive(Debug)]
struct Source {
    path: &'static str,
    file: Option<File>,
    text: String,
}

impl Source {
    const fn new(path: &'static str) -> Self {
        Self { path, file: None, text: String::new() }
    }

    fn read(&mut self) -> io::Result<&str> {
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(File::open(self.path)?),
        };
        file.rewind()?;
        self.text.clear();
        // The file says that its size is 0, and is not asked for it.
        file.take(u64::MAX).read_to_string(&mut self.text)?;
        Ok(&self.text)
    }
}

/// Reads what the system counts.
#[derive(Debug)]
pub struct UsageReader {
    stat: Source,
    /// When the system started: reading it costs all of `/proc/stat`.
    boot_seconds: Option<f64>,
}

impl Default for UsageReader {
    fn default() -> Self {
        Self { stat: Source::new("/proc/self/stat"), boot_seconds: None }
    }
}

impl UsageReader {
    pub fn read(&mut self) -> Option<Usage> {
        let boot_seconds = match self.boot_seconds {
            Some(seconds) => seconds,
            None => *self.boot_seconds.insert(boot_seconds(&fs::read_to_string("/proc/stat").ok()?)?),
        };
        usage(self.stat.read().ok()?, boot_seconds)
    }

    /// The resident set alone, in bytes.
    pub fn resident(&mut self) -> Option<u64> {
        let pages = field(self.stat.read().ok()?, RESIDENT)?;
        pages.checked_mul(rustix::param::page_size() as u64)
    }
}

/// `btime 1700000000` of `/proc/stat`.
fn boot_seconds(stat: &str) -> Option<f64> {
    stat.lines().find_map(|line| line.strip_prefix("btime "))?.parse().ok()
}

/// The number of the field that has the resident set, in pages.
const RESIDENT: usize = 24;

/// Fields are numbered as proc_pid_stat(5) has them. The second is a name in brackets, and may hold anything.
fn field(stat: &str, number: usize) -> Option<u64> {
    let (_, rest) = stat.rsplit_once(") ")?;
    rest.split(' ').nth(number - 3)?.trim_end().parse().ok()
}

fn usage(stat: &str, boot_seconds: f64) -> Option<Usage> {
    let field = |number| field(stat, number);
    let seconds_from_ticks = |ticks: u64| ticks as f64 / rustix::param::clock_ticks_per_second() as f64;
    Some(Usage {
        cpu_seconds: seconds_from_ticks(field(14)?.saturating_add(field(15)?)),
        start_seconds: boot_seconds + seconds_from_ticks(field(22)?),
        virtual_bytes: field(23)? as f64,
        resident_bytes: field(RESIDENT)? as f64 * rustix::param::page_size() as f64,
    })
}

/// Reads the traffic of the network namespace.
#[derive(Debug)]
pub struct NetworkReader(Source);

impl Default for NetworkReader {
    fn default() -> Self {
        Self(Source::new("/proc/self/net/netstat"))
    }
}

impl NetworkReader {
    /// Bytes received and sent over IP: what client_golang takes for the process's.
    pub fn read(&mut self) -> Option<(f64, f64)> {
        octets(self.0.read().ok()?)
    }
}

/// `InOctets` and `OutOctets` of the two `IpExt:` lines, names above values.
fn octets(netstat: &str) -> Option<(f64, f64)> {
    let mut lines = netstat.lines().filter_map(|line| line.strip_prefix("IpExt: "));
    let (names, values) = (lines.next()?, lines.next()?);
    let value = |wanted: &str| {
        let mut columns = names.split(' ').zip(values.split(' '));
        columns.find(|(name, _)| *name == wanted)?.1.parse::<u64>().ok()
    };
    Some((value("InOctets")? as f64, value("OutOctets")? as f64))
}

/// How many descriptors are open. Since Linux 6.2 the directory's size says so.
pub fn open_descriptors() -> Option<f64> {
    const DIR: &str = "/proc/self/fd";
    match fs::metadata(DIR).ok()?.len() {
        // One of those that are counted counts them.
        0 => Some(fs::read_dir(DIR).ok()?.count().saturating_sub(1) as f64),
        open => Some(open as f64),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_counted_behind_the_name() {
        let stat = "7 (a) b (c) S 1 7 7 0 -1 4194560 1 2 3 4 150 50 0 0 20 0 6 0 1000 8192 3 18446744073709551615 1\n";
        let got = usage(stat, 100.0).unwrap();
        let page = rustix::param::page_size() as f64;
        let want = Usage { cpu_seconds: 2.0, start_seconds: 110.0, virtual_bytes: 8192.0, resident_bytes: 3.0 * page };
        assert_eq!(got, want);
        for cut in ["", "7 (a", "7 (a) S 1 7", "7 (a) S 1 7 7 0 -1 4194560 1 2 3 4 x 50 0 0 20 0 6 0 1000 8192 3"] {
            assert_eq!(usage(cut, 0.0), None, "stat: {cut:?}");
        }
        assert_eq!(boot_seconds("cpu 1\nbtime 17\nprocesses 5\n"), Some(17.0));
    }

    #[test]
    fn octets_are_found_by_their_names() {
        for (netstat, want) in [
            ("TcpExt: A\nTcpExt: 1\nIpExt: InNoRoutes InOctets OutOctets\nIpExt: 0 5 7\n", Some((5.0, 7.0))),
            ("IpExt: OutOctets InOctets\nIpExt: 7 5\n", Some((5.0, 7.0))),
            ("IpExt: InOctets OutOctets\nIpExt: 5\n", None),
            ("IpExt: InOctets OutOctets\nIpExt: 5 x\n", None),
            ("IpExt: InOctets OutOctets\n", None),
            ("TcpExt: InOctets OutOctets\nTcpExt: 5 7\n", None),
            ("", None),
        ] {
            assert_eq!(octets(netstat), want, "netstat: {netstat:?}");
        }
    }
}
