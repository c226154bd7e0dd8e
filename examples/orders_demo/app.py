"""An app that takes orders, finds users and fails on demand. What it counts goes to StatsD by the `datadog` package,
with DogStatsD tags.

PORT (5002), STATSD_HOST (127.0.0.1), STATSD_PORT (8125). mapping.yml gives names, help and buckets; tags become labels.
/metrics shows only the process itself."""
import os
import random
import threading
import time

from datadog.dogstatsd import DogStatsd
from flask import Flask, Response, abort, g, jsonify, request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

ACTIVE_SECONDS = 300
# Shorter than the ttl of gauges in mapping.yml, so that they stay while the app runs and go when it ends.
HEARTBEAT_SECONDS = 10
OUTCOMES = ("success", "failed")
ERRORS = (400, 404, 500, 503)

app = Flask(__name__)
# Without the client's own telemetry and the container's id: what is sent is what the app counts.
statsd = DogStatsd(
    host=os.environ.get("STATSD_HOST", "127.0.0.1"),
    port=int(os.environ.get("STATSD_PORT", "8125")),
    namespace="orders_demo",
    disable_telemetry=True,
    origin_detection_enabled=False,
)
users = {}  # id -> when it was seen last


def send_gauges():
    now = time.monotonic()
    for user, seen in list(users.items()):
        if now - seen > ACTIVE_SECONDS:
            users.pop(user, None)
    statsd.gauge("active_users", len(users))


def start_sending():
    """Gauges again and again, and counters that exist before they count: rate() sees a first event only after a 0."""
    for outcome in OUTCOMES:
        statsd.increment("orders", 0, tags=[f"status:{outcome}"])
    for status in (200, 500):
        statsd.increment("requests", 0, tags=["method:GET", f"status:{status}"])

    def beat():
        while True:
            send_gauges()
            time.sleep(HEARTBEAT_SECONDS)

    threading.Thread(target=beat, name="gauges", daemon=True).start()


def query(query_type, seconds):
    """What a database would take."""
    time.sleep(seconds)
    statsd.histogram("query", seconds, tags=[f"query_type:{query_type}"])


def order(outcome, value):
    query("insert", random.uniform(0.001, 0.005))
    statsd.increment("orders", tags=[f"status:{outcome}"])
    if outcome == "success":
        statsd.histogram("order_value", value)


@app.before_request
def before_request():
    g.started = time.perf_counter()


@app.after_request
def after_request(response):
    if request.endpoint == "metrics":
        return response
    # The rule, not the path: a label for each user would be a series for each user. The client sends no <> in a tag.
    rule = request.url_rule
    method, path = (request.method, rule.rule.replace("<id>", ":id")) if rule else ("OTHER", "unknown")
    tags = [f"method:{method}", f"status:{response.status_code}"]
    statsd.increment("requests", tags=tags)
    statsd.histogram("duration", time.perf_counter() - g.started, tags=[*tags, f"path:{path}"])
    return response


@app.get("/")
def home():
    return jsonify(app="orders-demo", endpoints=sorted(rule.rule for rule in app.url_map.iter_rules()))


@app.get("/health")
def health():
    return jsonify(status="healthy")


@app.get("/api/users/<id>")
def get_user(id):
    if not id.isdecimal() or len(id) > 6:
        abort(404)
    query("select", random.uniform(0.001, 0.05))
    users[id] = time.monotonic()
    send_gauges()
    return jsonify(id=int(id), name=f"User {id}")


@app.post("/api/orders")
def create_order():
    """Nine in ten succeed, unless ?outcome= says what; ?value= is what it is worth."""
    outcome = request.args.get("outcome") or random.choices(OUTCOMES, weights=(9, 1))[0]
    value = request.args.get("value", type=float)
    value = round(random.uniform(5, 800), 2) if value is None else value
    if outcome not in OUTCOMES or not 0 < value < 1e6:
        abort(400)
    order(outcome, value)
    return jsonify(status=outcome, value=value), 201 if outcome == "success" else 402


@app.get("/api/slow")
def slow():
    seconds = random.uniform(1, 3)
    query("report", seconds)
    return jsonify(seconds=seconds)


@app.get("/api/error")
def error():
    status = request.args.get("status", type=int)
    abort(status if status in ERRORS else random.choice(ERRORS))


@app.get("/api/metrics-demo")
def metrics_demo():
    for _ in range(10):
        order(random.choices(OUTCOMES, weights=(9, 1))[0], round(random.uniform(5, 800), 2))
    return jsonify(orders=10)


@app.get("/metrics")
def metrics():
    return Response(generate_latest(), content_type=CONTENT_TYPE_LATEST)


if __name__ == "__main__":
    start_sending()
    app.run(host="127.0.0.1", port=int(os.environ.get("PORT", "5002")))
