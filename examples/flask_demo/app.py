"""A small shop: five endpoints, and what they count goes to StatsD by the `statsd` package.

PORT (8080), STATSD_HOST (127.0.0.1), STATSD_PORT (8125), APP_ENV (development). mapping.yml turns the names that are sent
here into metrics; /metrics shows only the process itself."""
import os
import random
import threading
import time

from flask import Flask, Response, g, jsonify, request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from statsd import StatsClient

VERSION = "1.0.0"
ENVIRONMENT = os.environ.get("APP_ENV", "development")
ACTIVE_SECONDS = 300
MAX_USERS = 10_000
# Shorter than the ttl of gauges in mapping.yml, so that they stay while the app runs and go when it ends.
HEARTBEAT_SECONDS = 10

app = Flask(__name__)
started = time.monotonic()
statsd = StatsClient(
    host=os.environ.get("STATSD_HOST", "127.0.0.1"),
    port=int(os.environ.get("STATSD_PORT", "8125")),
    prefix="flask_demo",
)
users = {}  # name or address -> when it was seen last


def send_gauges():
    now = time.monotonic()
    for user, seen in list(users.items()):
        if now - seen > ACTIVE_SECONDS:
            users.pop(user, None)
    statsd.gauge("active_users", len(users))
    statsd.gauge("uptime", round(now - started, 3))
    statsd.gauge(f"info.{ENVIRONMENT}.{VERSION}", 1)


def start_sending():
    """Gauges again and again, and counters that exist before they count: rate() sees a first event only after a 0."""
    for name in ("orders_created", "revenue", "requests.POST.create_order.201", "requests.POST.create_order.500"):
        statsd.incr(name, 0)

    def beat():
        while True:
            send_gauges()
            time.sleep(HEARTBEAT_SECONDS)

    threading.Thread(target=beat, name="gauges", daemon=True).start()


@app.before_request
def before_request():
    g.started = time.perf_counter()
    user = request.headers.get("X-User", request.remote_addr)
    if request.endpoint != "metrics" and (user in users or len(users) < MAX_USERS):
        users[user] = time.monotonic()


@app.after_request
def after_request(response):
    if request.endpoint == "metrics":
        return response
    # Only what the routes allow becomes part of a name; a client may send any method to any path.
    method, endpoint = (request.method, request.endpoint) if request.endpoint else ("OTHER", "unknown")
    statsd.incr(f"requests.{method}.{endpoint}.{response.status_code}")
    statsd.timing(f"duration.{method}.{endpoint}", 1000 * (time.perf_counter() - g.started))
    return response


@app.get("/")
def home():
    return jsonify(app="flask-demo", version=VERSION)


@app.get("/api/users")
def get_users():
    return jsonify(users=[{"id": i, "name": name} for i, name in enumerate(("Ann", "Ben", "Cleo"), 1)])


@app.post("/api/orders")
def create_order():
    """An order of ?amount= dollars, or of any; with ?fail=1 the payment breaks."""
    if request.args.get("fail"):
        return jsonify(error="payment failed"), 500
    amount = request.args.get("amount", type=float)
    amount = round(random.uniform(10, 500), 2) if amount is None else amount
    if not 0 < amount < 1e6:
        return jsonify(error="amount must be above 0 and below 1000000"), 400
    statsd.incr("orders_created")
    statsd.incr("revenue", amount)
    send_gauges()
    return jsonify(status="created", amount=amount), 201


@app.get("/api/health")
def health():
    return jsonify(status="healthy")


@app.get("/metrics")
def metrics():
    return Response(generate_latest(), content_type=CONTENT_TYPE_LATEST)


if __name__ == "__main__":
    start_sending()
    app.run(host="127.0.0.1", port=int(os.environ.get("PORT", "8080")))
