"""A FastAPI service whose requests go to StatsD by the `datadog` package, with DogStatsD tags.

PORT (8000), STATSD_HOST (127.0.0.1), STATSD_PORT (8125). mapping.yml gives names, help and buckets; tags become labels.
/metrics shows only the process itself."""
import asyncio
import contextlib
import os
import random
import time

import uvicorn
from datadog.dogstatsd import DogStatsd
from fastapi import FastAPI, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

# Shorter than the ttl of gauges in mapping.yml, so that they stay while the app runs and go when it ends.
HEARTBEAT_SECONDS = 10

# Without the client's own telemetry and the container's id: what is sent is what the app counts. A datagram over
# loopback does not block, so the event loop may send it.
statsd = DogStatsd(
    host=os.environ.get("STATSD_HOST", "127.0.0.1"),
    port=int(os.environ.get("STATSD_PORT", "8125")),
    namespace="fastapi_demo",
    disable_telemetry=True,
    origin_detection_enabled=False,
)
active = 0


async def beat():
    while True:
        statsd.gauge("active_connections", active)
        await asyncio.sleep(HEARTBEAT_SECONDS)


@contextlib.asynccontextmanager
async def lifespan(_app):
    task = asyncio.create_task(beat())
    yield
    task.cancel()


app = FastAPI(lifespan=lifespan)


def change_active(by):
    global active
    active += by
    statsd.gauge("active_connections", active)


@app.middleware("http")
async def count(request: Request, call_next):
    if request.url.path == "/metrics":
        return await call_next(request)
    started, status = time.perf_counter(), 500
    change_active(1)
    try:
        response = await call_next(request)
        status = response.status_code
        return response
    finally:
        change_active(-1)
        # The route, not the path: a client may ask for any path, and each would be a series.
        route = request.scope.get("route")
        method, endpoint = (request.method, route.path) if route else ("OTHER", "unknown")
        tags = [f"method:{method}", f"endpoint:{endpoint}"]
        statsd.increment("requests", tags=[*tags, f"status:{status}"])
        statsd.histogram("duration", time.perf_counter() - started, tags=tags)


@app.get("/")
async def root():
    return {"service": "fastapi-service"}


@app.get("/health")
async def health():
    return {"status": "healthy"}


@app.get("/simulate-load")
async def simulate_load():
    seconds = random.uniform(0.05, 0.3)
    await asyncio.sleep(seconds)
    return {"seconds": seconds}


@app.get("/metrics")
async def metrics():
    return Response(generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ.get("PORT", "8000")), log_level="warning")
