"""Parts of a stack on loopback, started on free ports and ended together: the agent, an app, Prometheus, Alertmanager and
a sink for mail. Prometheus and Alertmanager run with the files of prometheus/, made quicker and put on these ports."""
import http.server
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import socketserver
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
PATIENCE = 60
# What docs and prometheus/ say of ports, by the name of the part.
PORTS = {"agent": "127.0.0.1:9100", "prometheus": "localhost:19090", "alertmanager": "127.0.0.1:9093",
         "flask_demo": "localhost:8080", "orders_demo": "localhost:5002", "load": "localhost:5000",
         "fastapi_demo": "localhost:8000", "workshop": "localhost:3001"}


def free_port(kind=socket.SOCK_STREAM):
    with socket.socket(type=kind) as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def get(url, method="GET", headers=None):
    """Status and body; 0 where nothing answers."""
    request = urllib.request.Request(url, method=method, headers=headers or {})
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except OSError:
        return 0, ""


def wait_for(what, condition):
    """What the condition returns, once it is true."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if result := condition():
            return result
        time.sleep(0.2)
    raise SystemExit(f"gave up waiting for {what}")


def environment():
    """A Python with what the apps need."""
    at = ROOT / "target/walkthroughs-venv"
    if not (at / "ready").exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", at], check=True)
        needed = [f"-r{path}" for path in sorted((ROOT / "examples").glob("*/requirements.txt"))]
        subprocess.run([at / "bin/pip", "install", "--quiet", *needed], check=True)
        (at / "ready").touch()
    return at / "bin/python"


class Mail(socketserver.ThreadingTCPServer):
    """Takes any mail and keeps it."""
    daemon_threads = True

    class Handler(socketserver.StreamRequestHandler):
        def answer(self, text):
            self.wfile.write(text.encode() + b"\r\n")

        def handle(self):
            self.answer("220 sink")
            while line := self.rfile.readline():
                verb = line[:4].upper()
                if verb == b"DATA":
                    self.answer("354 go on")
                    lines = iter(self.rfile.readline, b".\r\n")
                    self.server.mails.append(b"".join(lines).decode(errors="replace"))
                self.answer("221 bye" if verb == b"QUIT" else "250 ok")
                if verb == b"QUIT":
                    return

    def __init__(self):
        super().__init__(("127.0.0.1", 0), self.Handler)
        self.mails = []
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Page(http.server.ThreadingHTTPServer):
    """Shows one text to whoever asks; as metrics, if not told otherwise."""
    daemon_threads = True

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", self.server.kind)
            self.end_headers()
            self.wfile.write(self.server.text.encode())

        def log_message(self, *_):
            pass

    def __init__(self, text, kind="text/plain; version=0.0.4"):
        super().__init__(("127.0.0.1", 0), self.Handler)
        self.text, self.kind = text, kind
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Stack:
    """Use it in a `with`."""

    def __init__(self, agent, python):
        self.agent_program, self.python = agent, python
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="walkthrough-"))
        self.parts, self.at = {}, {}
        self.statsd_port = free_port(socket.SOCK_DGRAM)

    def __enter__(self):
        return self

    def __exit__(self, kind, _error, _trace):
        for name in reversed(list(self.parts)):
            self.stop(name)
        if kind:
            for log in sorted(self.dir.glob("*.log")):
                print(f"--- {log.name}\n{log.read_text()[-2000:]}", file=sys.stderr)
        shutil.rmtree(self.dir, ignore_errors=True)

    def start(self, name, command, ready, environment=None):
        log = open(self.dir / f"{name}.log", "w")
        self.parts[name] = subprocess.Popen([str(part) for part in command], stdout=log, stderr=log, cwd=self.dir,
                                            env={**os.environ, **(environment or {})})
        def is_ready():
            if self.parts[name].poll() is not None:
                raise SystemExit(f"{name} ended: {(self.dir / f'{name}.log').read_text()}")
            return get(f"http://{self.at[name]}{ready}")[0] == 200
        wait_for(f"{name} to answer", is_ready)

    def stop(self, name, how=signal.SIGTERM):
        part = self.parts.pop(name)
        part.send_signal(how)
        try:
            part.wait(20)
        except subprocess.TimeoutExpired:
            part.kill()
            part.wait()

    def agent(self, mapping, *flags):
        self.at["agent"] = f"127.0.0.1:{free_port()}"
        self.start("agent", [self.agent_program, f"--web.listen-address={self.at['agent']}",
                             f"--statsd.listen-udp=127.0.0.1:{self.statsd_port}", "--statsd.listen-tcp=",
                             f"--statsd.mapping-config={mapping}", *flags], "/metrics")

    def app(self, name):
        port = free_port()
        self.at[name] = f"127.0.0.1:{port}"
        self.start(name, [self.python, ROOT / "examples" / name / "app.py"], "/metrics",
                   {"PORT": str(port), "STATSD_PORT": str(self.statsd_port)})

    def config(self, scrape):
        """prometheus.yml on these ports and each second, with the jobs of what runs here; or with-alloy.yml."""
        text = (ROOT / "prometheus" / ("prometheus.yml" if scrape else "with-alloy.yml")).read_text()
        text = re.sub(r"(interval|timeout): \d+s", r"\1: 1s", text)
        head, *jobs = re.split(r"(?m)^(?=  (?:#.*\n  )*- job_name)", text)
        text = head + "".join(job for job in jobs if any(PORTS[name] in job for name in self.at if name in PORTS))
        for name, port in PORTS.items():
            text = text.replace(port, self.at.get(name, port))
        rules = self.dir / "rules"
        rules.mkdir()
        for rule in (ROOT / "prometheus/rules").glob("*.yml"):
            (rules / rule.name).write_text(re.sub(r"for: \d+[ms]", "for: 2s", rule.read_text()))
        return text

    def prometheus(self, scrape=True, more=""):
        """Prometheus, with more scrapes than it has; without any where another scrapes and writes to it."""
        self.at["prometheus"] = f"127.0.0.1:{free_port()}"
        (self.dir / "prometheus.yml").write_text(self.config(scrape) + more)
        self.start("prometheus", ["prometheus", "--config.file=prometheus.yml", "--storage.tsdb.path=data",
                                  f"--web.listen-address={self.at['prometheus']}",
                                  "--web.enable-remote-write-receiver"], "/-/ready")
        if scrape:
            self.wait_for_scrapes((self.dir / "prometheus.yml").read_text().count("job_name:"))

    def wait_for_scrapes(self, jobs):
        wait_for("a scrape of each", lambda: [value for _, value in self.query("up")] == [1] * jobs)

    def remote_write(self):
        """In Alloy's role: scrapes what alloy/config.alloy does, under the same names, and writes to Prometheus."""
        jobs = {"integrations/unix": ("agent", socket.gethostname()), "flask-demo": ("flask_demo", ""),
                "prometheus": ("prometheus", "")}
        scrapes = [{"job_name": job, "static_configs": [
            {"targets": [self.at[name]], "labels": {"instance": instance} if instance else {}}]}
            for job, (name, instance) in jobs.items() if name in self.at]
        config = {"global": {"scrape_interval": "1s", "scrape_timeout": "1s"}, "scrape_configs": scrapes,
                  "remote_write": [{"url": f"http://{self.at['prometheus']}/api/v1/write"}]}
        # JSON is YAML.
        (self.dir / "writer.yml").write_text(json.dumps(config))
        self.at["writer"] = f"127.0.0.1:{free_port()}"
        self.start("writer", ["prometheus", "--enable-feature=agent", "--config.file=writer.yml",
                              "--storage.agent.path=writer", f"--web.listen-address={self.at['writer']}"], "/-/ready")
        self.wait_for_scrapes(len(scrapes))

    def alertmanager(self):
        mail = Mail()
        self.at["alertmanager"] = f"127.0.0.1:{free_port()}"
        text = (ROOT / "prometheus/alertmanager.yml").read_text()
        text = text.replace("localhost:25", "127.0.0.1:%d" % mail.server_address[1])
        (self.dir / "alertmanager.yml").write_text(re.sub(r"group_wait: \d+s", "group_wait: 1s", text))
        self.start("alertmanager", ["prometheus-alertmanager", "--config.file=alertmanager.yml",
                                    "--storage.path=alertmanager", "--cluster.listen-address=",
                                    f"--web.listen-address={self.at['alertmanager']}"], "/-/ready")
        return mail

    def ask(self, name, path, method="GET", headers=None):
        return get(f"http://{self.at[name]}{path}", method, headers)[0]

    def api(self, path, **arguments):
        body = get(f"http://{self.at['prometheus']}/api/v1/{path}?{urllib.parse.urlencode(arguments)}")[1]
        answer = json.loads(body or "{}")
        if answer.get("status") == "error":
            raise SystemExit(f"{path} {arguments}: {answer['error']}")
        return answer.get("data")

    def query(self, expression):
        """The labels and values of each series that the query returns now."""
        data = self.api("query", query=expression)
        return [(series["metric"], float(series["value"][1])) for series in data["result"]] if data else []

    def firing(self, alert):
        return any(a["state"] == "firing" and a["labels"]["alertname"] == alert for a in self.api("alerts")["alerts"])
