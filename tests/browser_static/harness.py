"""A small server of static pages under the product's strict content policy, to try the look and the islands alone."""

from __future__ import annotations

import json
import random
import threading
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

HERE = Path(__file__).resolve().parent
STATIC = HERE.parents[1] / "steerco/kit/static"
TYPES = {".js": "text/javascript", ".css": "text/css", ".html": "text/html", ".json": "application/json"}
POLICY = "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'"
DAY = 1440
MONDAY = 20640 * DAY  # 2026-07-06, 00:00

COLUMNS = [
    "ref",
    "name",
    "level",
    "kind",
    "start",
    "finish",
    "duration",
    "progress",
    "float",
    "critical",
    "owner",
    "baseline_start",
    "baseline_finish",
    "p80",
    "deadline",
    "version",
    "problem",
]


@cache
def plan(items: int, links: int, *, editable: bool = True) -> dict:
    """A made-up plan of stages, groups and tasks, in the form the island reads."""
    chance = random.Random(items)
    rows: list[list] = []
    for index in range(items):
        place = index % 50
        level, kind = (0, "summary") if place == 0 else (1, "summary") if place % 10 == 1 else (2, "task")
        if place == 49:
            kind = "milestone"
        start = MONDAY + (index * 600 // items + chance.randrange(12)) * DAY + 8 * 60
        days = {"summary": 30 if level == 0 else 14, "milestone": 0}.get(kind, chance.randrange(1, 15))
        finish = start + days * DAY + (0 if kind == "milestone" else 9 * 60)
        critical = index % 7 == 3
        rows.append(
            [
                f"T-{index + 1}",
                f"{['Stage', 'Group', 'Prepare and check line'][level]} {index + 1}",
                level,
                kind,
                start,
                finish,
                days * 480,
                chance.choice([0, 0, 0.4, 1]) if kind == "task" else 0,
                0 if critical else chance.randrange(0, 30) * 480 - (480 if index == 60 else 0),
                critical,
                chance.choice(["M. Ito", "S. Rao", "L. Chen", "A. Novak", None]),
                start - 2 * DAY if index % 3 else None,
                finish - 3 * DAY if index % 3 else None,
                finish + days * DAY // 2 if kind != "summary" else None,
                finish - DAY if index == 33 else None,
                1,
                None,
            ]
        )
    pairs = []
    for _ in range(links):
        a = chance.randrange(items - 1)
        b = min(items - 1, a + 1 + min(chance.randrange(20), chance.randrange(400)))
        pairs.append([a, b, chance.choice(["FS", "FS", "FS", "SS", "FF", "SF"]), 0])
    last = max(row[5] for row in rows)
    return {
        "project": {
            "name": "Edge vision",
            "start": MONDAY,
            "finish": last,
            "p50": last + 6 * DAY,
            "p80": last + 20 * DAY,
            "committed": last - 8 * DAY,
            "today": MONDAY + 40 * DAY,
            "data_date": MONDAY + 38 * DAY,
        },
        "calendar": {"nonworking": [5, 6], "minutes_per_day": 480},
        "columns": COLUMNS,
        "items": rows,
        "links": pairs,
        "editable": editable,
        "urls": {"items": "/r/", "preview": "/preview", "move": "/move"},
    }


def risk_row(ref: str, values: dict) -> str:
    """One register row as the server would answer it after an edit."""
    cells = "".join(
        f'<td data-field="{field}" class="number"><button type="button" class="cell-edit" hx-get="/r/{ref}/edit/{field}/" '
        f'hx-target="closest td" aria-label="{field} {values[field]}, edit">{values[field]}</button></td>'
        for field in ("probability", "impact")
    )
    exposure = values["probability"] * values["impact"] / 100
    return (
        f'<tr data-ref="{ref}" aria-selected="false"><td class="select"><label>'
        f'<input type="checkbox" name="ref" value="{ref}" aria-label="Select {ref}"></label></td>'
        f'<th scope="row" data-field="ref"><a href="/r/{ref}/" data-open hx-get="/r/{ref}/inspector/" hx-target="#inspector">{ref}</a></th>'
        f'<td data-field="title">{values["title"]}</td>{cells}'
        f'<td data-field="exposure" class="number is-computed">{exposure:.1f} d</td></tr>'
    )


class State:
    """What the tests can look at afterwards: requests received and the risks as changed."""

    def __init__(self) -> None:
        self.posts: list[tuple[str, dict]] = []
        self.reset()

    def reset(self) -> None:
        """Back to the first state."""
        self.posts.clear()
        self.conflict = False
        titles = (
            "Camera order slips",
            "Labels disagree",
            "GPU quota cut",
            "DPIA second round",
            "Drift after firmware",
        )
        self.risks = {
            f"R-{n + 1}": {"title": title, "probability": 60 - 10 * n, "impact": 10 + n}
            for n, title in enumerate(titles)
        }


class Handler(BaseHTTPRequestHandler):
    """Pages, static files and the few answers the islands ask for."""

    state: State

    def log_message(self, *_) -> None:
        """Quiet."""

    def answer(
        self, body: str | bytes | dict | list, kind: str = "text/html", status: int = 200, **headers: str
    ) -> None:
        content = json.dumps(body) if isinstance(body, dict | list) else body
        content = content.encode() if isinstance(content, str) else content
        self.send_response(status)
        text = kind if isinstance(body, str | bytes) else "application/json"
        self.send_header("content-type", f"{text}; charset=utf-8")
        self.send_header("content-security-policy", POLICY)
        self.send_header("content-length", str(len(content)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(content)

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        path = url.path
        if path.startswith("/static/"):
            file = STATIC / path.removeprefix("/static/")
            return (
                self.answer(file.read_bytes(), TYPES[file.suffix])
                if file.is_file()
                else self.answer("", status=404)
            )
        if path == "/plan.json":
            return self.answer(
                plan(int(query["items"]), int(query["links"]), editable=query.get("editable") != "no")
            )
        if path == "/palette":
            found = [
                {"ref": ref, "title": risk["title"], "url": f"/r/{ref}/", "kind": "risk"}
                for ref, risk in self.state.risks.items()
            ]
            return self.answer(
                [one for one in found if query["q"].lower() in one["title"].lower() + one["ref"].lower()]
            )
        if path.startswith("/r/"):
            return self.record(path)
        file = HERE / "pages" / f"{path.strip('/')}.html"
        if not file.is_file():
            return self.answer("no such page", status=404)
        page = file.read_text()
        rows = "".join(risk_row(ref, risk) for ref, risk in self.state.risks.items())
        for name, value in {
            "ITEMS": query.get("items", "200"),
            "LINKS": query.get("links", "300"),
            "EDITABLE": query.get("editable", "yes"),
            "ROWS": rows,
        }.items():
            page = page.replace("{{" + name + "}}", value)
        for part in ("head", "sidebar", "topbar"):
            page = page.replace("{{" + part + "}}", (HERE / "pages" / f"_{part}.html").read_text())
        return self.answer(page)

    def record(self, path: str) -> None:
        parts = path.strip("/").split("/")
        if len(parts) == 4 and parts[2] == "edit":
            value = self.state.risks[parts[1]][parts[3]]
            return self.answer(
                f'<form class="cell-form" hx-post="{path}" hx-target="closest tr" hx-swap="outerHTML">'
                f'<input type="hidden" name="version" value="1"><input name="value" value="{value}" aria-label="{parts[3]}" autofocus></form>'
            )
        if parts[-1] == "inspector":
            return self.answer(
                f'<div class="inspector-head"><strong>{parts[1]}</strong><button class="icon-button push" type="button" '
                f'data-close-inspector aria-label="Close">✕</button></div><h2 class="inspector-title">{self.state.risks[parts[1]]["title"]}</h2>'
            )
        return self.answer(f"<!doctype html><html lang=en><title>{parts[1]}</title><h1>{parts[1]}</h1>")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0))).decode()
        kind = self.headers.get("content-type", "")
        sent = (
            json.loads(body)
            if "json" in kind
            else {name: values[0] for name, values in parse_qs(body, keep_blank_values=True).items()}
        )
        self.state.posts.append((self.path, sent))
        if self.path == "/preview":
            return self.answer(
                {
                    "finish_delta_minutes": 3 * DAY,
                    "moved": [
                        [5, MONDAY + 5 * DAY, MONDAY + 9 * DAY],
                        [6, MONDAY + 6 * DAY, MONDAY + 9 * DAY],
                    ],
                }
            )
        if self.path == "/move":
            if self.state.conflict:
                return self.answer(
                    {
                        "message": "S. Rao changed it at 08:02. It is shown as it is now.",
                        "item": {"version": 2},
                    },
                    status=409,
                )
            index = int(sent["ref"][2:]) - 1
            return self.answer(
                {
                    "version": 2,
                    "items": [
                        {"index": index, "start": sent.get("start"), "finish": sent.get("start", 0) + 4 * DAY}
                    ],
                    "undo_url": "/undo",
                }
            )
        if self.path.startswith("/r/"):
            _, ref, _, field = self.path.strip("/").split("/")
            if not sent["value"].isdigit():
                return self.answer(
                    f'<tr data-ref="{ref}"><td class="select"></td><th scope="row" data-field="ref">{ref}</th><td></td><td data-field="{field}">'
                    f'<form class="cell-form" hx-post="{self.path}" hx-target="closest tr" hx-swap="outerHTML"><input name="value" value="{sent["value"]}" '
                    f'aria-label="{field}" aria-invalid="true"><p class="field-error">A whole number, please.</p></form></td><td></td><td></td></tr>',
                    status=422,
                )
            if self.state.conflict:
                return self.answer(
                    f'<div class="dialog-head"><h2 id="dialog-title">{ref} was changed meanwhile</h2><button type="button" class="icon-button" data-close-dialog '
                    f'aria-label="Close">✕</button></div><div class="dialog-body">Yours {sent["value"]}, theirs 45</div>',
                    status=409,
                    HX_Retarget="#dialog",
                    HX_Reswap="innerHTML",
                )
            self.state.risks[ref][field] = int(sent["value"])
            toast = json.dumps({"toast": {"text": f"{ref} saved", "kind": "success", "undo_url": "/undo"}})
            return self.answer(risk_row(ref, self.state.risks[ref]), HX_Trigger=toast)
        return self.answer("", status=204)


def serve() -> tuple[ThreadingHTTPServer, State]:
    """A running server on a free port of this machine, and its state."""
    state = State()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Handler,), {"state": state}))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server, state
