"""Every call of the Python package datadog's DogStatsd. usage: client.py udp|unixgram ADDRESS"""
import random
import sys

random.random = lambda: 0.0  # Each sampled call is sent. The client takes it at import.

from datadog.dogstatsd import DogStatsd

transport, address = sys.argv[1:]
host, _, port = address.rpartition(":")
where = {"socket_path": address} if transport == "unixgram" else {"host": host, "port": int(port)}
client = DogStatsd(
    namespace="interop",
    constant_tags=["env:test"],
    container_id="in-42",
    cardinality="low",
    disable_telemetry=True,
    socket_timeout=5,  # Without it, the client itself drops what a full socket does not take at once.
    **where,
)
client.increment("counter")
client.increment("counter", 4, tags=["path:/a b", "Zone:eu"])
client.count("counter", 5)
client.count("sampled", 3, sample_rate=0.5)
client.count_with_timestamp("dated", 2, 1656581400)
client.decrement("counter")
client.gauge("gauge", 4.5)
client.gauge("gauge", 2.25)
client.gauge_with_timestamp("dated.gauge", 3, 1656581400)
client.histogram("histogram", 12)
client.histogram("histogram", 0.5)
client.distribution("distribution", 7)
client.timing("timer", 320)
for member in ("alice", "bob", "alice"):
    client.set("set", member)
client.event("title", "two\nlines", alert_type="error", tags=["a:b"])
client.service_check("interop.check", DogStatsd.WARNING, message="m: n|o", hostname="h", timestamp=1656581400)
client.stop()
