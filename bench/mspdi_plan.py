"""MS Project's XML as an engine plan with the dates MS Project stored, for comparing dates only."""

from __future__ import annotations

import gzip
import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

from defusedxml.ElementTree import fromstring

from steerco.engine.calendar import Calendar, CalendarException, WorkWeek
from steerco.engine.plan import (
    Constraint,
    Demand,
    FloatFrom,
    LagUnit,
    Link,
    LinkType,
    Options,
    Plan,
    Resource,
    Task,
    to_minute,
)

NS = "{http://schemas.microsoft.com/project}"
CONSTRAINTS = [
    Constraint.ASAP,
    Constraint.ALAP,
    Constraint.MSO,
    Constraint.MFO,
    Constraint.SNET,
    Constraint.SNLT,
    Constraint.FNET,
    Constraint.FNLT,
]
LINKS = [LinkType.FF, LinkType.FS, LinkType.SF, LinkType.SS]
ELAPSED_FORMATS = {4, 6, 8, 10, 12, 36, 38, 40, 42, 44}  # odd ones are working time


@dataclass
class Stored:
    """What MS Project stored for a task: timeline minutes, and slack in working minutes."""

    name: str
    summary: bool
    early_start: int | None = None
    early_finish: int | None = None
    late_start: int | None = None
    late_finish: int | None = None
    start: int | None = None
    finish: int | None = None
    total_float: float | None = None
    free_float: float | None = None
    critical: bool | None = None


@dataclass
class MspdiPlan:
    plan: Plan
    stored: dict[str, Stored]
    odd: list[str] = field(default_factory=list)


def text(node: ET.Element, tag: str, default: str = "") -> str:
    found = node.find(NS + tag)
    return default if found is None or found.text is None else found.text.strip()


def whole(node: ET.Element, tag: str, default: int = 0) -> int:
    value = text(node, tag)
    return round(float(value)) if value else default


def moment(node: ET.Element, tag: str) -> int | None:
    value = text(node, tag)
    if not value or value.startswith("1984-01-01") or value == "NA":
        return None
    return to_minute(datetime.fromisoformat(value))


def minutes(value: str) -> int:
    found = re.fullmatch(r"-?P(?:(\d+)D)?T?(?:([\d.]+)H)?(?:([\d.]+)M)?(?:([\d.]+)S)?", value or "PT0H")
    if not found:
        raise ValueError(f"not a duration: {value!r}")
    days, hours, mins, seconds = (float(part or 0) for part in found.groups())
    return round(days * 1440 + hours * 60 + mins + seconds / 60) * (-1 if value.startswith("-") else 1)


def shifts_of(node: ET.Element) -> tuple[tuple[int, int], ...]:
    shifts = []
    for work in node.iter(NS + "WorkingTime"):
        begin, end = text(work, "FromTime"), text(work, "ToTime")
        if begin and end:
            shifts.append((int(begin[:2]) * 60 + int(begin[3:5]), int(end[:2]) * 60 + int(end[3:5])))
    return tuple(shifts)


def week_of(days: list[ET.Element]) -> list[tuple[tuple[int, int], ...] | None]:
    week: list[tuple[tuple[int, int], ...] | None] = [None] * 7
    for day in days:
        kind = whole(day, "DayType")
        if 1 <= kind <= 7:
            week[(kind - 2) % 7] = shifts_of(day) if whole(day, "DayWorking") else ()
    return week


def span_of(node: ET.Element) -> tuple[date, date] | None:
    period = node.find(NS + "TimePeriod")
    if period is None or not text(period, "FromDate"):
        return None
    first = datetime.fromisoformat(text(period, "FromDate")).date()
    last = datetime.fromisoformat(text(period, "ToDate") or text(period, "FromDate")).date()
    return first, last


def exceptions_of(node: ET.Element) -> list[CalendarException]:
    found = []
    for part in node.findall(f"{NS}Exceptions/{NS}Exception"):
        span = span_of(part)
        if span is None:
            continue
        shifts = shifts_of(part) if whole(part, "DayWorking") else ()
        name = text(part, "Name")
        if whole(part, "Type") in (0, 1) and whole(part, "Period", 1) <= 1:
            found.append(CalendarException(*span, shifts, name))
        else:
            found += [CalendarException(day, day, shifts, name) for day in recurring(part, *span)]
    for day in node.findall(f"{NS}WeekDays/{NS}WeekDay"):
        span = span_of(day)
        if whole(day, "DayType") == 0 and span and not found:
            found.append(CalendarException(*span, shifts_of(day) if whole(day, "DayWorking") else ()))
    return found


def recurring(part: ET.Element, first: date, last: date) -> list[date]:
    kind, every = whole(part, "Type"), max(whole(part, "Period", 1), 1)
    days = [first + timedelta(days=i) for i in range(min((last - first).days, 40000) + 1)]
    if kind == 7:
        return days[::every]
    if kind == 6:
        mask = whole(part, "DaysOfWeek")
        sunday = first - timedelta(days=(first.weekday() + 1) % 7)
        return [
            d for d in days if mask >> ((d.weekday() + 1) % 7) & 1 and ((d - sunday).days // 7) % every == 0
        ]
    month, day = whole(part, "Month"), whole(part, "MonthDay")
    if kind in (2, 4):
        step = 1 if kind == 2 else every
        return [
            d
            for d in days
            if d.day == day
            and (kind == 4 or d.month == month + 1)
            and (kind == 2 or ((d.year - first.year) * 12 + d.month - first.month) % step == 0)
        ]
    position, item = whole(part, "MonthPosition"), whole(part, "MonthItem")
    chosen = []
    for d in days:
        if item >= 3 and (d.weekday() + 1) % 7 != item - 3:
            continue
        if kind == 3 and d.month != month + 1:
            continue
        fits = (d + timedelta(days=7)).month != d.month if position == 4 else (d.day - 1) // 7 == position
        if fits and (kind == 3 or ((d.year - first.year) * 12 + d.month - first.month) % every == 0):
            chosen.append(d)
    return chosen


def calendars_of(root: ET.Element) -> dict[str, Calendar]:
    nodes = {text(c, "UID"): c for c in root.findall(f"{NS}Calendars/{NS}Calendar")}
    made: dict[str, Calendar] = {}

    def make(uid: str) -> Calendar:
        if uid in made:
            return made[uid]
        node = nodes[uid]
        base_uid = text(node, "BaseCalendarUID", "-1")
        base = (
            make(base_uid)
            if base_uid in nodes and base_uid != uid
            else Calendar(week=((),) * 7 if nodes else Calendar().week)
        )
        week = week_of(node.findall(f"{NS}WeekDays/{NS}WeekDay"))
        if base_uid not in nodes and all(d is None for d in week):
            base = Calendar.standard()
        seasons = []
        for part in node.findall(f"{NS}WorkWeeks/{NS}WorkWeek"):
            span = span_of(part)
            if span:
                seasons.append(WorkWeek(*span, tuple(week_of(part.findall(f"{NS}WeekDays/{NS}WeekDay")))))
        made[uid] = Calendar(
            week=tuple(base.week[i] if day is None else day for i, day in enumerate(week)),
            exceptions=(*exceptions_of(node), *base.exceptions),
            weeks=(*seasons, *base.weeks),
        )
        return made[uid]

    for uid in nodes:
        make(uid)
    return made


def read(path: Path) -> MspdiPlan:
    raw = path.read_bytes()
    root = fromstring(gzip.decompress(raw) if path.suffix == ".gz" else raw)
    calendars = calendars_of(root)
    default = text(root, "CalendarUID")
    if default not in calendars:
        calendars[default] = Calendar.standard()
    resources, kinds = [], {}
    for node in root.findall(f"{NS}Resources/{NS}Resource"):
        uid = text(node, "UID")
        kinds[uid] = whole(node, "Type", 1)
        if kinds[uid] == 1:
            calendar = text(node, "CalendarUID")
            resources.append(
                Resource(
                    uid, float(text(node, "MaxUnits", "1") or 1), calendar if calendar in calendars else ""
                )
            )
    demands: dict[str, list[Demand]] = {}
    for node in root.findall(f"{NS}Assignments/{NS}Assignment"):
        uid = text(node, "ResourceUID")
        if kinds.get(uid) != 1:
            continue
        units = float(text(node, "Units", "1") or 1)
        work = minutes(text(node, "Work"))
        rest = minutes(text(node, "RemainingWork")) if text(node, "RemainingWork") else 0
        delay = whole(node, "Delay") // 10
        if units > 0:
            demands.setdefault(text(node, "TaskUID"), []).append(Demand(uid, units, work, rest, delay))
    options = Options(
        honour_constraints=bool(whole(root, "HonorConstraints")),
        critical_at=whole(root, "CriticalSlackLimit") * whole(root, "MinutesPerDay", 480),
        multiple_critical_paths=bool(whole(root, "MultipleCriticalPaths")),
        schedule_from_finish=not whole(root, "ScheduleFromStart", 1),
        minutes_per_day=whole(root, "MinutesPerDay", 480),
        total_float=FloatFrom.SMALLER,
    )
    tasks, links, stored, odd = [], [], {}, []
    above: list[tuple[int, str]] = []
    summaries = set()
    for node in root.findall(f"{NS}Tasks/{NS}Task"):
        if whole(node, "IsNull"):
            continue
        uid = text(node, "UID")
        level = whole(node, "OutlineLevel", 1)
        while above and above[-1][0] >= level:
            above.pop()
        parent = above[-1][1] if above else ""
        above.append((level, uid))
        summary = bool(whole(node, "Summary"))
        if summary:
            summaries.add(uid)
        form = whole(node, "DurationFormat", 7)
        external = bool(whole(node, "ExternalTask"))
        manual = bool(whole(node, "Manual")) or external
        kind = CONSTRAINTS[whole(node, "ConstraintType")]
        calendar = text(node, "CalendarUID", "-1")
        duration = minutes(text(node, "Duration"))
        rest = text(node, "RemainingDuration")
        tasks.append(
            Task(
                key=uid,
                duration=0 if summary else duration,
                calendar=calendar if calendar in calendars and not summary else "",
                parent=parent,
                milestone=bool(whole(node, "Milestone")),
                elapsed=form in ELAPSED_FORMATS and not summary,
                manual=manual and not summary,
                inactive=text(node, "Active", "1") == "0",
                manual_start=moment(node, "Start") if manual else None,
                manual_finish=moment(node, "Finish") if manual else None,
                constraint=kind,
                constraint_date=moment(node, "ConstraintDate"),
                deadline=moment(node, "Deadline"),
                actual_start=None if summary else moment(node, "ActualStart"),
                actual_finish=None if summary else moment(node, "ActualFinish"),
                remaining=minutes(rest) if rest else None,
                percent_complete=float(whole(node, "PercentComplete")),
                stop=moment(node, "Stop"),
                resume=moment(node, "Resume"),
                levelling_delay=0 if summary else whole(node, "LevelingDelay") // 10,
                ignores_resource_calendars=bool(whole(node, "IgnoreResourceCalendar")),
                fixed_duration=whole(node, "Type") == 1,
                demands=() if summary else tuple(demands.get(uid, ())),
            )
        )
        slack = text(node, "TotalSlack")
        stored[uid] = Stored(
            text(node, "Name"),
            summary,
            *(
                moment(node, tag)
                for tag in ("EarlyStart", "EarlyFinish", "LateStart", "LateFinish", "Start", "Finish")
            ),
            total_float=float(slack) / 10 if slack else 0.0,
            free_float=float(text(node, "FreeSlack", "0")) / 10,
            critical=bool(whole(node, "Critical")),
        )
        for part in node.findall(NS + "PredecessorLink"):
            if whole(part, "CrossProject"):
                odd.append(f"task {uid} has a predecessor in another file")
                continue
            lag, form = whole(part, "LinkLag"), whole(part, "LagFormat", 7)
            if form in (19, 51):
                unit, size = LagUnit.PERCENT, float(lag)
            elif form in (20, 52):
                unit, size = LagUnit.ELAPSED_PERCENT, float(lag)
            elif form in ELAPSED_FORMATS:
                unit, size = LagUnit.ELAPSED, lag / 10
            else:
                unit, size = LagUnit.WORKING, lag / 10
            links.append(Link(text(part, "PredecessorUID"), uid, LINKS[whole(part, "Type", 1)], size, unit))
    known = {t.key for t in tasks}
    links = [link for link in links if link.predecessor in known]
    plan = Plan(
        start=moment(root, "StartDate") or 0,
        tasks=tuple(tasks),
        links=tuple(links),
        calendars=calendars,
        calendar=default,
        finish=moment(root, "FinishDate") if options.schedule_from_finish else None,
        data_date=moment(root, "StatusDate"),
        resources=tuple(resources),
        options=options,
    )
    return MspdiPlan(plan, stored, odd)
