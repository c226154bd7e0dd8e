//! The limits: programs that do nothing but the system calls that the work can't do without.

use crate::load::{Load, Packets};
use std::fs::{self, File};
use std::io::{self, Read, Seek};
use std::net::{Ipv4Addr, UdpSocket};
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// What a scrape reads of `/proc` on any host.
const PROC: &[&str] = &[
    "1/mountinfo",
    "diskstats",
    "loadavg",
    "meminfo",
    "net/arp",
    "net/netstat",
    "net/snmp",
    "net/snmp6",
    "net/sockstat",
    "net/sockstat6",
    "net/softnet_stat",
    "net/stat/nf_conntrack",
    "net/udp",
    "net/udp6",
    "pressure/cpu",
    "pressure/io",
    "pressure/irq",
    "pressure/memory",
    "schedstat",
    "self/net/netstat",
    "self/stat",
    "stat",
    "stat",
    "sys/fs/file-nr",
    "sys/kernel/hung_task_detect_count",
    "sys/kernel/random/entropy_avail",
    "sys/kernel/random/poolsize",
    "sys/net/netfilter/nf_conntrack_count",
    "sys/net/netfilter/nf_conntrack_max",
    "vmstat",
];

/// What it reads of `/sys` and elsewhere.
const OTHER: &[&str] = &[
    "/etc/os-release",
    "/sys/devices/system/clocksource/clocksource0/available_clocksource",
    "/sys/devices/system/clocksource/clocksource0/current_clocksource",
    "/sys/devices/system/cpu/isolated",
    "/sys/devices/system/cpu/offline",
];

/// What it reads of each network interface.
const INTERFACE: &[&str] = &[
    "addr_assign_type",
    "address",
    "broadcast",
    "carrier",
    "carrier_changes",
    "carrier_down_count",
    "carrier_up_count",
    "dev_id",
    "dormant",
    "duplex",
    "flags",
    "ifalias",
    "ifindex",
    "iflink",
    "link_mode",
    "mtu",
    "name_assign_type",
    "netdev_group",
    "operstate",
    "speed",
    "tx_queue_len",
    "type",
];

/// The files that a scrape of the default collectors reads on this host. Those of hardware that it has besides are not
/// among them, which is to the agent's disadvantage.
pub fn files() -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = PROC.iter().map(|name| PathBuf::from("/proc").join(name)).collect();
    files.extend(OTHER.iter().map(PathBuf::from));
    for interface in fs::read_dir("/sys/class/net").into_iter().flatten().flatten() {
        files.extend(INTERFACE.iter().map(|name| interface.path().join(name)));
    }
    files.retain(|file| file.exists());
    files
}

/// CPU and wall time of opening, reading and closing the files once, in ms.
pub fn open_and_read(files: &[PathBuf], times: usize) -> (f64, f64) {
    timed(times, || files.iter().filter_map(|file| File::open(file).ok()).for_each(|file| read(&file)))
}

/// The same of reading them once through descriptors that stay open.
pub fn read_again(files: &[PathBuf], times: usize) -> (f64, f64) {
    let open: Vec<File> = files.iter().filter_map(|file| File::open(file).ok()).collect();
    timed(times, || {
        open.iter().for_each(|mut file| {
            if file.rewind().is_ok() {
                read(file)
            }
        })
    })
}

fn read(mut file: &File) {
    let mut room = [0; 64 << 10];
    // An attribute without a value answers with an error.
    while file.read(&mut room).is_ok_and(|count| count > 0) {}
}

fn timed(times: usize, mut work: impl FnMut()) -> (f64, f64) {
    let (cpu, start) = (thread_cpu_ms(), Instant::now());
    (0..times).for_each(|_| work());
    let each = |passed: f64| passed / times as f64;
    (each(thread_cpu_ms() - cpu), each(start.elapsed().as_secs_f64() * 1e3))
}

/// Time that this thread ran, in ms. Source: the kernel's scheduler/sched-stats.
fn thread_cpu_ms() -> f64 {
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split(' ').next().and_then(|ns| ns.parse::<f64>().ok()).unwrap_or(f64::NAN) / 1e6
}

/// CPU per line, in us, and loss, in per cent, of a thread that receives datagrams one by one and does nothing with them.
pub fn receive(load: Load) -> io::Result<(f64, f64)> {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
    socket.set_read_timeout(Some(Duration::from_millis(500)))?;
    let port = socket.local_addr()?.port();
    let receiver = std::thread::spawn(move || {
        let (mut room, mut count) = (vec![0; 64 << 10], 0_usize);
        while socket.recv(&mut room).is_ok() {
            count += 1;
        }
        (count, thread_cpu_ms())
    });
    Packets::new(load).send(port, "".as_ref())?;
    let (count, cpu_ms) = receiver.join().map_err(|_| io::Error::other("the receiver panicked"))?;
    let lines = (count * load.lines_a_packet) as f64;
    Ok((cpu_ms * 1e3 / lines.max(1.0), 100.0 * (1.0 - lines / load.lines as f64)))
}
