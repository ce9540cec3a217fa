"""The work item list with 100,000 items under 16 clients: requests a second, p95, queries a page.

    python -m bench.list_page [--items 100000] [--clients 16] [--requests 400] [--json]

A real `uvicorn` serves a throw-away SQLite home on loopback; clients are threads with a session. The figure beside it is the same
server's smallest signed-in page (an empty search), measured in the same run: the ratio says what the list itself costs, whatever the machine
does.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import tempfile
import threading
import time

from bench.served import project, server


def fill(items: int) -> str:
    """A project with this many work items; returns a session key of its reader."""
    node, user, cookie = project("MANY", "Many items")
    from steerco.kit.access import Actor
    from steerco.kit.register import get
    from steerco.kit.write import Draft, door

    register = get("work-items")
    for first in range(0, items, 5000):
        drafts = [
            Draft(
                {
                    "title": f"Item {n} of the backlog",
                    "status": ("todo", "doing", "done")[n % 3],
                    "owner": user,
                    "position": n,
                }
            )
            for n in range(first, min(first + 5000, items))
        ]
        with door(Actor.system("import")) as opened:
            opened.create_many(register, node, drafts)
    return cookie


def queries_of(path: str) -> int:
    """Database queries of one page."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from steerco.kit.people import User

    client = Client(SERVER_NAME="localhost")
    client.force_login(User.objects.get(email="planner@example.org"))
    with CaptureQueriesContext(connection) as seen:
        answer = client.get(path)
    assert answer.status_code == 200, answer.status_code
    return len(seen)


def load(port: int, path: str, cookie: str, clients: int, requests: int) -> dict[str, float]:
    """Requests a second and latencies in milliseconds of many clients asking for one page."""
    times: list[float] = []
    lock, start = threading.Lock(), threading.Barrier(clients + 1)

    def ask() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        mine = []
        start.wait()
        for _ in range(requests // clients):
            began = time.perf_counter()
            connection.request("GET", path, headers={"Cookie": f"sessionid={cookie}", "Host": "localhost"})
            answer = connection.getresponse()
            answer.read()
            if answer.status != 200:
                raise RuntimeError(f"{path} answered {answer.status}")
            mine.append(time.perf_counter() - began)
        with lock:
            times.extend(mine)

    threads = [threading.Thread(target=ask) for _ in range(clients)]
    for thread in threads:
        thread.start()
    start.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - began
    times.sort()
    return {
        "requests_per_second": round(len(times) / took, 1),
        "p50_ms": round(times[len(times) // 2] * 1000, 1),
        "p95_ms": round(times[int(len(times) * 0.95)] * 1000, 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--requests", type=int, default=400)
    parser.add_argument("--port", type=int, default=8765)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        os.environ |= {"STEERCO_HOME": home, "DJANGO_SETTINGS_MODULE": "steerco.site.settings"}
        began = time.perf_counter()
        cookie = fill(asked.items)
        filled = time.perf_counter() - began
        pages = {"list": "/n/MANY/work-items/", "filtered": "/n/MANY/work-items/?q=status:doing&sort=-title"}
        queries = {name: queries_of(path) for name, path in pages.items()}
        with server(asked.port, asked.workers):
            figures = {
                name: load(asked.port, path, cookie, asked.clients, asked.requests)
                for name, path in pages.items()
            }
            smallest = load(asked.port, "/search/", cookie, asked.clients, asked.requests)
    told = {
        "items": asked.items, "clients": asked.clients, "fill_seconds": round(filled, 1), "queries": queries,
        "pages": figures, "smallest_page": smallest,
        "ratio_to_smallest": round(smallest["requests_per_second"] / figures["list"]["requests_per_second"], 2),
    }  # fmt: skip
    if asked.json:
        print(json.dumps(told))
        return
    print(
        f"{asked.items:,} items, {asked.clients} clients, {asked.workers} workers of the server, SQLite; filled in {filled:.0f} s"
    )
    print(f"{'page':<10}{'req/s':>9}{'p50 ms':>9}{'p95 ms':>9}{'queries':>9}")
    for name, found in figures.items():
        print(
            f"{name:<10}{found['requests_per_second']:>9}{found['p50_ms']:>9}{found['p95_ms']:>9}{queries[name]:>9}"
        )
    print(
        f"{'smallest':<10}{smallest['requests_per_second']:>9}{smallest['p50_ms']:>9}{smallest['p95_ms']:>9}"
    )
    print(
        f"The smallest signed-in page is served {told['ratio_to_smallest']} times as often in the same run."
    )


if __name__ == "__main__":
    main()
