"""Faults of the file that keeps the series over a restart."""
import contextlib
import signal
import subprocess
import time

from rig.bench import Skipped, check, fault
from rig.faults_statsd import blast
from rig.load import Sender

# As in src/statsd/state/keep.rs.
INTERVAL = 60


def state(folder):
    (folder / "state").mkdir()
    return [f"--statsd.state-file={folder}/state/file"]


def on_small_disk(folder):
    (folder / "state").mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", folder / "state"], capture_output=True, text=True)
    if done.returncode:
        raise Skipped(done.stderr.strip())
    return [f"--statsd.state-file={folder}/state/file"]


def begun(run):
    """What the agent began with."""
    words = ("nothing", "finished", "unfinished", "damaged")
    series = run.agent.series()
    return next(word for word in words if series[f'tallyd_state_begun{{from="{word}"}}'])


def writes(run, outcome):
    return run.agent.value(f'tallyd_state_writes_total{{outcome="{outcome}"}}')


def restart(run, how, between=lambda: None):
    """Ends the agent and starts it anew: what it showed before, and what it shows after. What is sent has to be counted from
    here on, since it is either in the state, or gone with the process."""
    run.sender.stop()
    sent = run.sender.delivered - run.before + run.flood
    run.wait_until("all that it sent is there", lambda: run.agent.value("steady") >= sent)
    before = run.agent.series()
    run.agent.stop(how)
    between()
    run.agent.start()
    after = run.agent.series()
    run.before = run.packets = 0
    run.flood = after.get("steady", 0)
    run.sender = Sender(run.agent.udp)
    run.sender.start()
    return before, after


EDITS = {
    "damaged": lambda text: text[:50] + bytes([text[50] ^ 1]) + text[51:],
    "cut off": lambda text: text[:-1],
    "a head alone": lambda text: text[:30],
    "empty": lambda text: b"",
    "of another version": lambda text: text[:8] + b"\x63" + text[9:],
}


@fault("state file: damaged, cut off, of another version", takes=True, peer=False, flags=state)
def damaged(run):
    file = run.folder / "state/file"
    for what, edit in EDITS.items():
        restart(run, signal.SIGTERM, lambda: file.write_bytes(edit(file.read_bytes())))
        check(begun(run) == "damaged", f"{what}: it began with {begun(run)}")
        file.with_name("file.damaged").unlink()
    return f"set aside {len(EDITS)} times, counting from 0"


@fault("state file: disk full, read-only", takes=True, peer=False, flags=on_small_disk)
def no_room(run):
    at = run.folder / "state"
    try:
        run.wait_until("the first write", lambda: writes(run, "success") > 0)
        with contextlib.suppress(OSError), open(at / "full", "wb", buffering=0) as full:
            while full.write(bytes(4096)):
                pass
        # More than a page of the disk, which none is left of: the old file is all there is.
        blast(run, (b"n%d:1|c" % n for n in range(2000)))
        old = (at / "file").read_bytes()
        _, after = restart(run, signal.SIGTERM, lambda: check((at / "file").read_bytes() == old, "the old file stays"))
        check("can't write the state to" in run.agent.said(), "it does not say so")
        check(begun(run) == "unfinished" and "n1" not in after, f"it began with {begun(run)}")
        run.wait_until("the failure counts", lambda: writes(run, "failure") > 0)
        (at / "full").unlink()
        blast(run, (b"n%d:1|c" % n for n in range(2000)))
        run.wait_until("all are there", lambda: run.agent.value("tallyd_statsd_series") > 2000)
        _, after = restart(run, signal.SIGTERM)
        check(begun(run) == "finished" and after.get("n1") == 1, "all was written once there was room")
        subprocess.run(["mount", "-o", "remount,ro", at], check=True)
        run.wait_until("the first write", lambda: writes(run, "success") + writes(run, "failure") > 0)
        restart(run, signal.SIGTERM)
        run.wait_until("the failure counts", lambda: writes(run, "failure") > 0)
    finally:
        subprocess.run(["umount", "-l", at], check=False)
    return "served on, counted; the old file stays whole"


@fault("state file: SIGKILL during the write of 99,000 series", takes=True, peer=False, flags=state)
def killed_in_write(run):
    file, temporary = run.folder / "state/file", run.folder / "state/file.tmp"
    for first in range(0, 99_000, 9_000):
        blast(run, (b"\n".join(b"n%d:1|c|#a:b" % n for n in range(at, at + 50)) for at in range(first, first + 9_000, 50)))
        time.sleep(0.05)
    run.wait_until("all are there", lambda: run.agent.value("tallyd_statsd_series") > 99_000)
    hits = 0

    def kill_writers():
        nonlocal hits
        for _ in range(20):
            temporary.unlink(missing_ok=True)
            written = file.stat().st_mtime_ns
            writer = subprocess.Popen(run.agent.command, stderr=subprocess.DEVNULL)
            # The first write of a run is due at once.
            while not temporary.exists() and file.stat().st_mtime_ns == written:
                check(writer.poll() is None, "it did not start")
            time.sleep(0.002)
            writer.kill()
            writer.wait()
            hits += temporary.exists()
    before, after = restart(run, signal.SIGTERM, kill_writers)
    check(hits > 0, "no kill has met a write")
    for name in ("steady", 'n0{a="b"}', 'n98999{a="b"}', "tallyd_statsd_series"):
        check(after[name] == before[name], f"{name} was {before[name]} and is {after[name]}")
    return f"killed 20 times, {hits} while it wrote; all series are there"


@fault("state file: SIGKILL after more than a minute", takes=True, peer=False, flags=state)
def killed_late(run):
    seen = []
    end = time.monotonic() + INTERVAL + 20
    while time.monotonic() < end:
        seen.append((time.monotonic(), run.agent.value("steady")))
        run.hold(0.2)
    killed = time.monotonic()
    before, after = restart(run, signal.SIGKILL)
    safe = max(value for moment, value in seen if moment < killed - INTERVAL - 1)
    check(after["steady"] >= safe, f"{after['steady']} are kept, of {safe} a minute before")
    check(begun(run) == "unfinished", f"it began with {begun(run)}")
    check("which did not end in order" in run.agent.said(), "it does not say so")
    age = run.agent.value("tallyd_state_age_seconds")
    return f"{before['steady'] - after['steady']:.0f} lines of the last {age:.0f} s are lost, which it says"
