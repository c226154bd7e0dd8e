"""An app that shows the four golden signals: latency, traffic, errors and saturation. What it counts goes to StatsD by the
`datadog` package, with DogStatsD tags.

PORT (3001), STATSD_HOST (127.0.0.1), STATSD_PORT (8125). mapping.yml gives names, help and buckets; tags become labels.
/metrics shows only the process itself."""
import itertools
import os
import random
import time

from datadog.dogstatsd import DogStatsd
from flask import Flask, Response, abort, g, jsonify, request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

# A client may send any word, and each would be a series.
OPERATIONS = ("payment", "user_login", "user_logout", "search", "checkout")
MAX_SECONDS, MAX_ITERATIONS, MAX_MEGABYTES = 10.0, 10_000_000, 256

app = Flask(__name__)
# Without the client's own telemetry and the container's id: what is sent is what the app counts.
statsd = DogStatsd(
    host=os.environ.get("STATSD_HOST", "127.0.0.1"),
    port=int(os.environ.get("STATSD_PORT", "8125")),
    namespace="workshop",
    disable_telemetry=True,
    origin_detection_enabled=False,
)
errors = itertools.cycle((400, 404, 500))


@app.before_request
def before_request():
    g.started = time.perf_counter()


@app.after_request
def after_request(response):
    if request.endpoint == "metrics":
        return response
    # Only what the routes allow becomes a label; a client may send any method to any path.
    rule = request.url_rule
    method, path = (request.method, rule.rule) if rule else ("OTHER", "unknown")
    tags = [f"method:{method}", f"status:{response.status_code}"]
    statsd.increment("requests", tags=tags)
    statsd.histogram("duration", time.perf_counter() - g.started, tags=[*tags, f"path:{path}"])
    if request.endpoint:
        statsd.increment("custom_requests", tags=[f"endpoint:{request.endpoint}"])
    return response


def argument(name, default, most):
    """A number of the query, between 0 and what this app can bear."""
    value = request.args.get(name, default, type=type(default))
    if not 0 <= value <= most:
        abort(400, f"{name} must be from 0 to {most}")
    return value


@app.get("/")
def hello():
    return "Hello, World!\n"


@app.get("/health")
def health():
    return jsonify(status="healthy")


@app.get("/business-metrics")
def business_metrics():
    operation = request.args.get("operation", "payment")
    operation = operation if operation in OPERATIONS else "unknown"
    statsd.increment("business_operations", tags=[f"operation_type:{operation}"])
    return jsonify(status="success", operation=operation)


@app.get("/delay")
def delay():
    seconds = argument("seconds", 1.0, MAX_SECONDS)
    time.sleep(seconds)
    return jsonify(seconds=seconds)


@app.get("/error")
def error():
    """Refuses or fails in ?rate= of a hundred requests, with 400, 404 and 500 in turn."""
    if random.uniform(0, 100) < argument("rate", 50.0, 100.0):
        abort(next(errors))
    return jsonify(status="success")


@app.get("/cpu-intensive")
def cpu_intensive():
    iterations = argument("iterations", 100_000, MAX_ITERATIONS)
    return jsonify(iterations=iterations, result=sum(i * i for i in range(iterations)))


@app.get("/memory-usage")
def memory_usage():
    """Takes ?size= megabytes for a moment."""
    size = argument("size", 10, MAX_MEGABYTES)
    block = b"x" * (size << 20)
    time.sleep(0.1)
    return jsonify(megabytes=len(block) >> 20)


@app.get("/metrics")
def metrics():
    return Response(generate_latest(), content_type=CONTENT_TYPE_LATEST)


if __name__ == "__main__":
    app.run(host="127.0.0.1", port=int(os.environ.get("PORT", "3001")))
