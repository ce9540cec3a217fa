"""Primavera's WBS and activities as items of work-items, relationships as links."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from steerco.connect.dates import iso_moment
from steerco.connect.items import Item, ReadLink
from steerco.connect.protocol import Notes
from steerco.connect.tame import PLAIN, Wild, key, line, prose
from steerco.connect.xer.mapping import (
    CONSTRAINTS,
    FIELDS,
    LINK_TYPES,
    LOST_FIELDS,
    MILESTONES,
    PRIORITIES,
    SPANNED,
    STATUSES,
)
from steerco.connect.xer.tables import Row, Tables
from steerco.engine.plan import Constraint, LinkType

_DATES = (
    ("act_start_date", "actual_start"),
    ("act_end_date", "actual_finish"),
    ("suspend_date", "stop"),
    ("resume_date", "resume"),
    ("create_date", "created_on"),
)
_STORED = (
    ("early_start_date", "early_start"),
    ("early_end_date", "early_finish"),
    ("late_start_date", "late_start"),
    ("late_end_date", "late_finish"),
)
_UNDATED = frozenset({Constraint.ALAP, Constraint.ASAP})


@dataclass(slots=True)
class Taming:
    """Reads cells of rows; what is wild is left out and noted."""

    notes: Notes

    def moment(self, row: Row, column: str) -> datetime | None:
        """A date and time."""
        try:
            return iso_moment(row.get(column, "").strip())
        except Wild as wild:
            self.wild(row, column, wild)
            return None

    def number(self, row: Row, column: str) -> float | None:
        """A number, with a decimal point or comma."""
        text = row.get(column, "").strip()
        if not text:
            return None
        try:
            return float(PLAIN.number(text.replace(",", ".")) or 0)
        except Wild as wild:
            self.wild(row, column, wild)
            return None

    def minutes(self, row: Row, column: str) -> int | None:
        """Whole minutes from hours."""
        hours = self.number(row, column)
        if hours is not None and abs(hours) > 2_000_000:
            self.wild(row, column, Wild(f"{hours} hours are more than two centuries"))
            return None
        return None if hours is None else round(hours * 60)

    def wild(self, row: Row, column: str, wild: Wild) -> None:
        """Note a cell that was left out."""
        self.notes.warn(f"{column} was left out: {wild}.", where=f"row {row['']}", field=column)


@dataclass(slots=True)
class Extras:
    """What other tables say about activities, by task_id."""

    custom: dict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))
    memos: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    costs: dict[str, list[Decimal]] = field(default_factory=dict)  # planned, actual, remaining


@dataclass(slots=True)
class Activities:
    """Items in outline order, and the key of the item for each task_id."""

    items: list[Item]
    keys: dict[str, str]


def read_activities(
    tables: Tables,
    project: str,
    extras: Extras,
    owners: Mapping[str, str],
    calendars: Mapping[str, Any],
    notes: Notes,
) -> Activities:
    """Summaries from PROJWBS and activities from TASK of one project."""
    taming = Taming(notes)
    summaries, paths = _summaries(tables.of("PROJWBS", proj_id=project), notes)
    rows = tables.of("TASK", proj_id=project)
    codes: dict[str, int] = defaultdict(int)
    for row in rows:
        codes[key(row.get("task_code"))] += 1
    keys: dict[str, str] = {}
    taken: dict[str, str] = {}
    children: dict[str, list[Item]] = defaultdict(list)
    for row in rows:
        task_id, code = key(row.get("task_id")), key(row.get("task_code"))
        where = f"row {row['']}"
        identity = code if code and codes[code] == 1 else f"id {task_id}"
        if not task_id or task_id in keys:
            notes.refused(
                f"The activity {code or '(no code)'} has {'the task_id of another one' if task_id else 'no task_id'}.",
                where=where,
                remedy="Export again from P6.",
            )
            continue
        if code and codes[code] > 1:
            notes.warn(
                f"{codes[code]} activities have the code {code}; they are kept apart by task_id.", where=where
            )
        keys[task_id] = identity
        taken[identity] = where
        wbs = row.get("wbs_id", "")
        fields = _fields(row, where, taming, extras, calendars)
        if owner := owners.get(row.get("rsrc_id", "")):
            fields["owner"] = owner
        if path := paths.get(wbs):
            fields["wbs"] = path
        parent = summaries[wbs].key if wbs in summaries else ""
        children[parent].append(Item("work-items", identity, fields, where, parent))
    for column in sorted({c for row in rows[:1] for c in row} & FIELDS.keys()):
        filled = sum(1 for row in rows if row.get(column))
        if filled:
            notes.mapped(column, f"work-items.{FIELDS[column]}", filled)
    for column, why in LOST_FIELDS.items():
        filled = sum(1 for row in rows if row.get(column))
        if filled:
            notes.lost(column, why, filled)
    return Activities(_in_order(list(summaries.values()), children), keys)


def _summaries(rows: list[Row], notes: Notes) -> tuple[dict[str, Item], dict[str, str]]:
    """Items of WBS nodes by wbs_id (without the project's own node), and their dotted codes."""
    nodes = {row.get("wbs_id", ""): row for row in rows}
    top = {wbs for wbs, row in nodes.items() if row.get("proj_node_flag") == "Y"}
    items: dict[str, Item] = {}
    paths: dict[str, str] = {}
    used: set[str] = set()
    for wbs, row in nodes.items():
        names, at, seen = [], wbs, set()
        while at in nodes and at not in top and at not in seen:
            seen.add(at)
            names.append(line(nodes[at].get("wbs_short_name")) or at)
            at = nodes[at].get("parent_wbs_id", "")
        if at in seen:
            notes.warn("The WBS node is its own ancestor; it stands at the top.", where=f"row {row['']}")
            names = names[:1]
        if wbs in top:
            continue
        paths[wbs] = ".".join(reversed(names))[:200]
        identity = f"WBS {paths[wbs]}"
        if identity in used:
            identity = f"WBS id {wbs}"
        used.add(identity)
        title = line(row.get("wbs_name")) or paths[wbs]
        items[wbs] = Item(
            "work-items",
            identity,
            {"title": title, "kind": "summary", "wbs": paths[wbs], "status": "todo"},
            f"row {row['']}",
        )
    for wbs, item in items.items():
        parent = nodes[wbs].get("parent_wbs_id", "")
        chain, at = set(), wbs
        while at in items and at not in chain:
            chain.add(at)
            at = nodes[at].get("parent_wbs_id", "")
        if parent in items and at not in chain:
            items[wbs] = Item(item.register, item.key, item.fields, item.where, items[parent].key)
    return items, paths


def _in_order(summaries: list[Item], children: Mapping[str, list[Item]]) -> list[Item]:
    """Depth first: a summary, its activities, its inner summaries; positions count up; empty summaries stay."""
    inner: dict[str, list[Item]] = defaultdict(list)
    for summary in summaries:
        inner[summary.parent].append(summary)
    ordered: list[Item] = []
    stack = list(reversed([*children.get("", []), *inner[""]]))
    is_summary = {summary.key for summary in summaries}
    while stack:
        item = stack.pop()
        ordered.append(
            Item(
                item.register,
                item.key,
                {**item.fields, "position": len(ordered) + 1},
                item.where,
                item.parent,
            )
        )
        if item.key in is_summary:
            stack += reversed([*children.get(item.key, []), *inner[item.key]])
    return ordered


def _fields(
    row: Row, where: str, taming: Taming, extras: Extras, calendars: Mapping[str, Any]
) -> dict[str, Any]:
    task_id, code = row.get("task_id", ""), line(row.get("task_code"))
    kind = row.get("task_type", "")
    fields: dict[str, Any] = {
        "title": line(row.get("task_name")) or code or f"Activity {task_id}",
        "kind": "milestone" if kind in MILESTONES else "task",
        "status": STATUSES.get(row.get("status_code", ""), "todo"),
        "source_status": line(row.get("status_code")),
    }
    for column, name in _DATES:
        moment = taming.moment(row, column)
        if moment:
            fields[name] = moment
    start = (
        fields.get("actual_start")
        or taming.moment(row, "early_start_date")
        or taming.moment(row, "target_start_date")
    )
    finish = (
        fields.get("actual_finish")
        or taming.moment(row, "early_end_date")
        or taming.moment(row, "target_end_date")
    )
    if start:
        fields["planned_start"] = start
    if finish and start and finish < start:
        taming.notes.warn(
            f"“{fields['title']}” ends on {finish:%Y-%m-%d %H:%M}, before it starts on {start:%Y-%m-%d %H:%M}; "
            "its finish was left out.",
            where=where,
            remedy="Schedule the project in P6 and export again.",
        )
    elif finish:
        fields["planned_finish"] = finish
    if fields.get("actual_finish"):
        fields["finished_on"] = fields["actual_finish"]
    if row.get("clndr_id") in calendars:
        fields["calendar"] = key(row["clndr_id"])
    if (priority := PRIORITIES.get(row.get("priority_type", ""))) is not None:
        fields["priority"] = priority
    _durations(fields, row, taming)
    _constraints(fields, row, where, taming)
    if kind in SPANNED:
        fields["manual"] = True
        taming.notes.warn(
            f"The activity is a {SPANNED[kind]}: its dates follow from others. It is pinned to them, without its links.",
            where=where,
        )
    _stored(fields, row, taming)
    for name, amount in zip(("planned_cost", "actual_cost", "remaining_cost"), extras.costs.get(task_id, ())):
        fields[name] = amount
    if extras.custom.get(task_id):
        fields["custom"] = dict(extras.custom[task_id])
    if extras.memos.get(task_id):
        fields["description"] = prose("\n\n".join(extras.memos[task_id]))
    return fields


def _durations(fields: dict[str, Any], row: Row, taming: Taming) -> None:
    duration = taming.minutes(row, "target_drtn_hr_cnt")
    remaining = taming.minutes(row, "remain_drtn_hr_cnt")
    work = taming.minutes(row, "target_work_qty")
    if duration is not None:
        fields["duration_minutes"] = 0 if fields["kind"] == "milestone" else max(duration, 0)
    if remaining is not None:
        fields["remaining_minutes"] = max(remaining, 0)
    if work:
        fields["work_minutes"] = work
    percent_type = row.get("complete_pct_type", "")
    if fields["status"] == "done":
        percent = 100.0
    elif percent_type == "CP_Phys":
        percent = taming.number(row, "phys_complete_pct") or 0.0
    elif percent_type == "CP_Units":
        done, left = taming.number(row, "act_work_qty") or 0.0, taming.number(row, "remain_work_qty") or 0.0
        percent = 100 * done / (done + left) if done + left > 0 else 0.0
    else:
        percent = 100 * (1 - (remaining or 0) / duration) if duration and fields["status"] == "doing" else 0.0
    fields["percent_complete"] = round(min(max(percent, 0.0), 100.0), 2)
    if percent_type == "CP_Phys" and percent and fields["status"] == "doing":
        taming.notes.warn(
            "Percent complete is physical: it says how much is there, not how much time; the remaining duration counts.",
            where=f"row {row['']}",
        )


def _constraints(fields: dict[str, Any], row: Row, where: str, taming: Taming) -> None:
    first = CONSTRAINTS.get(row.get("cstr_type", ""), Constraint.ASAP)
    second = CONSTRAINTS.get(row.get("cstr_type2", ""), Constraint.ASAP)
    first_date, second_date = taming.moment(row, "cstr_date"), taming.moment(row, "cstr_date2")
    if first is Constraint.ASAP:
        first, first_date, second, second_date = second, second_date, Constraint.ASAP, None
    if first not in _UNDATED and first_date is None:
        taming.notes.warn(
            f"The constraint {line(row.get('cstr_type'))} has no date and was left out.", where=where
        )
        first = Constraint.ASAP
    fields["constraint"] = first.value
    if first not in _UNDATED and first_date:
        fields["constraint_date"] = first_date
    if second is Constraint.FNLT and second_date:
        fields["deadline"] = second_date
    elif second is not Constraint.ASAP:
        taming.notes.lost(
            "cstr_type2",
            f"The second constraint ({second.value.replace('_', ' ')}) is not kept.",
            where=where,
        )


def _stored(fields: dict[str, Any], row: Row, taming: Taming) -> None:
    stored: dict[str, Any] = {}
    for column, name in _STORED:
        moment = taming.moment(row, column)
        if moment:
            stored[name] = moment.isoformat()
    for column, name in (
        ("total_float_hr_cnt", "total_slack_minutes"),
        ("free_float_hr_cnt", "free_slack_minutes"),
    ):
        slack = taming.minutes(row, column)
        if slack is not None:
            stored[name] = slack
    if row.get("driving_path_flag"):
        stored["longest_path"] = row["driving_path_flag"] == "Y"
    if stored:
        fields["stored"] = stored


def read_links(tables: Tables, project: str, keys: Mapping[str, str], notes: Notes) -> list[ReadLink]:
    """Relationships between activities of the project; to other projects and to spanned activities they are lost."""
    taming = Taming(notes)
    spanned = {
        row.get("task_id") for row in tables.of("TASK", proj_id=project) if row.get("task_type") in SPANNED
    }
    found = []
    for row in tables.of("TASKPRED", proj_id=project):
        where = f"row {row['']}"
        successor, predecessor = row.get("task_id", ""), row.get("pred_task_id", "")
        if row.get("pred_proj_id") not in (None, "", project):
            notes.lost("TASKPRED", "A relationship to another project is not kept.", where=where)
        elif successor not in keys or predecessor not in keys:
            missing = successor if successor not in keys else predecessor
            notes.refused(
                f"The relationship names the activity with task_id {line(missing, 40) or '(none)'}, which is not in the file.",
                where=where,
                remedy="Export the whole project.",
            )
        elif successor == predecessor:
            notes.refused(
                "The activity is its own predecessor.", where=where, remedy="Remove that relationship."
            )
        elif successor in spanned or predecessor in spanned:
            notes.lost(
                "TASKPRED", "Links of level-of-effort and WBS-summary activities are not kept.", where=where
            )
        else:
            kind = LINK_TYPES.get(row.get("pred_type", ""), LinkType.FS)
            lag = taming.minutes(row, "lag_hr_cnt") or 0
            found.append(ReadLink(keys[predecessor], keys[successor], kind, lag, where=where))
    return found
