"""An agent under test, and what it says of itself."""
import http.client
import os
import pathlib
import re
import signal
import socket
import ssl
import subprocess
import time

START_SECONDS = 60
# In the place of a flag: it listens for StatsD where it does by itself.
DEFAULT_PORTS = ""


def free_port(kind=socket.SOCK_STREAM):
    with socket.socket(type=kind) as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def read_series(body):
    """Series as they are written, by value."""
    pairs = (line.rpartition(" ") for line in body.splitlines() if not line.startswith("#"))
    return {name: float(value) for name, _, value in pairs if name}


class Agent:
    """A program on loopback: tallyd, or Debian's node exporter, which knows no StatsD."""

    def __init__(self, program, folder, flags=(), wrap=()):
        self.is_peer = "node-exporter" in pathlib.Path(program).name
        self.web = ("127.0.0.1", free_port())
        self.is_secure = any(flag.startswith("--web.config.file=") for flag in flags)
        self.udp = self.tcp = ("127.0.0.1", 8125)
        listen = []
        if not self.is_peer and DEFAULT_PORTS not in flags:
            self.udp = ("127.0.0.1", free_port(socket.SOCK_DGRAM))
            self.tcp = ("127.0.0.1", free_port())
            listen = [f"--statsd.listen-udp={self.udp[0]}:{self.udp[1]}", f"--statsd.listen-tcp={self.tcp[0]}:{self.tcp[1]}"]
        self.command = [*wrap, program, f"--web.listen-address=127.0.0.1:{self.web[1]}", *listen,
                        *(flag for flag in flags if flag != DEFAULT_PORTS)]
        self.log_path = pathlib.Path(folder) / "agent.log"
        self.log = None
        self.start()

    def start(self):
        with open(self.log_path, "ab") as kept:
            self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                            stderr=kept if self.log is None else self.log)
        end = time.monotonic() + START_SECONDS
        while not self.ask(5)[0]:
            if self.process.poll() is not None or time.monotonic() > end:
                raise AssertionError(f"it did not start: {self.said()[-500:]}")
            time.sleep(0.02)

    @property
    def pid(self):
        """Of the program; where a wrapper stays its parent, its child."""
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return int(children[0]) if children else self.process.pid

    def connection(self, seconds):
        if not self.is_secure:
            return http.client.HTTPConnection(*self.web, timeout=seconds)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        return http.client.HTTPSConnection(*self.web, timeout=seconds, context=context)

    def ask(self, seconds, path="/metrics"):
        """The body of an answer on a connection of its own, or None and why there was none."""
        connection = self.connection(seconds)
        try:
            connection.request("GET", path, headers={
                "Connection": "close", "X-Prometheus-Scrape-Timeout-Seconds": str(seconds)})
            answer = connection.getresponse()
            body = answer.read().decode()
            return (body, "") if answer.status == 200 else (None, f"status {answer.status}")
        except (OSError, http.client.HTTPException) as error:
            return None, type(error).__name__
        finally:
            connection.close()

    def series(self):
        body, why = self.ask(20)
        if body is None:
            raise AssertionError(f"no answer to a scrape: {why}")
        return read_series(body)

    def value(self, name):
        """One series, or all of a family together; 0 where it shows none."""
        return sum(value for key, value in self.series().items() if key == name or key.startswith(name + "{"))

    def status(self, field):
        """A figure of /proc/PID/status: Threads, or VmRSS and VmHWM in KiB."""
        return int(re.search(rf"^{field}:\s+(\d+)", pathlib.Path(f"/proc/{self.pid}/status").read_text(), re.M)[1])

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def said(self):
        return self.log_path.read_text(errors="replace")

    def tell(self, number):
        os.kill(self.pid, number)

    def stop(self, how=signal.SIGTERM):
        if self.process.poll() is None:
            self.tell(how)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
