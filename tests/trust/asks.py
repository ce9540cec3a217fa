"""One well-formed request for every address and method: what a person with the right to it would send.

The specimen register is `risks`; what differs between registers is the contract's business. Objects are the hidden, the
shared and the archived risk of a customer.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from steerco.kit.register import get
from steerco.kit.testing import filled
from tests.trust.routes import INVENTORY, Route, routes
from tests.trust.town import NOW, Customer, Town

OBJECTS = ("hidden", "shared", "archived")
OF_A_RECORD = {"ref", "record_id"}
ON_A_SHELF = {
    "restore",
    "record-edit",
    "comment",
    "api:*-restore",
    "api:*-change",
}  # what is asked of archived ones


@dataclass(frozen=True)
class Ask:
    """A request: `slots` fill the address, `data` is a form, `body` is JSON."""

    route: Route
    method: str
    slots: dict[str, Any]
    object: str = ""
    data: dict[str, Any] = field(default_factory=dict)
    body: dict[str, Any] | None = None
    query: dict[str, Any] = field(default_factory=dict)
    version: int | None = None  # for If-Match, where an operation has no body to name it

    @property
    def url(self) -> str:
        return reverse(self.route.name, kwargs=self.slots)

    def __str__(self) -> str:
        return f"{self.method} {self.route.entry}{f' of the {self.object} record' if self.object else ''}"

    def send(self, client: Any, **headers: Any) -> Any:
        """The answer of a client. Files are made anew, a stream is read once."""
        if self.version is not None:
            headers = {"If-Match": str(self.version)} | headers
        if self.body is not None:
            sent = {"data": json.dumps(self.body), "content_type": "application/json"}
        elif self.method == "POST":
            sent = {"data": {n: v() if callable(v) else v for n, v in self.data.items()}}
        else:
            sent = {}
        return getattr(client, self.method.lower())(
            self.url, **sent, **({"query_params": self.query} if self.query else {}), headers=headers
        )


def asks(town: Town, at: Customer, objects: tuple[str, ...] = OBJECTS) -> Iterator[Ask]:
    """Every address and method, about one customer's things."""
    for route in routes():
        if route.name.startswith("api:api-") and "-risks-" not in route.name and route.name != "api:api-root":
            continue
        for method in INVENTORY[route.entry]["methods"]:
            if method in {"HEAD", "OPTIONS"}:
                continue
            for which in objects if OF_A_RECORD & set(route.slots) else ("",):
                if which == "archived" and method != "GET" and route.entry not in ON_A_SHELF:
                    continue
                yield one(town, at, route, method, which)


def one(town: Town, at: Customer, route: Route, method: str, which: str = "") -> Ask:
    """The well-formed request for one address, method and object."""
    record = getattr(at, which)["risks"] if which else None
    slots = {name: _slot(at, name, record) for name in route.slots}
    data, body = _sent(town, at, route.entry, record) if method != "GET" else ({}, None)
    query = {"node": at.node.key} if route.entry in {"palette", "api:*-list"} else {}
    bare = route.entry in {"api:*-archive", "api:*-restore"}
    return Ask(route, method, slots, which, data, body, query, version_of(record) if bare else None)


def _slot(at: Customer, name: str, record: Any) -> Any:
    fixed = {
        "key": at.node.key,
        "slug": "risks",
        "field": "title",
        "suffix": "html",
        "token": "no-such-token",
    }
    if name in fixed:
        return fixed[name]
    if name == "ref":
        return record.ref
    if name == "record_id":
        return record.pk
    if name == "file_id":
        return at.ids.get(f"file:{record.ref}", at.ids["file_id"])
    return at.ids[name]


def version_of(record: Any) -> int:
    return type(record).objects.values_list("version", flat=True).get(pk=record.pk)


def _upload() -> SimpleUploadedFile:
    return SimpleUploadedFile("plan.csv", b"title,start\nOne,2027-01-04\n", content_type="text/csv")


def _sent(town: Town, at: Customer, entry: str, record: Any) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """(form, JSON) of an unsafe request."""
    version = version_of(record) if record is not None else 0
    item = at.hidden["work-items"]
    move = {"ref": item.ref, "start": int(NOW.timestamp() // 60), "version": version_of(item)}
    reader = town.people["reader"]
    forms: dict[str, dict[str, Any]] = {
        "sign-in": {"email": "nobody@example.org", "password": "not this one"},
        "account": {"name": "Renamed", "language": "en", "timezone": "UTC"},
        "account-tokens": {"name": "script", "scope": "read", "days": "30"},
        "node-settings": {"name": "Renamed", "version": at.node.version},
        "custom-fields": {"register": "risks", "label": "Proximity", "kind": "date"},
        "node-new": {"kind": "project", "name": "New", "key": "NEW"},
        "grant": {"email": "new@example.org", "name": "New", "role": "20"},
        "revoke": {"user": reader.pk},
        "one-time-link": {"user": reader.pk},
        "import": {"file": _upload},
        "pack-build": {"kind": "weekly", "language": "en"},
        "bulk": {
            "field": "tags",
            "value": "bulk",
            "ref": at.hidden["risks"].ref,
            "version": "2",
            "sure": "1",
        },
        "view-save": {"name": "Kept", "q": "status:open", "sort": "title", "shared": ""},
        "view-change": {"name": "Renamed", "shared": "1", "version": "1"},
        "record-new": filled(get("risks"), title="New"),
        "record-edit": {"version": version, "title": "Edited"},
        "resolve": {"version": version, "pick.title": "yours", "yours.title": "Edited"},
        "cell": {"version": version, "title": "Edited"},
        "archive": {"version": version},
        "restore": {"version": version},
        "comment": {"comment": "Said"},
        "link": {"kind": "relates", "to": at.shared["decisions"].ref},
        "attach": {"file": _upload},
    }
    bodies: dict[str, dict[str, Any]] = {
        "gantt-preview": move,
        "gantt-move": move,
        "api:*-create": {**filled(get("risks"), title="New"), "node": at.node.key},
        "api:*-change": {"title": "Edited", "version": version},
        "api:*-comment": {"text": "Said"},
        "api:*-link": {"kind": "relates", "to": at.shared["decisions"].ref},
    }
    return forms.get(entry, {}), bodies.get(entry)
