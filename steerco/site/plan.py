"""The plan page: the Gantt's data, what a move would do, and the move itself."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from steerco.areas.plan.models import TaskLink, WorkItem
from steerco.engine.network import schedule
from steerco.engine.plan import Constraint, Plan, to_minute, to_moment
from steerco.kit import access, workspace
from steerco.kit.access import Actor
from steerco.kit.pages.common import Place, page
from steerco.kit.pages.records import conflict_page
from steerco.kit.refusals import Conflict, Invalid, Missing, Refused
from steerco.kit.register import get
from steerco.kit.tree import Node, Role
from steerco.kit.write import door
from steerco.status.network import plan_of
from steerco.status.results import Forecast, Snapshot

COLUMNS = (
    "ref", "name", "level", "kind", "start", "finish", "duration", "progress", "float", "critical", "owner",
    "baseline_start", "baseline_finish", "p80", "deadline", "version", "url", "problem",
)  # fmt: skip
READ = (
    "id", "number", "title", "kind", "parent_id", "start", "finish", "duration_minutes", "percent_complete",
    "total_float", "is_critical", "owner__name", "baseline_start", "baseline_finish", "p80_finish", "deadline",
    "version", "status", "early_start", "levelled_start",
)  # fmt: skip


def _project(request: HttpRequest, key: str, minimum: int = Role.READER) -> tuple[Actor, Node]:
    actor = Actor.of(request)
    node = workspace.get_node(actor, key, Role.READER)
    if not node.is_project:
        raise Missing
    if access.role_on(actor, node) < minimum:
        raise Refused(
            _("This needs the role “%(role)s” here; an owner can grant it.") % {"role": Role(minimum).label}
        )
    return actor, node


@require_GET
@page
def gantt(request: HttpRequest, key: str) -> HttpResponse:
    """The page; the island fetches its data, and without JavaScript a plain table says the same."""
    actor, node = _project(request, key)
    snapshot = (
        Snapshot.objects.filter(node=node).order_by("-id").first()
    )  # before the rows: at most older than they
    items = _outline(actor, node)
    context = {
        "node": node,
        "snapshot": snapshot.pk if snapshot else 0,
        "items": items[:200],
        "count": len(items),
        "may_edit": access.may_edit(actor, node),
        "findings": snapshot.findings[:50] if snapshot else [],
        "finding_count": len(snapshot.findings) if snapshot else 0,
    }
    return render(request, "site/gantt.html", context)


def _outline(actor: Actor, node: Node) -> list[dict[str, Any]]:
    """Work items in outline order with their level, each a dict of the columns read."""
    register = get("work-items")
    rows = list(access.rows(register, actor, node).order_by("position", "number").values(*READ))
    known = {row["id"] for row in rows}
    children: dict[int | None, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        children[row["parent_id"] if row["parent_id"] in known else None].append(row)
    ordered: list[dict[str, Any]] = []
    stack = [(row, 0) for row in reversed(children[None])]
    while stack:
        row, level = stack.pop()
        row["level"] = level
        row["ref"] = register.ref(row["number"])
        row["has_children"] = bool(children.get(row["id"]))
        ordered.append(row)
        stack += [(child, level + 1) for child in reversed(children.get(row["id"], ()))]
    if len(ordered) < len(rows):  # parents in a circle: show them flat rather than lose them
        shown = {row["id"] for row in ordered}
        ordered += [
            row | {"level": 0, "ref": register.ref(row["number"]), "has_children": False}
            for row in rows
            if row["id"] not in shown
        ]
    return ordered


@require_GET
@page
def gantt_data(request: HttpRequest, key: str) -> HttpResponse:
    """What the island draws; times are wall-clock minutes since 1970."""
    actor, node = _project(request, key)
    ordered = _outline(actor, node)
    index = {row["id"]: i for i, row in enumerate(ordered)}
    links = TaskLink.objects.filter(node=node).values_list("predecessor_id", "successor_id", "type", "lag")
    forecast = Forecast.objects.filter(node=node, kind="schedule").order_by("-id").first()
    starts = [row["start"] for row in ordered if row["start"]]
    finishes = [row["finish"] for row in ordered if row["finish"]]
    base = reverse("register", args=[node.key, "work-items"])
    return JsonResponse(
        {
            "project": {
                "ref": node.key,
                "name": node.name,
                "start": _minute(min(starts, default=node.start)),
                "finish": _minute(max(finishes, default=None)),
                "p50": int(forecast.p50) if forecast else None,
                "p80": int(forecast.p80) if forecast else None,
                "committed": _minute(_end_of(node)),
                "today": _minute(timezone.localtime().replace(tzinfo=UTC)),
                "data_date": _minute(node.status_date),
            },
            "calendar": {"nonworking": [5, 6], "minutes_per_day": 480},
            "columns": COLUMNS,
            "items": [_item(row, base) for row in ordered],
            "links": [
                [index[p], index[s], kind, lag] for p, s, kind, lag in links if p in index and s in index
            ],
            "editable": access.may_edit(actor, node),
            "urls": {
                "preview": reverse("gantt-preview", args=[node.key]),
                "move": reverse("gantt-move", args=[node.key]),
            },
        }
    )


def _item(row: dict[str, Any], base: str) -> list[Any]:
    kind = "summary" if row["has_children"] or row["kind"] in {"summary", "epic"} else row["kind"]
    problem = None
    if (
        row["total_float"] is not None
        and row["total_float"] < 0
        and row["status"] not in {"done", "cancelled"}
    ):
        problem = _("is %(n)s working days late against what it must keep") % {
            "n": round(-row["total_float"] / 480, 1)
        }
    return [
        row["ref"], row["title"], row["level"], kind if kind in {"summary", "milestone"} else "task",
        _minute(row["start"]), _minute(row["finish"]), row["duration_minutes"], float(row["percent_complete"]) / 100,
        row["total_float"], bool(row["is_critical"]), row["owner__name"], _minute(row["baseline_start"]),
        _minute(row["baseline_finish"]), _minute(row["p80_finish"]), _minute(row["deadline"]), row["version"],
        f"{base}{row['ref']}/", problem,
    ]  # fmt: skip


def _minute(moment: datetime | None) -> int | None:
    return to_minute(moment.replace(tzinfo=None)) if moment else None


def _end_of(node: Node) -> datetime | None:
    if node.committed_finish is None:
        return None
    day = node.committed_finish
    return datetime(day.year, day.month, day.day, 17)


def _asked(request: HttpRequest, actor: Actor, node: Node) -> tuple[dict[str, Any], WorkItem]:
    """The move that was asked for, checked. Raises Invalid, Missing."""
    try:
        body = json.loads(request.body or b"{}")
    except (ValueError, RecursionError):
        raise Invalid({"body": _("is no JSON")}) from None
    if not isinstance(body, dict):
        raise Invalid({"body": _("must be an object")})
    for name in ("start", "duration_minutes", "version"):
        value = body.get(name)
        if value is not None and (
            not isinstance(value, int) or isinstance(value, bool) or abs(value) > 130_000_000
        ):
            raise Invalid({name: _("must be a whole number of minutes")})
    register = get("work-items")
    number = register.number(str(body.get("ref", "")))
    item = access.rows(register, actor, node).filter(number=number or 0).first()
    if item is None:
        raise Missing
    return body, item


def _with(plan: Plan, key: str, body: dict[str, Any]) -> Plan:
    """The plan as the move would make it."""
    tasks = []
    for task in plan.tasks:
        if task.key == key:
            if body.get("start") is not None:
                if task.manual and task.manual_start is not None:
                    shift = body["start"] - task.manual_start
                    finish = task.manual_finish + shift if task.manual_finish is not None else None
                    task = replace(task, manual_start=body["start"], manual_finish=finish)
                else:
                    task = replace(task, constraint=Constraint.SNET, constraint_date=body["start"])
            if body.get("duration_minutes") is not None:
                task = replace(task, duration=max(0, body["duration_minutes"]), remaining=None, estimate=None)
        tasks.append(task)
    return replace(plan, tasks=tuple(tasks))


def _consequence(actor: Actor, node: Node, body: dict[str, Any], ref: str) -> dict[str, Any]:
    """How the network would move: the change of the finish and of each item that moves, by its place in the outline."""
    facts = plan_of(node, timezone.now().date())
    if facts.plan is None or ref not in facts.ids:
        return {"finish_delta_minutes": 0, "moved": []}
    before, after = schedule(facts.plan), schedule(_with(facts.plan, ref, body))
    ordered = _outline(actor, node)
    index = {row["ref"]: (i, row) for i, row in enumerate(ordered)}
    moved = []
    for i, name in enumerate(before.keys):
        if name not in index or (before.start[i] == after.start[i] and before.finish[i] == after.finish[i]):
            continue
        place, row = index[name]
        start, finish = int(after.start[i]), int(after.finish[i])
        if (
            row["levelled_start"]
            and row["levelled_start"] != row["early_start"]
            and row["start"]
            and row["finish"]
        ):
            start = max(start, to_minute(row["start"]) + int(after.start[i] - before.start[i]))
            finish = start + (to_minute(row["finish"]) - to_minute(row["start"]))
        moved.append([place, start, finish])
    return {"finish_delta_minutes": after.project_finish - before.project_finish, "moved": moved}


@require_POST
@page
def preview(request: HttpRequest, key: str) -> HttpResponse:
    """What a move would do downstream; nothing is written."""
    actor, node = _project(request, key, Role.CONTRIBUTOR)
    body, item = _asked(request, actor, node)
    return JsonResponse(_consequence(actor, node, body, item.ref))


@require_POST
@page
def move(request: HttpRequest, key: str) -> HttpResponse:
    """Do a move: a start becomes a start-no-earlier-than constraint, a resize a duration."""
    actor, node = _project(request, key, Role.CONTRIBUTOR)
    body, item = _asked(request, actor, node)
    register = get("work-items")
    fields: dict[str, Any] = {}
    if body.get("start") is not None:
        moment = to_moment(body["start"]).replace(tzinfo=UTC)
        if item.manual and item.planned_start:
            length = (item.planned_finish - item.planned_start) if item.planned_finish else timedelta(0)
            fields |= {"planned_start": moment, "planned_finish": moment + length}
        else:
            fields |= {"constraint": Constraint.SNET.value, "constraint_date": moment}
    if body.get("duration_minutes") is not None:
        fields["duration_minutes"] = body["duration_minutes"]
    consequence = _consequence(actor, node, body, item.ref)
    try:
        with door(actor, reason=_("moved on the plan")) as opened:
            changed = opened.change(register, item.pk, fields, version=body.get("version"))
            batch = opened.batch
    except Conflict as conflict:
        here = Place(actor, node, access.role_on(actor, node), register)
        return conflict_page(request, here, conflict)
    except Invalid as invalid:
        return JsonResponse({"message": str(invalid)}, status=422)
    return JsonResponse(
        {
            "version": changed.version,
            "finish_delta_minutes": consequence["finish_delta_minutes"],
            "undo_url": reverse("undo", args=[node.key, register.slug, batch]),
            "items": [
                {"index": place, "start": start, "finish": finish}
                for place, start, finish in consequence["moved"]
            ],
        }
    )
