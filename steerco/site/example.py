"""The example portfolio: ordinary files and a small manifest, taken in as a user's own would be, and wiped in one go.

The manifest is described in docs/example.md. Dates are moved by whole weeks from the manifest's anchor to today, so
that the example is as fresh on the day it is loaded as on the day it was written.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml
from django.db import transaction
from django.utils import timezone

from steerco.connect import intake, sniff
from steerco.connect.items import Item, Reading
from steerco.connect.models import ImportRun
from steerco.engine.calendar import Calendar
from steerco.kit import register, workspace
from steerco.kit.access import Actor
from steerco.kit.people import User
from steerco.kit.tree import Ancestor, Grant, Node, Role
from steerco.kit.write import door

FOLDER = Path(__file__).resolve().parent.parent / "example"
MANIFEST = "example.yaml"
SYSTEM = "example"
Progress = Callable[[int, int], None]


class ExampleBroken(Exception):
    """The example's manifest does not hold; the text names the place."""


@dataclass(frozen=True, slots=True)
class Place:
    """A node of the manifest with its parent's key, and what goes into it."""

    node: Mapping[str, Any]
    parent: str


def load(top: Node, *, folder: Path = FOLDER, progress: Progress = lambda _done, _total: None) -> list[str]:
    """Load the example under the top portfolio, or bring it up to date; what was done, nothing on a second run."""
    if not (folder / MANIFEST).is_file():
        raise ExampleBroken(
            f"The example portfolio is not part of this installation: {folder / MANIFEST} is missing."
        )
    manifest = yaml.safe_load((folder / MANIFEST).read_text(encoding="utf-8"))
    digest = _digest(folder)
    if ImportRun.objects.filter(system=SYSTEM, file=MANIFEST, sha256=digest).exists():
        return []
    places = _places(manifest["nodes"], top.key)
    shift = _shift(manifest.get("anchor"))
    actor = Actor.system("import", "Example portfolio")
    with transaction.atomic():
        people = {key: _person(told) for key, told in (manifest.get("people") or {}).items()}
        nodes = {top.key: top}
        for done, place in enumerate(places, 1):
            node = _node(actor, place, nodes[place.parent], shift)
            nodes[node.key] = node
            for key, role in (place.node.get("roles") or {}).items():
                workspace.grant(actor, node, people[key], Role[role.upper()])
            for entry in place.node.get("files") or []:
                _take_file(actor, node, folder, entry, shift)
            _take_records(actor, node, place.node.get("records") or [], shift)
            progress(done, len(places) * 2)
        mine = [nodes[place.node["key"]] for place in places]
        ImportRun.objects.create(
            node=mine[0], system=SYSTEM, file=MANIFEST, sha256=digest, actor_name=actor.name
        )
    from steerco.site.first_run import recompute_all

    recompute_all([*mine, top], lambda done, total: progress(total + done, 2 * total))
    return [f"The example portfolio was loaded: {len(mine)} nodes."]


def wipe() -> list[str]:
    """Remove the example's nodes with everything in them, and its people. The trail stays: it tells of the removal."""
    marked = (
        ImportRun.objects.filter(system=SYSTEM, file=MANIFEST).order_by("pk").values_list("node", flat=True)
    )
    tops = list(Node.objects.filter(pk__in=marked))
    if not tops:
        return ["There is no example portfolio here."]
    below = Ancestor.objects.filter(ancestor__in=tops).order_by("-distance").values_list("node", flat=True)
    nodes = list(dict.fromkeys(below))
    with door(Actor.system("cli"), reason="steerco init --wipe-example") as opened, transaction.atomic():
        people = set(Grant.objects.filter(node__in=nodes).values_list("user", flat=True))
        for found in register.registers():
            found.model.objects.filter(node__in=nodes).delete()
        for node in Node.objects.filter(pk__in=nodes):
            opened.note(node.pk, "workspace", node.pk, node.key, "delete", {"name": node.name}, {})
        for pk in nodes:  # from the leaves upwards: a node with children is protected
            Node.objects.filter(pk=pk).delete()
        User.objects.filter(pk__in=people, last_login__isnull=True, grants__isnull=True).delete()
    return [f"The example portfolio was removed: {len(nodes)} nodes."]


def _places(nodes: list[Mapping[str, Any]], parent: str) -> list[Place]:
    found = []
    for node in nodes:
        for needed in ("key", "kind", "name"):
            if needed not in node:
                raise ExampleBroken(f"A node of {MANIFEST} under {parent} has no {needed}.")
        found += [Place(node, parent), *_places(node.get("children") or [], node["key"])]
    return found


def _digest(folder: Path) -> str:
    told = hashlib.sha256()
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and "__pycache__" not in p.parts):
        told.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return told.hexdigest()


def _person(told: Mapping[str, Any]) -> User:
    email = told["email"].lower()
    return User.objects.filter(email=email).first() or User.objects.create_user(email, told["name"])


def _node(actor: Actor, place: Place, parent: Node, shift: timedelta) -> Node:
    told = place.node
    fields = {name: shifted(value, shift) for name, value in (told.get("fields") or {}).items()}
    node = Node.objects.filter(key=told["key"]).first()
    if node is None:
        return workspace.create_node(actor, parent, told["kind"], told["name"], key=told["key"], **fields)
    return workspace.change_node(actor, node, {"name": told["name"], **fields}, version=node.version)


def _take_file(actor: Actor, node: Node, folder: Path, entry: Any, shift: timedelta) -> None:
    told: Mapping[str, Any] = {"file": entry} if isinstance(entry, str) else entry
    path = (folder / told["file"]).resolve()
    if folder.resolve() not in path.parents:
        raise ExampleBroken(f"{told['file']} lies outside the example's folder.")
    reading = sniff.read(path, mapping=told.get("mapping"))
    node.refresh_from_db()
    intake.apply(
        actor, shifted_reading(reading, shift), node, sha256=hashlib.sha256(path.read_bytes()).hexdigest()
    )


def _take_records(actor: Actor, node: Node, records: list[Mapping[str, Any]], shift: timedelta) -> None:
    items = tuple(
        Item(
            told["register"],
            str(told.get("key") or number),
            {name: shifted(value, shift) for name, value in told["fields"].items()},
            f"record {number} of {node.key}",
            str(told.get("parent") or ""),
        )
        for number, told in enumerate(records, 1)
    )
    if items:
        owned = frozenset(f"{item.register}.{name}" for item in items for name in item.fields)
        node.refresh_from_db()
        intake.apply(actor, Reading(SYSTEM, MANIFEST, items=items, owned=owned), node)


def _shift(anchor: Any) -> timedelta:
    """Whole weeks from the anchor to today: weekdays, and with them working days, stay what they are."""
    if not isinstance(anchor, date):
        return timedelta()
    return timedelta(weeks=(timezone.now().date() - anchor).days // 7)


def shifted(value: Any, shift: timedelta) -> Any:
    """A value with every date in it moved; text that is an ISO date counts as one."""
    if isinstance(value, (datetime, date)):
        return value + shift
    if isinstance(value, Mapping):
        return {name: shifted(inner, shift) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [shifted(inner, shift) for inner in value]
    if isinstance(value, str) and value[:4].isdigit() and value[4:5] == "-" and len(value) in {10, 16, 19}:
        try:
            parsed = datetime.fromisoformat(value)
        except ValueError:
            return value
        return (parsed + shift).isoformat()[: len(value)]
    return value


def shifted_reading(reading: Reading, shift: timedelta) -> Reading:
    """A reading with all its dates moved."""
    if not shift:
        return reading

    def moved(moment: datetime | None) -> datetime | None:
        return None if moment is None else moment + shift

    return replace(
        reading,
        project=replace(
            reading.project,
            start=moved(reading.project.start),
            finish=moved(reading.project.finish),
            status_date=moved(reading.project.status_date),
        ),
        items=tuple(
            replace(item, fields={n: v if n in TEXTS else shifted(v, shift) for n, v in item.fields.items()})
            for item in reading.items
        ),
        assignments=tuple(
            replace(a, start=moved(a.start), finish=moved(a.finish)) for a in reading.assignments
        ),
        calendars={key: _moved_calendar(calendar, shift) for key, calendar in reading.calendars.items()},
    )


TEXTS = {"title", "description"}


def _moved_calendar(calendar: Calendar, shift: timedelta) -> Calendar:
    return replace(
        calendar,
        exceptions=tuple(replace(e, first=e.first + shift, last=e.last + shift) for e in calendar.exceptions),
        weeks=tuple(replace(w, first=w.first + shift, last=w.last + shift) for w in calendar.weeks),
        within=tuple(_moved_calendar(other, shift) for other in calendar.within),
    )
