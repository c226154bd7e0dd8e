"""Those who use an agent well while it is under a fault: a sender that knows what it sent, and a scraper with a watch."""
import socket
import threading
import time


class Sender(threading.Thread):
    """Sends one line a datagram at a steady rate, and knows how many reached a socket."""

    def __init__(self, to, rate=200, line=b"steady:1|c"):
        super().__init__(daemon=True)
        self.socket = socket.socket(type=socket.SOCK_DGRAM)
        self.socket.connect(to)
        self.rate, self.line = rate, line
        self.sent = self.refused = 0
        # As of the last refusal: between two of them one datagram more looks delivered.
        self.delivered_before = 0
        self.over = threading.Event()

    def run(self):
        while not self.over.wait(1 / self.rate):
            self.send()

    def send(self):
        try:
            self.socket.send(self.line)
            self.sent += 1
        except ConnectionRefusedError:
            # Says that nobody took the datagram before; this one was not sent.
            self.refused += 1
            self.delivered_before = self.delivered

    @property
    def delivered(self):
        return self.sent - self.refused

    def stop(self):
        self.over.set()
        self.join()
        # What the last datagram met is known to the next call. There is nothing to send where it met nobody.
        self.refused += self.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) != 0
        self.socket.close()


class Scraper(threading.Thread):
    """Scrapes again and again, each time on a new connection, and keeps how long each answer took."""

    def __init__(self, agent, patience, pause=0.1):
        super().__init__(daemon=True)
        self.agent, self.patience, self.pause = agent, patience, pause
        self.answers = []
        self.over = threading.Event()

    def run(self):
        while not self.over.wait(self.pause):
            began = time.monotonic()
            body, why = self.agent.ask(self.patience)
            if body is not None and "node_load1 " not in body:
                why = "a body without node_load1"
            self.answers.append((began, time.monotonic(), why))

    def slowest(self, since, until):
        """The longest wait of the scrapes in a span, and why one of them failed."""
        within = [answer for answer in self.answers if answer[1] > since and answer[0] < until]
        failed = [why for _, _, why in within if why]
        return max((end - began for began, end, _ in within), default=0.0), failed[0] if failed else ""

    def first_after(self, moment):
        """Seconds from then to the first good answer; waits for it as long as one may take."""
        limit = time.monotonic() + self.patience * 5
        while time.monotonic() < limit:
            good = [end for _, end, why in list(self.answers) if not why and end > moment]
            if good:
                return good[0] - moment
            time.sleep(0.02)
        return float("inf")

    def stop(self):
        self.over.set()
        self.join()
