"""An app to put under load: each request is one packet with a count and a time, by the `statsd` package.

PORT (5000), STATSD_HOST (127.0.0.1), STATSD_PORT (8125). mapping.yml turns the names that are sent here into metrics;
/metrics shows only the process itself."""
import os
import time

from flask import Flask, Response, g, jsonify, request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from statsd import StatsClient

app = Flask(__name__)
statsd = StatsClient(
    host=os.environ.get("STATSD_HOST", "127.0.0.1"),
    port=int(os.environ.get("STATSD_PORT", "8125")),
    prefix="load",
)


@app.before_request
def before_request():
    g.started = time.perf_counter()


@app.after_request
def after_request(response):
    if request.endpoint == "metrics":
        return response
    # Only what the routes allow becomes part of a name; a client may send any method to any path.
    method, endpoint = (request.method, request.endpoint) if request.endpoint else ("OTHER", "unknown")
    with statsd.pipeline() as packet:
        packet.incr(f"requests.{method}.{endpoint}.{response.status_code}")
        packet.timing(f"latency.{endpoint}", 1000 * (time.perf_counter() - g.started))
    return response


@app.get("/")
def index():
    return jsonify(app="flask-app")


@app.get("/work")
def work():
    time.sleep(0.02)
    return jsonify(done=True)


@app.get("/metrics")
def metrics():
    return Response(generate_latest(), content_type=CONTENT_TYPE_LATEST)


if __name__ == "__main__":
    app.run(host="127.0.0.1", port=int(os.environ.get("PORT", "5000")), threaded=True)
