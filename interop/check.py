#!/usr/bin/env python3
"""Sends every kind of metric from a real client to a running agent, and compares what the agent shows.

usage: interop/check.py AGENT NAME TRANSPORTS COMMAND...

For each of the transports (udp,tcp,unixgram,unixstream) an agent of its own is started and COMMAND is run with
TRANSPORT and ADDRESS after it. interop/NAME/expected.prom has the series that must be there then, and no others: those
whose names start with interop_, and what the agent counts of samples, messages and errors, without zeros.
With BLESS=1 the file is written instead, to be reviewed."""
import difflib
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import urllib.request

PATIENCE = 20  # Seconds; some clients send once in a while only.
COUNTED = re.compile(
    r"(statsd_exporter_(samples|sample_errors|tag_errors|events|events_error|events_conflict)"
    r"|tallyd_statsd_(dogstatsd_messages|sections_ignored))_total\b"
)


class Agent:
    """An agent that listens for StatsD in one way only."""

    def __init__(self, program, transport, folder):
        socket = f"{folder}/statsd.sock"
        ways = {"udp": "127.0.0.1:0", "tcp": "127.0.0.1:0", "unixgram": socket, "unixstream": socket}
        flags = [f"--statsd.listen-{way}={ways[way] if way == transport else ''}" for way in ("udp", "tcp")]
        if transport not in ("udp", "tcp"):
            flags.append(f"--statsd.listen-{transport}={socket}")
        # The log is a file, so that the agent never waits for a reader.
        self.log = pathlib.Path(folder) / "log"
        with self.log.open("wb") as log:
            command = [program, "--web.listen-address=127.0.0.1:0", "--collector.disable-defaults", *flags]
            self.process = subprocess.Popen(command, stderr=log)
        self.metrics = self.await_log(r"(http://[^\s\"]+)")
        self.address = socket if transport not in ("udp", "tcp") else self.await_log(rf"{transport} (127\.\S+:\d+)")

    def await_log(self, pattern):
        deadline = time.monotonic() + PATIENCE
        while not (found := re.search(pattern, self.log.read_text())):
            if self.process.poll() is not None or time.monotonic() > deadline:
                sys.exit(f"the agent does not serve:\n{self.log.read_text()}")
            time.sleep(0.02)
        return found.group(1)

    def shown(self):
        """Types and series that matter, sorted, for the order of families is not a client's matter."""
        body = urllib.request.urlopen(self.metrics, timeout=PATIENCE).read().decode()
        lines = []
        for line in body.splitlines():
            if line.startswith(("# TYPE interop_", "interop_")):
                lines.append(line)
            elif COUNTED.match(line) and not line.endswith(" 0"):
                lines.append(line)
        return "\n".join(sorted(lines, key=lambda line: line.removeprefix("# TYPE "))) + "\n"

    def stop(self):
        self.process.terminate()
        self.process.wait(PATIENCE)


def settled(agent, expected):
    """What the agent shows once it is as expected, or no more changes come."""
    deadline = time.monotonic() + PATIENCE
    shown = agent.shown()
    while shown != expected and time.monotonic() < deadline:
        time.sleep(0.1)
        shown = agent.shown()
    return shown


def try_transport(program, name, transport, command):
    golden = pathlib.Path(__file__).parent / name / "expected.prom"
    bless = os.environ.get("BLESS") == "1"
    with tempfile.TemporaryDirectory() as folder:
        agent = Agent(program, transport, folder)
        try:
            subprocess.run([*command, transport, agent.address], check=True, timeout=60)
            if bless:
                time.sleep(2)
                golden.write_text(agent.shown())
            expected = golden.read_text()
            shown = settled(agent, expected)
        finally:
            agent.stop()
    if shown != expected:
        diff = difflib.unified_diff(expected.splitlines(), shown.splitlines(), "expected", "shown", lineterm="")
        print(f"FAIL {name} over {transport}", *diff, sep="\n")
        return False
    print(f"ok   {name} over {transport}: {shown.count('# TYPE')} metrics")
    return True


def main(program, name, transports, *command):
    known = subprocess.run([program, "--help"], capture_output=True, text=True, check=True).stdout
    passed = True
    for transport in transports.split(","):
        if f"--statsd.listen-{transport}" in known:
            passed &= try_transport(program, name, transport, command)
        else:
            print(f"skip {name} over {transport}: the agent has no --statsd.listen-{transport}")
    sys.exit(not passed)


if __name__ == "__main__":
    main(*sys.argv[1:])
