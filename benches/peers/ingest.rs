//! One program under one load.

use crate::load::{Load, Packets, Sent};
use crate::peer::Peer;
use crate::subject::Subject;
use std::io;
use std::thread;
use std::time::{Duration, Instant};

/// So long nothing more may come before a program is taken to have all that it will have. Some look at what they got
/// once a second.
const PATIENCE: Duration = Duration::from_millis(2500);

/// Sends a load.
pub fn drive(subject: &Subject, load: Load) -> io::Result<Sent> {
    Packets::new(load).send(subject.statsd, subject.folder.path())
}

/// Waits until all of it is there, or nothing more comes. Returns what came, and what asking cost in seconds of CPU.
pub fn settle(subject: &Subject, sum: u64) -> io::Result<(f64, f64)> {
    let (mut got, mut asked, mut since) = (-1.0, 0.0, Instant::now());
    while got < sum as f64 && since.elapsed() < PATIENCE {
        let (cpu, total) = (subject.cpu(), subject.total()?);
        if total > got {
            (got, since) = (total, Instant::now());
        } else {
            asked += subject.cpu() - cpu;
        }
        thread::sleep(Duration::from_millis(20));
    }
    Ok((got, asked))
}

/// CPU in us per line that arrived, loss in per cent, lines a second, resident and peak in MiB, and packets that the
/// program neither got nor counts as dropped.
pub fn run(peer: &Peer, load: Load) -> io::Result<[f64; 6]> {
    let packets = Packets::new(load);
    let subject = Subject::start(peer, &load.mapping())?;
    let (before, start) = (subject.cpu(), Instant::now());
    let sent = packets.send(subject.statsd, subject.folder.path())?;
    let resident = subject.memory("VmRSS");
    let (got, asked) = settle(&subject, sent.sum)?;
    let seconds = start.elapsed().as_secs_f64();
    if got <= 0.0 {
        return Err(io::Error::other(format!("nothing arrived of \"{}\"", load.title)));
    }
    let arrived = got / sent.sum as f64;
    let cpu = (subject.cpu() - before - asked) * 1e6 / (load.lines as f64 * arrived);
    let counted =
        subject.figure("statsd_exporter_udp_packets_total") + subject.figure("statsd_exporter_udp_packet_drops_total");
    let uncounted = sent.packets as f64 - counted;
    let rate = load.lines as f64 * arrived / if arrived < 1.0 { sent.seconds } else { seconds };
    let resident = resident.max(subject.memory("VmRSS"));
    Ok([cpu, 100.0 * (1.0 - arrived), rate, resident, subject.memory("VmHWM"), uncounted])
}
