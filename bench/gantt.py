"""The plan page with 10,000 tasks on the real server: first paint, scrolling, the question a dragged bar asks.

    python -m bench.gantt [--tasks 10000] [--loads 5] [--json]

A generated MS Project file is taken in by the import itself, computed, and served by a real `uvicorn` from a throw-away SQLite
home; a headless Chromium opens the page with a session. Development only: it needs Playwright and Chromium.

What is measured, and where:
  server     wall time of the page and of its data (gantt.json), asked over one connection, median
  first      from the start of the navigation until the canvas is painted, median of some loads with an empty cache; beside it
             the first paint of the smallest signed-in page (an empty search) in the same browser
  after      the part of it after the data had arrived: parsing, outline, first frame
  scrolling  150 animation frames, each 90 pixels on, every 30th a jump of 20,000: time between frames, and the processor time the
             page's main thread needs for one (a machine without a screen refresh of its own, or a busy one, says more by the latter)
  preview    wall time of the answer to "what if this bar starts a week later", asked of the first task: at first, and the next ones
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import shutil
import statistics
import tempfile
import time
from datetime import datetime
from pathlib import Path
from typing import Any

from bench.served import project, server

CHROMIUM = [
    "--no-sandbox",
    "--headless=new",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
]
SCROLL = """async () => {
  const { gantt } = document.querySelector('[data-gantt]');
  const gaps = [];
  let before = await new Promise(requestAnimationFrame);
  for (let n = 0; n < 150; n += 1) {
    gantt.scroller.scrollTop += n % 30 === 29 ? 20000 : 90;
    const now = await new Promise(requestAnimationFrame);
    gaps.push(now - before);
    before = now;
  }
  return gaps;
}"""
PREVIEW = """async (path) => {
  const { gantt } = document.querySelector('[data-gantt]');
  const item = gantt.plan.items.find((one) => one.kind === 'task');
  const began = performance.now();
  const answer = await fetch(path, {
    method: 'POST', body: JSON.stringify({ ref: item.ref, start: item.start + 7 * 1440 }),
    headers: { 'content-type': 'application/json', 'x-csrftoken': document.querySelector('meta[name=csrf-token]').content },
  });
  const { moved } = await answer.json();
  return { ms: performance.now() - began, moved: moved.length };
}"""
PAINTED = """() => {
  const data = performance.getEntriesByType('resource').find((one) => one.name.includes('gantt.json'));
  const { painted } = document.querySelector('[data-gantt]').gantt;
  return { first: painted, after: painted - data.responseEnd };
}"""


def write_plan(path: Path, tasks: int) -> None:
    """Phases of twenty tasks; each task waits for the one before it, each phase's first for a task of the phase before."""
    start = datetime(2026, 1, 5, 8)
    head = (
        '<?xml version="1.0" encoding="UTF-8"?><Project xmlns="http://schemas.microsoft.com/project"><SaveVersion>14</SaveVersion>'
        f"<Name>Ten thousand</Name><StartDate>{start.isoformat()}</StartDate><ScheduleFromStart>1</ScheduleFromStart>"
        "<MinutesPerDay>480</MinutesPerDay><MinutesPerWeek>2400</MinutesPerWeek><Tasks>"
    )
    parts = [head]
    for uid in range(1, tasks + 1):
        phase, place = divmod(uid - 1, 21)
        if place == 0:
            body, number, level = "<Summary>1</Summary>", f"{phase + 1}", 1
        else:
            before = uid - 1 if place > 1 else uid - 1 - 21 + phase % 9
            link = (
                f"<PredecessorLink><PredecessorUID>{before}</PredecessorUID><Type>1</Type></PredecessorLink>"
                if before > 1
                else ""
            )
            body, number, level = (
                f"<Summary>0</Summary><Duration>PT{8 * (1 + uid % 5)}H0M0S</Duration><DurationFormat>7</DurationFormat>{link}",
                f"{phase + 1}.{place}",
                2,
            )
        parts.append(
            f"<Task><UID>{uid}</UID><ID>{uid}</ID><Name>Step {uid} of the roll-out</Name><OutlineNumber>{number}</OutlineNumber>"
            f"<OutlineLevel>{level}</OutlineLevel>{body}</Task>"
        )
    path.write_text("".join(parts) + "</Tasks></Project>", encoding="utf-8")


def fill(folder: Path, tasks: int) -> tuple[str, dict[str, float]]:
    """The plan taken in and computed; a session key of somebody who may move bars, and how long each step took."""
    node, _user, cookie = project("TEN", "Ten thousand")
    from django.utils import timezone

    from steerco.connect import intake, sniff
    from steerco.kit.access import Actor
    from steerco.status.recompute import recompute

    file = folder / "plan.xml"
    write_plan(file, tasks)
    began = time.perf_counter()
    intake.apply(Actor.system("import"), sniff.read(file, file.name), node, sha256="")
    taken = time.perf_counter()
    recompute(node.pk, now=timezone.now())
    took = {"import_s": taken - began, "recompute_s": time.perf_counter() - taken}
    return cookie, took


def ask(port: int, path: str, cookie: str, times: int) -> tuple[float, int]:
    """Median milliseconds and the bytes of an address, over one connection."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    found, size = [], 0
    for _ in range(times):
        began = time.perf_counter()
        connection.request("GET", path, headers={"Cookie": f"sessionid={cookie}", "Host": "localhost"})
        answer = connection.getresponse()
        size = len(answer.read())
        if answer.status != 200:
            raise RuntimeError(f"{path} answered {answer.status}")
        found.append(1000 * (time.perf_counter() - began))
    return statistics.median(found), size


def look(port: int, cookie: str, loads: int) -> dict[str, float]:
    """What a browser sees."""
    from playwright.sync_api import sync_playwright

    chromium = os.environ.get("STEERCO_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    firsts, afters = [], []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=CHROMIUM, chromium_sandbox=False, timeout=180_000
        )
        for _ in range(loads):
            context = browser.new_context(viewport={"width": 1440, "height": 900})
            context.set_default_timeout(180_000)
            context.add_cookies([{"name": "sessionid", "value": cookie, "url": f"http://127.0.0.1:{port}"}])
            page = context.new_page()
            session = context.new_cdp_session(page)
            session.send("Performance.enable", {"timeDomain": "threadTicks"})
            page.goto(f"http://127.0.0.1:{port}/n/TEN/gantt/")
            page.locator("[data-gantt] [role=row]").first.wait_for()
            found = page.evaluate(PAINTED)
            firsts.append(found["first"])
            afters.append(found["after"])
        before = busy(session)
        gaps = sorted(page.evaluate(SCROLL))
        work = (busy(session) - before) / len(gaps)
        asked = [page.evaluate(PREVIEW, "/n/TEN/gantt/preview") for _ in range(3)]
        page.goto(f"http://127.0.0.1:{port}/search/")
        smallest = page.evaluate("performance.getEntriesByType('paint')[0]?.startTime ?? performance.now()")
        browser.close()
    return {
        "first_paint_ms": statistics.median(firsts),
        "after_data_ms": statistics.median(afters),
        "frame_median_ms": gaps[len(gaps) // 2],
        "frame_p95_ms": gaps[int(len(gaps) * 0.95)],
        "frames_per_second": 1000 * len(gaps) / sum(gaps),
        "frame_processor_ms": work,
        "smallest_paint_ms": smallest,
        "preview_ms": asked[0]["ms"],
        "again_ms": statistics.median(one["ms"] for one in asked[1:]),
        "preview_moved": asked[0]["moved"],
    }


def busy(session: Any) -> float:
    """Milliseconds of processor time the page's main thread has used."""
    metrics = session.send("Performance.getMetrics")["metrics"]
    return 1000 * float(next(one["value"] for one in metrics if one["name"] == "TaskDuration"))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tasks", type=int, default=10_000)
    parser.add_argument("--loads", type=int, default=5)
    parser.add_argument("--port", type=int, default=8768)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        os.environ |= {"STEERCO_HOME": home, "DJANGO_SETTINGS_MODULE": "steerco.site.settings"}
        cookie, told = fill(Path(home), asked.tasks)
        with server(asked.port):
            page, _size = ask(asked.port, "/n/TEN/gantt/", cookie, asked.loads)
            data, size = ask(asked.port, "/n/TEN/gantt.json", cookie, asked.loads)
            told |= {"page_ms": page, "data_ms": data, "data_kb": size / 1024}
            told |= look(asked.port, cookie, asked.loads)
    if asked.json:
        print(json.dumps({"tasks": asked.tasks, **{name: round(value, 1) for name, value in told.items()}}))
        return
    print(
        f"{asked.tasks:,} tasks; imported in {told['import_s']:.1f} s, computed in {told['recompute_s']:.1f} s"
    )
    print(
        f"server     page {told['page_ms']:.0f} ms, data {told['data_ms']:.0f} ms ({told['data_kb']:.0f} KB)"
    )
    print(
        f"first      {told['first_paint_ms']:.0f} ms from the click, {told['after_data_ms']:.0f} ms after the data; the smallest page: {told['smallest_paint_ms']:.0f} ms"
    )
    print(
        f"scrolling  {told['frames_per_second']:.0f} frames a second; frame {told['frame_median_ms']:.1f} ms, "
        f"p95 {told['frame_p95_ms']:.1f} ms; {told['frame_processor_ms']:.1f} ms of processor time each"
    )
    print(
        f"preview    {told['preview_ms']:.0f} ms at first, then {told['again_ms']:.0f} ms; {told['preview_moved']:.0f} items move"
    )


if __name__ == "__main__":
    main()
