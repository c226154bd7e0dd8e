"""Faults of those who scrape: too many, too slow, too large, or no HTTP at all."""
import contextlib
import resource
import socket
import threading
import time

from rig.bench import check, fault
from rig.faults_statsd import blast

HTTP2_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\4\0\0\0\0\0"


# Where those come from who mean no good: not from where the scraper with a watch does, since one address has a share of
# the connections, and from so many that they could take all.
STRANGERS = ("127.0.0.2", "127.0.0.3", "127.0.0.4")


@contextlib.contextmanager
def connections(run, count, first=b"", buffer=None, sources=STRANGERS):
    """Connections of clients that say something and then what they please."""
    made = []
    try:
        for number in range(count):
            s = socket.socket()
            s.bind((sources[number % len(sources)], 0))
            if buffer:
                s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
            s.settimeout(5)
            made.append(s)
            # One that is refused or reset is as good a fault as one that is held.
            with contextlib.suppress(OSError):
                s.connect(run.agent.web)
                s.sendall(first)
        yield made
    finally:
        for s in made:
            s.close()


def answer(s):
    """The status line that a client gets, or how its connection ended."""
    with contextlib.suppress(OSError):
        head = s.recv(4096)
        return head.split(b"\r\n")[0].decode(errors="replace") if head else "closed"
    return "reset"


@contextlib.contextmanager
def descriptors(run, allowed):
    """Leaves the agent so many descriptors."""
    before = resource.prlimit(run.agent.pid, resource.RLIMIT_NOFILE)
    resource.prlimit(run.agent.pid, resource.RLIMIT_NOFILE, (allowed, before[1]))
    try:
        yield
    finally:
        resource.prlimit(run.agent.pid, resource.RLIMIT_NOFILE, before)


@fault("40 descriptors, 200 idle connections", takes=True, wrap=lambda folder: ["prlimit", "--nofile=40"])
def few_descriptors(run):
    with connections(run, 200):
        run.hold()
    if run.is_peer:
        return "served again"
    return f"{run.agent.value('tallyd_web_connections_evicted_total'):.0f} evicted, then served again"


@fault("accept fails: no descriptor at all", takes=True)
def no_descriptors(run):
    with descriptors(run, 3):
        run.hold()
    if run.is_peer:
        return "served again"
    errors = run.agent.value("tallyd_web_accept_errors_total")
    check(0 < errors < 1000, f"{errors:.0f} errors of accept in two seconds")
    return f"{errors:.0f} errors of accept, counted"


def drip(clients, text, pause):
    """Each client sends a text byte by byte, as far as it is let."""
    for byte in text:
        for client in clients:
            with contextlib.suppress(OSError):
                client.send(bytes([byte]))
        time.sleep(pause)


def lengthen(run):
    """Makes answers too long for the kernel's buffers."""
    if not run.is_peer:
        blast(run, (b"n%d:1|c" % n for n in range(50_000)))


def aborted(run):
    """Answers that the agent gave up."""
    if run.is_peer:
        return "served"
    return f"{run.agent.value('tallyd_web_responses_aborted_total'):.0f} given up for room, counted"


@fault("300 readers that never read")
def slow_readers(run):
    lengthen(run)
    with connections(run, 300, b"GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n", buffer=2048):
        run.hold(3)
    return aborted(run)


@fault("300 clients that drip a byte at a time")
def dripped_requests(run):
    with connections(run, 300) as clients:
        drip(clients, b"GET /metrics HTTP/1.1", 0.1)
    return "held, then dropped"


@fault("300 connections of one address")
def one_address(run):
    with connections(run, 300, b"GET /metrics HTTP/1.1", sources=STRANGERS[:1]):
        run.hold()
    if run.is_peer:
        return "all taken"
    refused = run.agent.value('tallyd_web_connections_refused_total{reason="address_limit"}')
    check(refused > 0, f"{refused:.0f} refused")
    return f"{refused:.0f} refused, counted"


@fault("200 HTTP/2 prefaces")
def http2(run):
    with connections(run, 200, HTTP2_PREFACE) as clients:
        answers = {answer(client) for client in clients}
    check(not any(" 200" in text for text in answers), f"answered {answers}")
    return ", ".join(sorted(answers))


@fault("a request line of 64 MiB")
def long_line(run):
    before = run.agent.status("VmHWM")
    with connections(run, 1, b"GET /") as (client,):
        sent = 0
        try:
            while sent < 64 << 20:
                sent += client.send(b"a" * 65536)
        except OSError:
            pass
        said = answer(client)
    grown = run.agent.status("VmHWM") - before
    check(run.is_peer or grown < 4096, f"it took {grown} KiB")
    return f"{said} after {sent >> 10} KiB"


@fault("Content-Length: 4000000000, 50 times")
def long_body(run):
    head = b"POST /metrics HTTP/1.1\r\nHost: a\r\nContent-Length: 4000000000\r\n\r\n"
    with connections(run, 50, head) as clients:
        answers = {answer(client) for client in clients}
    return ", ".join(sorted(answers))


@fault("200 scrapes given up midway")
def given_up(run):
    for _ in range(20):
        with connections(run, 10, b"GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n", buffer=2048) as clients:
            for client in clients:
                answer(client)
    return "dropped"


@fault("50 scrapes at once")
def fifty(run):
    outcomes = []

    def scrape():
        body, why = run.agent.ask(30)
        outcomes.append("200" if body else why)
    threads = [threading.Thread(target=scrape) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    counts = {text: outcomes.count(text) for text in sorted(set(outcomes))}
    check(set(counts) <= {"200", "status 503"}, f"answered {counts}")
    return ", ".join(f"{count} x {text}" for text, count in counts.items())
