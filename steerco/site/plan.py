"""The plan page: the Gantt's data, what a move would do, and the move itself."""

from __future__ import annotations

import json
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
from steerco.site.outline import Line, outline, values
from steerco.status.network import planned
from steerco.status.results import Forecast, Snapshot

COLUMNS = (
    "ref", "name", "level", "kind", "start", "finish", "duration", "progress", "float", "critical", "owner",
    "baseline_start", "baseline_finish", "p80", "deadline", "version", "problem",
)  # fmt: skip
READ = (
    "title", "kind", "start", "finish", "duration_minutes", "percent_complete", "total_float", "is_critical", "owner__name",
    "baseline_start", "baseline_finish", "p80_finish", "deadline", "version", "status",
)  # fmt: skip
LEVELLED = ("start", "finish", "early_start", "levelled_start")
MOST_NAMED = 500  # items that move are read by name up to here, all of the project beyond
WITHOUT_SCRIPT = 50  # rows of the table that stands there until the plan is drawn


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
    lines = outline(actor, node)
    shown = access.rows(get("work-items"), actor, node).in_bulk([line.id for line in lines[:WITHOUT_SCRIPT]])
    context = {
        "node": node,
        "snapshot": snapshot.pk if snapshot else 0,
        "items": [shown[line.id] for line in lines[:WITHOUT_SCRIPT] if line.id in shown],
        "count": len(lines),
        "may_edit": access.may_edit(actor, node),
        "findings": snapshot.findings[:50] if snapshot else [],
        "finding_count": len(snapshot.findings) if snapshot else 0,
    }
    return render(request, "site/gantt.html", context)


@require_GET
@page
def gantt_data(request: HttpRequest, key: str) -> HttpResponse:
    """What the island draws; times are wall-clock minutes since 1970."""
    actor, node = _project(request, key)
    rows = values(actor, node, READ)
    ordered = [(line, rows[line.id]) for line in outline(actor, node) if line.id in rows]
    index = {line.id: i for i, (line, _row) in enumerate(ordered)}
    links = TaskLink.objects.filter(node=node).values_list("predecessor_id", "successor_id", "type", "lag")
    forecast = Forecast.objects.filter(node=node, kind="schedule").order_by("-id").first()
    starts = [row["start"] for row in rows.values() if row["start"] is not None]
    finishes = [row["finish"] for row in rows.values() if row["finish"] is not None]
    return JsonResponse(
        {
            "project": {
                "ref": node.key,
                "name": node.name,
                "start": min(starts, default=_minute(node.start)),
                "finish": max(finishes, default=None),
                "p50": int(forecast.p50) if forecast else None,
                "p80": int(forecast.p80) if forecast else None,
                "committed": _minute(_end_of(node)),
                "today": _minute(timezone.localtime().replace(tzinfo=UTC)),
                "data_date": _minute(node.status_date),
            },
            "calendar": {"nonworking": [5, 6], "minutes_per_day": 480},
            "columns": COLUMNS,
            "items": [_item(line, row) for line, row in ordered],
            "links": [
                [index[p], index[s], kind, lag] for p, s, kind, lag in links if p in index and s in index
            ],
            "editable": access.may_edit(actor, node),
            "urls": {
                "items": reverse("register", args=[node.key, "work-items"]),
                "preview": reverse("gantt-preview", args=[node.key]),
                "move": reverse("gantt-move", args=[node.key]),
            },
        }
    )


def _item(line: Line, row: dict[str, Any]) -> list[Any]:
    kind = "summary" if line.is_parent or row["kind"] in {"summary", "epic"} else row["kind"]
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
        line.ref, row["title"], line.level, kind if kind in {"summary", "milestone"} else "task", row["start"], row["finish"],
        row["duration_minutes"], row["percent_complete"] / 100, row["total_float"], bool(row["is_critical"]), row["owner__name"],
        row["baseline_start"], row["baseline_finish"], row["p80_finish"], row["deadline"], row["version"], problem,
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
    plan, before = planned(node, timezone.now().date())
    if plan is None or before is None or ref not in before.position:
        return {"finish_delta_minutes": 0, "moved": []}
    after = schedule(_with(plan, ref, body))
    lines = outline(actor, node)
    places = {line.ref: place for place, line in enumerate(lines)}
    shifts = {
        places[name]: (int(after.start[i]), int(after.finish[i]), int(after.start[i] - before.start[i]))
        for i, name in enumerate(before.keys)
        if name in places and (before.start[i] != after.start[i] or before.finish[i] != after.finish[i])
    }
    only = [lines[place].id for place in shifts] if len(shifts) <= MOST_NAMED else None
    rows = values(actor, node, LEVELLED, only)
    moved = []
    for place, (start, finish, shift) in shifts.items():
        row = rows.get(lines[place].id)
        if row and row["start"] is not None and row["levelled_start"] not in (None, row["early_start"]):
            start = max(start, row["start"] + shift)
            finish = start + (row["finish"] - row["start"]) if row["finish"] is not None else finish
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
