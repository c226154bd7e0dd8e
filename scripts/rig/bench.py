"""A fault, and the bench that runs one: an agent, a sender that counts, a scraper with a watch, and what came of it."""
import dataclasses
import pathlib
import shutil
import tempfile
import time

from rig.agent import Agent
from rig.load import Scraper, Sender

# The faults, in the order in which they are run.
FAULTS = []


@dataclasses.dataclass
class Fault:
    title: str
    inject: object
    # Whether it takes what the agent needs to answer at all, so that answers count from its end.
    takes: bool = False
    # Whether it can be done to the node exporter: it has no StatsD, no reload and no flags of ours.
    peer: bool = True
    # From the folder of the run to flags of the agent, and to the command that it is started by.
    flags: object = lambda folder: ()
    wrap: object = lambda folder: ()


def fault(title, **how):
    """Puts a function into the list. It gets a Run, and returns what happened in few words."""
    def add(inject):
        FAULTS.append(Fault(title, inject, **how))
        return inject
    return add


class Skipped(Exception):
    """What this machine lacks for a fault."""


def check(holds, what):
    if not holds:
        raise AssertionError(what)


class Run:
    """One fault done to one agent."""

    def __init__(self, fault, program, patience):
        self.fault, self.patience = fault, patience
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="fault-"))
        # Who the agent runs as may have to reach its files.
        self.folder.chmod(0o755)
        self.sender = self.scraper = self.agent = None
        # What other senders than the steady one have sent over UDP: packets, and those of them that are lines "flood:1|c".
        self.packets = self.flood = 0
        self.before = 0
        self.program = program

    def start(self):
        self.agent = Agent(self.program, self.folder, self.fault.flags(self.folder), self.fault.wrap(self.folder))
        if not self.agent.is_peer:
            self.sender = Sender(self.agent.udp)
            self.sender.start()
        self.scraper = Scraper(self.agent, self.patience)
        self.scraper.start()
        self.scraper.first_after(time.monotonic())

    @property
    def is_peer(self):
        return self.agent.is_peer

    def hold(self, seconds=2.0):
        """Leaves the fault as it is for a while."""
        time.sleep(seconds)

    def wait_until(self, what, holds, seconds=20):
        end = time.monotonic() + seconds
        while not holds():
            check(time.monotonic() < end, f"not within {seconds} s: {what}")
            time.sleep(0.05)

    def kill(self, how):
        """Ends the process. What it had and had not shown goes with it; what comes now is refused to the sender."""
        shown = 0 if self.is_peer else self.agent.value("steady")
        self.agent.stop(how)
        if self.is_peer:
            return 0
        refused = self.sender.refused
        self.wait_until("the sender is refused", lambda: self.sender.refused > refused + 1)
        old, self.before = self.before, self.sender.delivered_before
        return self.before - old - shown

    def uncounted(self):
        """Lines that a socket took, and that are neither in a series nor in a counter of loss."""
        if self.is_peer:
            return 0
        self.sender.stop()
        lines = self.sender.delivered - self.before + self.flood
        packets = self.sender.delivered - self.before + self.packets

        def lost():
            series = self.agent.series()
            dropped = series["statsd_exporter_udp_packet_drops_total"]
            counted = series.get("steady", 0) + series.get("flood", 0) + dropped
            return (packets - series["statsd_exporter_udp_packets_total"] - dropped,
                    # Of packets of others, the kernel does not say which it dropped.
                    lines - counted if self.packets == self.flood or not dropped else 0)
        end = time.monotonic() + 10
        while any(lost()) and time.monotonic() < end:
            time.sleep(0.05)
        return max(lost(), key=abs)

    def end(self):
        if self.scraper:
            self.scraper.stop()
        if self.sender and self.sender.is_alive():
            self.sender.stop()
        if self.agent:
            self.agent.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


@dataclasses.dataclass
class Outcome:
    happened: str
    slowest: float = 0.0
    served_after: float = 0.0
    uncounted: int = 0
    why: str = ""
    skipped: bool = False


def measure(run):
    run.start()
    began = time.monotonic()
    happened = run.fault.inject(run)
    ended = time.monotonic()
    served = run.scraper.first_after(ended)
    slowest, why = run.scraper.slowest(began, ended + (0 if run.fault.takes else served))
    uncounted = int(run.uncounted())
    check(run.fault.takes or slowest <= run.patience, f"an answer took {slowest:.1f} s")
    check(uncounted == 0, f"{uncounted} lines are lost and not counted")
    if run.fault.takes:
        check(served <= run.patience, f"it served again after {served:.1f} s")
    else:
        check(not why, f"a scrape failed: {why}")
    return Outcome(happened, slowest, served if run.fault.takes else 0.0, uncounted)


def do(fault, program, patience):
    """Runs a fault against a program, whatever comes of it."""
    run = Run(fault, program, patience)
    try:
        return measure(run)
    except Skipped as why:
        return Outcome(f"skipped: {why}", skipped=True)
    except (AssertionError, OSError) as error:
        return Outcome("FAILED", why=str(error) or type(error).__name__)
    finally:
        run.end()
