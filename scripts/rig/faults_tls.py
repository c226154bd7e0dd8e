"""Faults of those who speak TLS, or begin to, on a web side that has a certificate."""
import contextlib
import socket
import ssl
import struct
import subprocess

from rig.bench import Skipped, check, fault
from rig.faults_web import aborted, answer, connections, drip, lengthen

# Longer than a handshake may take.
HOLD = 7


def secure(folder):
    """Flags of an agent that speaks TLS."""
    made = subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                           "-keyout", folder / "key", "-out", folder / "crt", "-subj", "/CN=localhost", "-days", "2"],
                          capture_output=True)
    if made.returncode:
        raise Skipped("openssl makes no certificate")
    (folder / "web.yml").write_text(f"tls_server_config:\n  cert_file: {folder}/crt\n  key_file: {folder}/key\n")
    return [f"--web.config.file={folder}/web.yml"]


def context():
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.check_hostname, made.verify_mode = False, ssl.CERT_NONE
    return made


def hello():
    """What a client says first."""
    outgoing = ssl.MemoryBIO()
    with contextlib.suppress(ssl.SSLWantReadError):
        context().wrap_bio(ssl.MemoryBIO(), outgoing).do_handshake()
    return outgoing.read()


@contextlib.contextmanager
def sessions(run, count, buffer=None):
    """Clients whose handshake is over."""
    with connections(run, count, buffer=buffer) as plain, contextlib.ExitStack() as open_ones:
        made, shared = [], context()
        for s in plain:
            # One that is refused or reset is as good a fault as one that is held.
            with contextlib.suppress(OSError):
                made.append(open_ones.enter_context(shared.wrap_socket(s)))
        yield made


def failed(run):
    """Handshakes that the agent gave up, by its reason."""
    if run.is_peer:
        return "served"
    name = "tallyd_web_tls_handshakes_failed_total"
    counts = {key.split('"')[1]: value for key, value in run.agent.series().items() if key.startswith(name) and value}
    check(counts, "no handshake is counted as failed")
    return ", ".join(f"{count:.0f} {reason}" for reason, count in sorted(counts.items()))


@fault("300 TLS handshakes that never go on", flags=secure)
def half_handshakes(run):
    with connections(run, 300, hello()[:100]):
        run.hold(HOLD)
    return failed(run)


@fault("300 TLS clients that drip a byte a second", flags=secure)
def dripped_handshakes(run):
    with connections(run, 300) as clients:
        drip(clients, hello()[:HOLD], 1)
    return failed(run)


@fault("600 TLS clients that end midway", flags=secure)
def ended_handshakes(run):
    first = hello()
    for turn in range(20):
        with connections(run, 30, first) as clients:
            for client in clients:
                with contextlib.suppress(OSError):
                    client.recv(1)
                if turn % 2:
                    # With a reset, where an end in order comes otherwise.
                    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return failed(run)


@fault("200 plain requests where TLS is spoken", flags=secure)
def plain(run):
    with connections(run, 200, b"GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n") as clients:
        answers = {answer(client) for client in clients}
    check(not any(" 200" in text for text in answers), f"answered {answers}")
    return f"{', '.join(sorted(answers))}; {failed(run)}"


@fault("300 TLS clients that drip a request", flags=secure)
def dripped_requests(run):
    with sessions(run, 300) as clients:
        drip(clients, b"GET /me", 1)
    return f"{len(clients)} held, then dropped"


@fault("100 TLS readers that never read", flags=secure)
def slow_readers(run):
    lengthen(run)
    with sessions(run, 100, buffer=2048) as clients:
        for client in clients:
            with contextlib.suppress(OSError):
                client.send(b"GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n")
        run.hold(3)
    return aborted(run)
