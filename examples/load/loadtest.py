#!/usr/bin/env python3
"""Puts an app under load, as k6 would: some users ask again and again; ends with a table, and with status 1 if a
threshold is crossed.

usage: loadtest.py [--users N] [--requests N] [--pause SECONDS] [--max-p95 SECONDS] [--max-failed RATIO] [URL...]"""
import argparse
import http.client
import itertools
import threading
import time
import urllib.parse


def user(urls, numbers, pause, results):
    """Asks for one address after the other until the numbers are used up, over one connection a host."""
    connections = {}
    for number in numbers:
        url = urls[number % len(urls)]
        connection = connections.setdefault(url.netloc, http.client.HTTPConnection(url.netloc, timeout=30))
        started = time.perf_counter()
        try:
            connection.request("GET", url.path or "/")
            response = connection.getresponse()
            response.read()
            status = response.status
        except OSError:
            connection.close()
            status = 0
        results.append((time.perf_counter() - started, status))
        time.sleep(pause)


class Numbers:
    """0, 1, 2, ... shared by the users."""

    def __init__(self, count):
        self.numbers, self.lock = iter(range(count)), threading.Lock()

    def __iter__(self):
        return self

    def __next__(self):
        with self.lock:
            return next(self.numbers)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--users", type=int, default=10)
    parser.add_argument("--requests", type=int, default=600)
    parser.add_argument("--pause", type=float, default=0.01)
    parser.add_argument("--max-p95", type=float, default=0.5)
    parser.add_argument("--max-failed", type=float, default=0.01)
    parser.add_argument("urls", nargs="*", default=["http://127.0.0.1:5000/", "http://127.0.0.1:5000/work"])
    args = parser.parse_args()
    urls, numbers, results = [urllib.parse.urlsplit(url) for url in args.urls], Numbers(args.requests), []
    users = [threading.Thread(target=user, args=(urls, numbers, args.pause, results)) for _ in range(args.users)]
    started = time.perf_counter()
    for thread in users:
        thread.start()
    for thread in users:
        thread.join()
    elapsed = time.perf_counter() - started
    times = sorted(seconds for seconds, _ in results)
    by_status = {status: len(list(group)) for status, group in itertools.groupby(sorted(s for _, s in results))}
    p95 = times[int(0.95 * (len(times) - 1))] if times else 0
    failed = sum(count for status, count in by_status.items() if not 200 <= status < 400) / max(len(times), 1)
    print(f"requests  {len(times)}, {len(times) / elapsed:.0f} a second; by status: {by_status} (0: no answer)")
    print(f"p95       {p95:.3f} s, allowed {args.max_p95} s")
    print(f"failed    {failed:.2%}, allowed {args.max_failed:.2%}")
    return 1 if p95 > args.max_p95 or failed > args.max_failed or not times else 0


if __name__ == "__main__":
    raise SystemExit(main())
