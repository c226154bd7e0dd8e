"""Every call of the Python package statsd. usage: client.py udp|tcp|unixstream ADDRESS"""
import datetime
import random
import sys

import statsd

random.random = lambda: 0.0  # Each sampled call is sent.


def connect(transport, address):
    if transport == "unixstream":
        return statsd.UnixSocketStatsClient(socket_path=address, prefix="interop")
    host, port = address.rsplit(":", 1)
    kind = {"udp": statsd.StatsClient, "tcp": statsd.TCPStatsClient}[transport]
    return kind(host, int(port), prefix="interop")


client = connect(*sys.argv[1:])
client.incr("counter")
client.incr("counter", 4)
client.incr("sampled", 3, rate=0.5)
client.decr("counter")
client.gauge("gauge", 4.5)
client.gauge("gauge", 2, delta=True)
client.gauge("gauge", -1, delta=True)
client.gauge("below", -3)
client.timing("timer", 320)
client.timing("timer", datetime.timedelta(milliseconds=80))
client.timing("rare", 100, rate=0.25)
for member in ("alice", "bob", "alice"):
    client.set("set", member)
with client.pipeline() as pipe:
    pipe.incr("piped", 2)
    pipe.gauge("piped.gauge", 7)
    pipe.timing("piped.timer", 1500)
client.close()
