"""Faults of the machine: its mounts, network, memory, disk and clock."""
import contextlib
import ctypes
import os
import pathlib
import signal
import subprocess
import time

from rig.agent import DEFAULT_PORTS
from rig.bench import Skipped, check, fault
from rig.faults_statsd import blast, mapping

FAKETIME = pathlib.Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1")
MEMORY = [pathlib.Path("/sys/fs/cgroup/memory/tallyd-faults"), pathlib.Path("/sys/fs/cgroup/tallyd-faults")]
LIMIT = 16 << 20


def sh(script, *arguments):
    done = subprocess.run(["sh", "-ec", script, "sh", *map(str, arguments)], capture_output=True, text=True)
    if done.returncode:
        raise Skipped(done.stderr.strip().splitlines()[-1] if done.stderr else script)
    return done.stdout


@contextlib.contextmanager
def mounted(at, *options):
    at.mkdir(exist_ok=True)
    sh('mount "$@"', *options, at)
    try:
        yield at
    finally:
        subprocess.run(["umount", "-l", at], check=False)


def textfiles(folder):
    (folder / "text").mkdir()
    return [f"--collector.textfile.directory={folder}/text"]


@fault("textfiles: disk full, half-written, read-only, gone", flags=textfiles)
def textfile(run):
    at = run.folder / "text"
    with mounted(at, "-t", "tmpfs", "-o", "size=16k", "tmpfs"):
        (at / "good.prom").write_text("job_last_success 1\n")
        run.wait_until("the good file shows", lambda: run.agent.value("job_last_success") == 1)
        with contextlib.suppress(OSError), open(at / "full.prom", "w") as full:
            full.write("job_rows 1\n" * 10_000)
        run.wait_until("half a file is an error", lambda: run.agent.value("node_textfile_scrape_error") == 1)
        check(run.agent.value("job_last_success") == 1, "the good file is still shown")
        sh('rm "$1/full.prom"; mount -o remount,ro "$1"', at)
        run.wait_until("it is over", lambda: run.agent.value("node_textfile_scrape_error") == 0)
    run.hold(0.5)
    return "the error is shown, the other file too"


@fault("a mount whose server hangs")
def hung_mount(run):
    at = run.folder / "hung"
    at.mkdir()
    device = os.open("/dev/fuse", os.O_RDWR)
    libc = ctypes.CDLL(None, use_errno=True)
    options = f"fd={device},rootmode=40000,user_id=0,group_id=0".encode()
    try:
        if libc.mount(b"dead", bytes(at), b"fuse", 0, options):
            raise Skipped(os.strerror(ctypes.get_errno()))
        run.hold(5)
    finally:
        # With the last descriptor the kernel answers in the server's place.
        os.close(device)
        libc.umount2(bytes(at), 2)
    return "served without it"


@fault("an interface comes and goes, 50 times")
def interface(run):
    for _ in range(50):
        sh("ip link add gone0 type veth peer name gone1; ip link set gone0 up; ip link set gone1 up")
        time.sleep(0.02)
        sh("ip link del gone0")
    return "served"


def without_ipv6(folder):
    sh("echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6")
    return ["--web.listen-address=:9911", DEFAULT_PORTS]


@fault("IPv6 is off, all interfaces and the default ports", peer=False, flags=without_ipv6)
def no_ipv6(run):
    run.hold(1)
    sh("echo 0 >/proc/sys/net/ipv6/conf/all/disable_ipv6")
    return "serves and takes lines on IPv4"


@fault("/proc with hidepid=2, as nobody", wrap=lambda folder: nobody())
def hidepid(run):
    def failed():
        return {key for key, value in run.agent.series().items()
                if key.startswith("node_scrape_collector_success") and not value}
    before = failed()
    sh("mount -o remount,hidepid=2 /proc")
    try:
        run.hold()
        more = failed() - before
    finally:
        sh("mount -o remount,hidepid=0 /proc")
    return f"without {', '.join(sorted(more))}" if more else "no collector fails by it"


def nobody():
    return ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "--bounding-set=-all", "--inh-caps=-all",
            "--no-new-privs"]


@fault("nobody, without capabilities", wrap=lambda folder: nobody())
def unprivileged(run):
    status = pathlib.Path(f"/proc/{run.agent.pid}/status").read_text()
    for line in ("CapEff:\t0000000000000000", "CapBnd:\t0000000000000000", "NoNewPrivs:\t1"):
        check(line in status, f"its status has no {line!r}")
    run.hold(1)
    return "serves"


def in_little_memory(folder):
    group = next((path for path in MEMORY if os.access(path.parent / "cgroup.procs", os.W_OK)), None)
    if group is None:
        raise Skipped("no control group of memory may be made here")
    group.mkdir(exist_ok=True)
    limit = group / "memory.limit_in_bytes"
    (limit if limit.exists() else group / "memory.max").write_text(str(LIMIT))
    return ["sh", "-ec", 'echo $$ >"$0"; exec "$@"', str(group / "cgroup.procs")]


@fault("16 MiB of memory, 20,000 series, 50 scrapes", wrap=in_little_memory)
def little_memory(run):
    if not run.is_peer:
        blast(run, (b"n%d:1|c" % n for n in range(20_000)))
    for _ in range(50):
        run.agent.ask(run.patience)
    check(run.agent.process.poll() is None, "it was killed for its memory")
    return f"served, with {run.agent.status('VmRSS') >> 10} MiB in use"


# With what the kernel counts for the group besides, this is below its limit.
@fault("16 MiB of memory, 500,000 new series", peer=False, wrap=in_little_memory, flags=lambda folder: ["--limit.memory=12M"])
def flood_in_little_memory(run):
    sent, most = 500_000, 0
    for start in range(0, sent, 25_000):
        blast(run, (b"\n".join(b"f%d:1|c|#tag:%d" % (i % 50, i) for i in range(at, at + 50))
                    for at in range(start, start + 25_000, 50)))
        most = max(most, run.agent.status("VmRSS"))
    check(run.agent.process.poll() is None, "it was killed for its memory")

    def figures():
        series = run.agent.series()
        return [series[name] for name in (
            "tallyd_statsd_series", "tallyd_statsd_events_over_memory_total", "statsd_exporter_udp_packet_drops_total")]

    def all_counted():
        # The steady sender's series is one of them. Of a packet that the kernel drops go fifty lines.
        kept, refused, dropped = figures()
        return 0 <= sent - (kept - 1 + refused) <= 50 * dropped
    run.wait_until("each line of the flood is kept, refused or dropped", all_counted)
    kept, refused, _ = figures()
    check(refused > 0, "nothing is refused")
    return f"{kept:.0f} kept, {refused:.0f} refused, {most >> 10} MiB at the most"


def faketime(folder):
    if not FAKETIME.exists():
        raise Skipped("there is no libfaketime (apt-get install faketime)")
    (folder / "clock").write_text("+0")
    return ["env", f"LD_PRELOAD={FAKETIME}", f"FAKETIME_TIMESTAMP_FILE={folder}/clock", "FAKETIME_NO_CACHE=1",
            "FAKETIME_DONT_FAKE_MONOTONIC=1", "FAKETIME_FORCE_MONOTONIC_FIX=0"]


@fault("the clock jumps a year ahead and ten years back", peer=False, wrap=faketime, flags=lambda folder: [mapping(folder)])
def clock(run):
    for step in ("+31536000", "-315360000", "+0"):
        (run.folder / "clock").write_text(step)
        year = time.gmtime(time.time() + int(step)).tm_year
        lines = run.agent.said().count(f"time={year}-")
        run.agent.tell(signal.SIGHUP)
        run.wait_until("its log is of that time", lambda: run.agent.said().count(f"time={year}-") > lines)
        run.hold(1)
    return "served on, its log follows"
