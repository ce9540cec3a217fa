"""Tasks and links of an MSPDI file as items of work-items."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from steerco.connect.dates import iso_moment
from steerco.connect.durations import iso_minutes
from steerco.connect.items import Item, ReadLink
from steerco.connect.mspdi.mapping import (
    CONSTRAINTS,
    CUSTOM_FIELDS,
    ELAPSED_FORMATS,
    ELAPSED_PERCENT_FORMATS,
    ESTIMATES,
    LINK_TYPES,
    PERCENT_FORMATS,
    TASK_FIELDS,
    TASK_LOST,
    TASK_STRUCTURE,
)
from steerco.connect.protocol import Notes
from steerco.connect.tame import Wild, key, line, prose
from steerco.engine.plan import Constraint, LagUnit, LinkType

Flat = dict[str, Any]  # element name -> text, or a list of Flat for elements that have children

_minutes = lru_cache(maxsize=65_536)(iso_minutes)
_moment = lru_cache(maxsize=65_536)(iso_moment)

_iso = lru_cache(maxsize=65_536)(datetime.isoformat)

_DATES = (
    ("Start", "planned_start"),
    ("Finish", "planned_finish"),
    ("ActualStart", "actual_start"),
    ("ActualFinish", "actual_finish"),
    ("Stop", "stop"),
    ("Resume", "resume"),
    ("ConstraintDate", "constraint_date"),
    ("Deadline", "deadline"),
    ("CreateDate", "created_on"),
)
_FLAGS = (
    ("Manual", "manual"),
    ("IgnoreResourceCalendar", "ignores_resource_calendars"),
    ("EffortDriven", "effort_driven"),
)
_STORED_DATES = (
    ("EarlyStart", "early_start"),
    ("EarlyFinish", "early_finish"),
    ("LateStart", "late_start"),
    ("LateFinish", "late_finish"),
)
_DATED = frozenset(
    {
        Constraint.MSO,
        Constraint.MFO,
        Constraint.SNET,
        Constraint.SNLT,
        Constraint.FNET,
        Constraint.FNLT,
    }
)


@dataclass(slots=True)
class Tasks:
    """What the Tasks section gave: items in outline order, links, and the title of the project summary task."""

    items: list[Item] = field(default_factory=list)
    links: list[ReadLink] = field(default_factory=list)
    project_name: str = ""


@dataclass(frozen=True, slots=True)
class Names:
    """Names of custom fields and texts of lookup values, by their ids in the file."""

    fields: dict[str, str]
    values: dict[str, str]


def read_tasks(rows: list[Flat], names: Names, status_date: datetime | None, notes: Notes) -> Tasks:
    """Items and links of flattened Task elements. Rows that cannot be taken are refused in the notes."""
    found = Tasks()
    parents = _Outline()
    seen: dict[str, str] = {}
    tags: Counter[str] = Counter()
    links: list[tuple[str, Flat, str]] = []
    for position, row in enumerate(rows, 1):
        if row.get("IsNull") in ("1", "true"):
            continue
        uid = key(row.get("UID"))
        title = line(row.get("Name"))
        where = f"task UID {uid}" if uid else f"task {position}"
        if not uid or uid in seen:
            notes.refused(
                f"The task “{title}” has no UID."
                if not uid
                else f"“{title}” has the UID {uid} of “{seen[uid]}”.",
                where=where,
                remedy="Give each task its own UID; the first was taken.",
            )
            continue
        seen[uid] = title
        level = _level(row)
        if uid == "0" and level == 0:  # the project summary task
            found.project_name = title
            continue
        tags.update(row.keys())
        reader = _Row(row, where, notes)
        parent = parents.parent_of(level, uid)
        found.items.append(
            Item("work-items", uid, _fields(reader, title, position, names, status_date), where, parent)
        )
        links += [(uid, link, where) for link in row.get("PredecessorLink", ()) if isinstance(link, dict)]
        _note_losses(row, where, notes)
    found.items = [_with_kind(item, parents.summaries) for item in found.items]
    known = {item.key for item in found.items}
    found.links = [
        link for link in (_link(uid, row, where, known, notes) for uid, row, where in links) if link
    ]
    _note_tags(tags, notes)
    return found


def _level(row: Flat) -> int:
    text = str(row.get("OutlineLevel") or "")
    if text.isdigit() and len(text) < 6:
        return int(text)
    outline = str(row.get("OutlineNumber") or "")
    return 0 if outline in ("", "0") else outline.count(".") + 1


class _Outline:
    """Finds parents from outline levels, and remembers which tasks have children."""

    def __init__(self) -> None:
        self._stack: list[tuple[int, str]] = []
        self.summaries: set[str] = set()

    def parent_of(self, level: int, uid: str) -> str:
        while self._stack and self._stack[-1][0] >= level:
            self._stack.pop()
        parent = self._stack[-1][1] if self._stack else ""
        self._stack.append((level, uid))
        if parent:
            self.summaries.add(parent)
        return parent


@dataclass(frozen=True, slots=True)
class _Row:
    """One task's elements, and the taming of them: what is wild is left out and noted."""

    row: Flat
    where: str
    notes: Notes

    def take(self, tag: str, convert: Callable[[str], Any]) -> Any:
        text = self.row.get(tag)
        if not text or text.__class__ is not str:
            return None
        try:
            return convert(text)
        except Wild as wild:
            self.notes.warn(
                f"{tag} was left out: {wild}.",
                where=self.where,
                field=tag,
                remedy="Correct it in the source.",
            )
            return None

    def flag(self, tag: str) -> bool:
        return self.row.get(tag) in ("1", "true")


@lru_cache(maxsize=65_536)
def _whole(text: str) -> int:
    if len(text) < 12 and text.isascii() and text.isdigit():
        return int(text)
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        raise Wild(f"“{line(text, 40)}” is not a number") from None
    if not number.is_finite() or abs(number) > 10**12:
        raise Wild(f"“{line(text, 40)}” is not a number that can be meant")
    return int(number.to_integral_value())


@lru_cache(maxsize=65_536)
def tenths(text: str) -> int:
    """Minutes from tenths of minutes."""
    number = _whole(text)
    return (abs(number) + 5) // 10 * (1 if number >= 0 else -1)


@lru_cache(maxsize=65_536)
def money(text: str) -> Decimal:
    """An amount from hundredths, as the format keeps costs."""
    try:
        amount = Decimal(text.strip())
    except InvalidOperation:
        raise Wild(f"“{line(text, 40)}” is not an amount") from None
    if not amount.is_finite() or abs(amount) > 10**15:
        raise Wild(f"“{line(text, 40)}” is not an amount that can be meant")
    return (amount / 100).quantize(Decimal("0.01"))


@lru_cache(maxsize=1024)
def _percent(text: str) -> float:
    value = _whole(text)
    if not 0 <= value <= 100:
        raise Wild(f"{value} is not a percentage from 0 to 100")
    return float(value)


def _fields(
    row: _Row, title: str, position: int, names: Names, status_date: datetime | None
) -> dict[str, Any]:
    raw = row.row
    fields: dict[str, Any] = {
        "title": title or f"Task {raw.get('ID') or raw.get('UID')}",
        "position": position,
    }
    for tag, name in _DATES:
        if raw.get(tag):
            moment = row.take(tag, _moment)
            if moment is not None:
                fields[name] = moment
    for tag, name in _FLAGS:
        if row.flag(tag):
            fields[name] = True
    if raw.get("Active") in ("0", "false"):
        fields["inactive"] = True
    fields["kind"] = "milestone" if row.flag("Milestone") else "task"
    fields["fixed_duration"] = raw.get("Type") == "1"
    wbs = line(raw.get("WBS") or raw.get("OutlineNumber"))
    if wbs:
        fields["wbs"] = wbs
    if raw.get("Notes"):
        fields["description"] = prose(raw["Notes"])
    if raw.get("Contact"):
        fields["owner"] = line(raw["Contact"])
    _times(fields, row)
    _progress(fields, row, status_date)
    _money(fields, row)
    _stored(fields, row)
    _custom(fields, row, names)
    return fields


def _times(fields: dict[str, Any], row: _Row) -> None:
    raw = row.row
    if fields.get("manual"):
        for tag, name in (("ManualStart", "planned_start"), ("ManualFinish", "planned_finish")):
            moment = row.take(tag, _moment)
            if moment is not None:
                fields[name] = moment
    start, finish = fields.get("planned_start"), fields.get("planned_finish")
    if start and finish and finish < start:
        row.notes.warn(
            f"“{fields['title']}” ends on {finish:%Y-%m-%d %H:%M}, before it starts on {start:%Y-%m-%d %H:%M}; "
            "its finish was left out.",
            where=row.where,
            remedy="Correct its dates or its duration in the source.",
        )
        del fields["planned_finish"]
    duration = row.take("Duration", _minutes)
    if duration is None and row.flag("Milestone"):
        duration = 0
    if duration is not None:
        fields["duration_minutes"] = max(duration, 0)
    if raw.get("DurationFormat") in ELAPSED_FORMATS:
        fields["elapsed"] = True
    work = row.take("Work", _minutes)
    if work is not None:
        fields["work_minutes"] = work
    constraint = CONSTRAINTS.get(raw.get("ConstraintType") or "0", Constraint.ASAP)
    if constraint in _DATED and "constraint_date" not in fields:
        row.notes.warn(
            f"The constraint “{constraint.value.replace('_', ' ')}” has no date and was left out.",
            where=row.where,
        )
        constraint = Constraint.ASAP
    if constraint not in _DATED:
        fields.pop("constraint_date", None)
    fields["constraint"] = constraint.value
    calendar = raw.get("CalendarUID")
    if calendar and calendar != "-1":
        fields["calendar"] = key(calendar)
    priority = row.take("Priority", _whole)
    if priority is not None:
        fields["priority"] = min(max(priority, 0), 1000)
    delay = row.take("LevelingDelay", tenths)
    if delay:
        fields["levelling_delay_minutes"] = delay


def _progress(fields: dict[str, Any], row: _Row, status_date: datetime | None) -> None:
    percent = row.take("PercentComplete", _percent)
    if percent is not None:
        fields["percent_complete"] = percent
    finish, start = fields.get("actual_finish"), fields.get("actual_start")
    # Some programs write the planned dates as actual ones. What lies after the status date has not happened,
    # and a task that is less than complete has not finished.
    if finish and ((status_date and finish > status_date) or (percent is not None and percent < 100)):
        del fields["actual_finish"]
        finish = None
        row.notes.warn(
            "An actual finish stands beside incomplete progress or after the status date; it is taken as planned.",
            where=row.where,
            field="ActualFinish",
        )
    if start and (
        (status_date and start > status_date) or (percent == 0 and row.row.get("ActualFinish") and not finish)
    ):
        del fields["actual_start"]
        start = None
        row.notes.warn(
            "An actual start stands beside no progress or after the status date; it is taken as planned.",
            where=row.where,
            field="ActualStart",
        )
    if finish and percent is None:
        fields["percent_complete"] = percent = 100.0
    remaining = row.take("RemainingDuration", _minutes)
    if remaining is not None:
        fields["remaining_minutes"] = max(remaining, 0)
    if fields.get("inactive"):
        fields["status"] = "cancelled"
    elif finish or percent == 100:
        fields["status"] = "done"
        if finish:
            fields["finished_on"] = finish
    else:
        fields["status"] = "doing" if start or percent else "todo"


def _money(fields: dict[str, Any], row: _Row) -> None:
    for tag, name in (
        ("Cost", "planned_cost"),
        ("ActualCost", "actual_cost"),
        ("RemainingCost", "remaining_cost"),
    ):
        amount = row.take(tag, money)
        if amount is not None:
            fields[name] = amount
    for baseline in row.row.get("Baseline", ()):
        if not isinstance(baseline, dict):
            continue
        if (baseline.get("Number") or "0") != "0":
            row.notes.lost(
                "Baseline", "Only the first baseline is taken; baselines 1 to 10 are not.", where=row.where
            )
            continue
        inner = _Row(baseline, row.where, row.notes)
        for tag, name, convert in (
            ("Start", "baseline_start", _moment),
            ("Finish", "baseline_finish", _moment),
            ("Duration", "baseline_duration_minutes", _minutes),
            ("Cost", "baseline_cost", money),
        ):
            value = inner.take(tag, convert)
            if value is not None:
                fields[name] = value


def _stored(fields: dict[str, Any], row: _Row) -> None:
    stored: dict[str, Any] = {}
    for tag, name in _STORED_DATES:
        if row.row.get(tag) and (moment := row.take(tag, _moment)) is not None:
            stored[name] = _iso(moment)
    for tag, name in (("TotalSlack", "total_slack_minutes"), ("FreeSlack", "free_slack_minutes")):
        if row.row.get(tag) and (slack := row.take(tag, tenths)) is not None:
            stored[name] = slack
    if row.row.get("Critical"):
        stored["critical"] = row.flag("Critical")
    if stored:
        fields["stored"] = stored


def _custom(fields: dict[str, Any], row: _Row, names: Names) -> None:
    raw = row.row
    custom: dict[str, str] = {}
    for attribute in raw.get("ExtendedAttribute", ()):
        if not isinstance(attribute, dict):
            continue
        field_id = attribute.get("FieldID") or ""
        name = names.fields.get(field_id) or CUSTOM_FIELDS.get(field_id) or f"Field {line(field_id, 20)}"
        value = attribute.get("Value") or names.values.get(
            attribute.get("ValueID") or attribute.get("ValueGUID") or "", ""
        )
        if not value:
            continue
        estimate = ESTIMATES.get(name.lower())
        if (
            estimate
            and (minutes := _Row({name: value}, row.where, row.notes).take(name, _minutes)) is not None
        ):
            fields[estimate] = minutes
        else:
            custom[name] = line(value, 2000)
    for code in raw.get("OutlineCode", ()):
        if isinstance(code, dict):
            value = names.values.get(code.get("ValueID") or code.get("ValueGUID") or "", "")
            if value:
                custom[names.fields.get(code.get("FieldID") or "", "Outline code")] = line(value)
    for tag, name in (("StartText", "Start"), ("FinishText", "Finish"), ("DurationText", "Duration")):
        if isinstance(raw.get(tag), str) and raw[tag].strip():
            custom[f"{name} as written"] = line(raw[tag])
    if row.flag("ExternalTask"):
        fields["manual"] = True
        custom["External project"] = line(raw.get("ExternalTaskProject")) or "another file"
        row.notes.warn(
            "The task belongs to another project; it is pinned to its dates.",
            where=row.where,
            remedy="Import that project too and link the two.",
        )
    if row.flag("IsSubproject") or raw.get("SubprojectName"):
        custom["Subproject"] = line(raw.get("SubprojectName")) or "in another file"
        row.notes.lost(
            "SubprojectName",
            "The tasks of an inserted project are in its own file; import that too.",
            where=row.where,
        )
    if custom:
        fields["custom"] = custom


def _with_kind(item: Item, summaries: set[str]) -> Item:
    return replace(item, fields={**item.fields, "kind": "summary"}) if item.key in summaries else item


def _link(uid: str, row: Flat, where: str, known: set[str], notes: Notes) -> ReadLink | None:
    predecessor = key(row.get("PredecessorUID"))
    if row.get("CrossProject") in ("1", "true"):
        notes.lost(
            "PredecessorLink",
            f"The link to a task of another project ({line(row.get('CrossProjectName')) or 'no name given'}) is not kept.",
            where=where,
        )
        return None
    if predecessor not in known:
        if predecessor != "0":
            notes.refused(
                f"The predecessor with UID {predecessor or '(none)'} is not in the file.",
                where=where,
                remedy="Remove the link in the source, or export the whole project.",
                field="PredecessorLink",
            )
        return None
    if predecessor == uid:
        notes.refused(
            "The task is its own predecessor.",
            where=where,
            remedy="Remove that link.",
            field="PredecessorLink",
        )
        return None
    reader = _Row(row, where, notes)
    lag_format = row.get("LagFormat") or "7"
    if lag_format in PERCENT_FORMATS or lag_format in ELAPSED_PERCENT_FORMATS:
        lag = reader.take("LinkLag", _whole) or 0
        unit = LagUnit.PERCENT if lag_format in PERCENT_FORMATS else LagUnit.ELAPSED_PERCENT
    else:
        lag = reader.take("LinkLag", tenths) or 0
        unit = LagUnit.ELAPSED if lag_format in ELAPSED_FORMATS else LagUnit.WORKING
    return ReadLink(predecessor, uid, LINK_TYPES.get(row.get("Type") or "1", LinkType.FS), lag, unit, where)


def _note_losses(row: Flat, where: str, notes: Notes) -> None:
    for tag in TASK_LOST.keys() & row.keys():
        silent, why = TASK_LOST[tag]
        value = row[tag]
        if value and (not isinstance(value, str) or value not in silent):
            notes.lost(tag, why, where=where)


def _note_tags(tags: Counter[str], notes: Notes) -> None:
    for tag, count in tags.items():
        if tag in TASK_FIELDS:
            notes.mapped(tag, f"work-items.{TASK_FIELDS[tag]}", count)
        elif tag not in TASK_STRUCTURE and tag not in TASK_LOST:
            notes.lost(tag, f"The task field {line(tag, 60)} is not known here.", count)
