"""Faults of those who send StatsD, and of the files and sockets that belong to it."""
import contextlib
import multiprocessing
import os
import pathlib
import signal
import socket
import subprocess
import time

from rig.bench import check, fault
from rig.load import Sender

FORK = multiprocessing.get_context("fork")
MAPPING = """mappings:
- match: "steady.*"
  name: steady_mapped
"""


def blast(run, packets, is_flood=False):
    """Sends packets as fast as one sender can: in a process of its own, or the scraper would wait for Python's lock."""
    sent = FORK.Value("q", 0, lock=False)

    def send():
        with socket.socket(type=socket.SOCK_DGRAM) as s:
            s.connect(run.agent.udp)
            for packet in packets:
                s.send(packet)
                sent.value += 1
    sender = FORK.Process(target=send)
    sender.start()
    sender.join()
    check(sender.exitcode == 0, "the sender failed")
    run.packets += sent.value
    run.flood += sent.value * is_flood


@fault("UDP at full rate into a buffer of 4 KiB", peer=False, flags=lambda folder: ["--statsd.read-buffer=4096"])
def flood(run):
    blast(run, [b"flood:1|c"] * 300_000, is_flood=True)
    dropped = run.agent.value("statsd_exporter_udp_packet_drops_total")
    return f"{dropped:.0f} of 300000 dropped, counted"


@fault("lines with NUL and all other bytes, empty and cut", peer=False)
def garbage(run):
    lines = [bytes([byte]) * 20 + b":1|c" for byte in range(256)]
    lines += [b"", b":", b"|", b"a:|c", b"a:1|", b"a:1|c|@0", b"a:1e999|g", b"a:nan|ms", b"a:1|c|#" + b"," * 1000]
    lines += [os.urandom(400) for _ in range(200)]
    for _ in range(4):
        blast(run, lines)
        time.sleep(0.2)
    return f"{run.agent.value('statsd_exporter_sample_errors_total'):.0f} errors, counted by reason"


@fault("a megabyte without an end of line, by TCP", peer=False)
def endless_line(run):
    with socket.create_connection(run.agent.tcp) as s:
        s.sendall(b"a" * (1 << 20) + b"\nendless:1|c\n")
        run.wait_until("the next line counts", lambda: run.agent.value("endless") == 1)
    check(run.agent.value("statsd_exporter_tcp_too_long_lines_total") == 1, "the line is counted once")
    return "let by and counted; the connection went on"


@fault("a million new names", peer=False)
def names(run):
    # In turns, as long as a buffer holds: this is about the store and not about the kernel's queue.
    for start in range(0, 1_000_000, 25_000):
        blast(run, (b"\n".join(b"n%d:1|c" % i for i in range(at, at + 50)) for at in range(start, start + 25_000, 50)))
        time.sleep(0.05)
    series, refused = (run.agent.value("tallyd_statsd_" + name) for name in ("series", "events_over_limit_total"))
    check(series <= 100_000, f"{series:.0f} series are kept")
    return f"{series:.0f} kept, {refused:.0f} refused, {run.agent.status('VmRSS') >> 10} MiB"


@fault("700 TCP connections that idle", peer=False)
def idle(run):
    with contextlib.ExitStack() as all_of_them:
        for _ in range(700):
            with contextlib.suppress(OSError):
                all_of_them.enter_context(socket.create_connection(run.agent.tcp, 5))
        run.hold()
    refused = run.agent.value("tallyd_statsd_tcp_connections_refused_total")
    return f"{refused:.0f} refused, counted"


@fault("400 TCP connections that drip a byte a second", peer=False)
def drip(run):
    with contextlib.ExitStack() as all_of_them:
        clients = [all_of_them.enter_context(socket.create_connection(run.agent.tcp, 5)) for _ in range(400)]
        for byte in b"d:1|c\n":
            for client in clients:
                client.send(bytes([byte]))
            time.sleep(1)
        run.wait_until("each line counts", lambda: run.agent.value("d") == len(clients))
    return "each line is counted once"


@fault("500 SIGHUPs at once", peer=False, flags=lambda folder: [mapping(folder)])
def storm(run):
    for _ in range(500):
        run.agent.tell(signal.SIGHUP)
        time.sleep(0.002)
    run.wait_until("it has read its rules", lambda: run.agent.value("statsd_exporter_config_reloads_total") > 0)
    return f"{run.agent.value('statsd_exporter_config_reloads_total'):.0f} reloads, none failed"


def mapping(folder):
    (folder / "mapping.yml").write_text(MAPPING)
    return f"--statsd.mapping-config={folder}/mapping.yml"


def reloads(run, outcome):
    return run.agent.value(f'statsd_exporter_config_reloads_total{{outcome="{outcome}"}}')


def reload(run, outcome):
    before = reloads(run, outcome)
    run.agent.tell(signal.SIGHUP)
    run.wait_until(f"a reload is a {outcome}", lambda: reloads(run, outcome) > before)


@fault("mapping file half-written, gone, replaced", peer=False, flags=lambda folder: [mapping(folder)])
def half_written(run):
    at = run.folder / "mapping.yml"
    with Sender(run.agent.udp).socket as other:
        def send():
            other.send(b"steady.a:1|c")
            run.packets += 1
        at.write_text(MAPPING[:30])
        reload(run, "failure")
        at.unlink()
        reload(run, "failure")
        send()
        run.wait_until("the old rules hold", lambda: run.agent.value("steady_mapped") == 1)
        (run.folder / "new.yml").write_text(MAPPING.replace("mapped", "again"))
        os.rename(run.folder / "new.yml", at)
        reload(run, "success")
        send()
        run.wait_until("the new rules hold", lambda: run.agent.value("steady_again") == 1)
    return "old rules kept, then the new ones"


@fault("socket path of a dead agent, and one that is a file", takes=True, peer=False,
       flags=lambda folder: [f"--statsd.listen-unixgram={folder}/s"])
def socket_path(run):
    run.kill(signal.SIGKILL)
    check((run.folder / "s").exists(), "the socket is left behind")
    run.agent.start()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
        s.connect(str(run.folder / "s"))
        s.send(b"again:1|c")
    run.wait_until("the new socket is served", lambda: run.agent.value("again") == 1)
    taken = run.folder / "file"
    taken.write_text("mine")
    said = subprocess.run([run.program, "--web.listen-address=127.0.0.1:0", "--statsd.listen-udp=",
                           "--statsd.listen-tcp=", f"--statsd.listen-unixgram={taken}"], capture_output=True, timeout=30)
    check(said.returncode and pathlib.Path(taken).read_text() == "mine", "a file in the way is left alone")
    return "the dead one's is taken over, the file is left and named"
