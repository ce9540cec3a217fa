"""GAN in: tasks by the day, hardness and lag of links, holidays, people, absences and the last baseline."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from urllib.parse import unquote
from xml.etree.ElementTree import Element

from steerco.connect.dates import DateStyle
from steerco.connect.gan.calendars import MINUTES_PER_DAY, read_calendar
from steerco.connect.gan.mapping import FIELDS, LINK_TYPES, LOST, OWNED, PRIORITIES
from steerco.connect.items import (
    Item,
    ReadAssignment,
    Reading,
    ReadLink,
    ReadProject,
    ReadResource,
    Unreadable,
)
from steerco.connect.protocol import Input, Notes, Opening, guarded, owned
from steerco.connect.safe_open import open_source, parse_xml
from steerco.connect.tame import PLAIN, Wild, key, line, percent, prose, within
from steerco.engine.calendar import Calendar, CalendarException
from steerco.engine.plan import Constraint, LagUnit, LinkType, Options, to_minute, to_moment
from steerco.engine.worktime import WorkTime

SYSTEM = "gan"
LABEL = "GanttProject file"
CALENDAR = "project"
_MARKS = ("<taskproperties", "gantt-divider-location", "<taskproperty", 'id="gantt-chart"', "ganttproject")


def claims(opening: Opening) -> int:
    """Sure of a root <project> with GanttProject's own elements."""
    if opening.root != "project" or "mrproject-version" in opening.text:
        return 0
    return 95 if any(mark in opening.text for mark in _MARKS) else 40 if opening.suffix == ".gan" else 0


@dataclass(slots=True)
class _Plan:
    """What is gathered while walking the tasks."""

    notes: Notes
    worktime: WorkTime
    properties: dict[str, str]
    items: list[Item] = field(default_factory=list)
    seen: dict[str, str] = field(default_factory=dict)
    depends: list[tuple[str, Element]] = field(default_factory=list)
    firm: set[str] = field(default_factory=set)  # tasks that a strong link places


@guarded
def read(path_or_bytes: Input, name: str = "", *, mapping: Mapping[str, str] | None = None) -> Reading:
    """Everything a GanttProject file gives. Its whole days become days of eight hours from 8:00. Raises Unreadable."""
    source = open_source(path_or_bytes, name)
    root = parse_xml(source)
    tasks = root.find("tasks")
    if root.tag != "project" or tasks is None:
        raise Unreadable(
            f"{source.name} is not a GanttProject file: it has no <tasks>.", "Save it again in GanttProject."
        )
    notes = Notes()
    calendar = read_calendar(root, _years(root), notes)
    definitions = root.findall("tasks/taskproperties/taskproperty")
    custom = {p.get("id", ""): line(p.get("name")) for p in definitions if p.get("type") == "custom"}
    plan = _Plan(notes, calendar.compile(name="GanttProject calendar"), custom)
    _walk(tasks, plan)
    if not plan.items:
        notes.warn("The plan has no tasks.", remedy="Check that the right file was saved.")
    links = list(_links(plan))
    items = _pinned(plan.items, plan.firm, notes)
    resources, calendars = _resources(root, calendar, notes)
    assignments = _assignments(root, plan, resources, notes)
    items = _with_owners(_with_baseline(items, root, plan), assignments, resources)
    starts = [item.fields["planned_start"] for item in items if item.fields.get("planned_start")]
    for attribute, target in FIELDS.items():
        count = sum(1 for task in tasks.iter("task") if task.get(attribute))
        if count:
            notes.mapped(attribute, f"work-items.{target}", count)
    for attribute, why in LOST.items():
        count = sum(1 for task in tasks.iter("task") if task.get(attribute))
        if count:
            notes.lost(attribute, why, count)
    return Reading(
        SYSTEM,
        source.name,
        ReadProject(
            name=line(root.get("name")) or source.name,
            start=min(starts, default=None),
            calendar=CALENDAR,
            options=Options(minutes_per_day=MINUTES_PER_DAY),
        ),
        tuple(items),
        tuple(links),
        {CALENDAR: calendar, **calendars},
        tuple(resources),
        tuple(assignments),
        notes.all(),
        owned("work-items", OWNED),
        {CALENDAR: "GanttProject calendar", **{r.key: r.name for r in resources if r.key in calendars}},
    )


def _years(root: Element) -> range:
    years = sorted(
        int(text[:4])
        for task in root.iter("task")
        if (text := task.get("start") or "")[:4].isdigit() and text[:4].isascii()
    )
    years = [year for year in years if 1900 <= year < 2200]
    return range(years[0] - 1, min(years[-1] + 11, years[0] + 60)) if years else range(0)


def _walk(tasks: Element, plan: _Plan) -> None:
    """Items of all tasks, depth first; dependencies wait until all keys are known."""
    stack: list[tuple[Element, str, str]] = []
    for number, task in reversed(list(enumerate(tasks.findall("task"), 1))):
        stack.append((task, "", str(number)))
    while stack:
        task, parent, wbs = stack.pop()
        inner = task.findall("task")
        identity = key(task.get("id"))
        title = unescaped(task.get("name"))
        where = f"task {identity or title}"
        if not identity or identity in plan.seen:
            plan.notes.refused(
                f"The task “{title}” has {f'the id {identity} of “{plan.seen[identity]}”' if identity else 'no id'}.",
                where=where,
                remedy="Give each task its own id; the first was taken.",
            )
            continue
        plan.seen[identity] = title
        fields = _fields(task, title, where, plan)
        fields |= {"wbs": wbs, "position": len(plan.items) + 1}
        if inner:
            fields["kind"] = "summary"
        plan.items.append(Item("work-items", identity, fields, where, parent))
        plan.depends += [(identity, depend) for depend in task.findall("depend")]
        stack += [(child, identity, f"{wbs}.{n}") for n, child in reversed(list(enumerate(inner, 1)))]


def unescaped(text: str | None) -> str:
    """A name on one line."""
    return line(text) or "(without a name)"


def _fields(task: Element, title: str, where: str, plan: _Plan) -> dict[str, Any]:
    notes = plan.notes
    fields: dict[str, Any] = {
        "title": title,
        "kind": "milestone" if task.get("meeting") == "true" else "task",
    }
    days, done, start = 1.0, 0.0, None
    try:
        days = float(within(float(PLAIN.number(task.get("duration")) or 0), 0, 100_000, "A duration"))
    except Wild as wild:
        notes.warn(f"The duration was left out: {wild}.", where=where, field="duration")
    try:
        done = percent(task.get("complete")) or 0.0
    except Wild as wild:
        notes.warn(f"The progress was left out: {wild}.", where=where, field="complete")
    try:
        start = DateStyle("dmy").moment(task.get("start"))
    except Wild as wild:
        notes.warn(
            f"The start was left out: {wild}.",
            where=where,
            field="start",
            remedy="Correct it in GanttProject.",
        )
    duration = 0 if fields["kind"] == "milestone" else round(days * MINUTES_PER_DAY)
    fields["duration_minutes"] = duration
    fields["percent_complete"] = done
    fields["status"] = "done" if done == 100 else "doing" if done else "todo"
    if start is not None:
        first = plan.worktime.next_open(to_minute(start))
        fields["planned_start"] = to_moment(first)
        fields["planned_finish"] = (
            to_moment(plan.worktime.add(first, duration)) if duration else fields["planned_start"]
        )
    if task.get("thirdDate-constraint") == "1" and task.get("thirdDate"):
        try:
            third = DateStyle("dmy").moment(task.get("thirdDate"))
            if third is not None:
                fields["constraint"] = Constraint.SNET.value
                fields["constraint_date"] = to_moment(plan.worktime.next_open(to_minute(third)))
        except Wild as wild:
            notes.warn(f"The earliest begin was left out: {wild}.", where=where, field="thirdDate")
    if (priority := PRIORITIES.get(task.get("priority") or "")) is not None:
        fields["priority"] = priority
    if (text := prose(task.findtext("notes"))) != "":
        fields["description"] = text
    if task.get("cost-calculated") == "false" and task.get("cost-manual-value"):
        try:
            fields["planned_cost"] = PLAIN.number(task.get("cost-manual-value"))
        except Wild as wild:
            notes.warn(f"The cost was left out: {wild}.", where=where, field="cost-manual-value")
    custom = {
        plan.properties[identity]: line(value.get("value"), 2000)
        for value in task.findall("customproperty")
        if (identity := value.get("taskproperty-id") or "") in plan.properties and value.get("value")
    }
    if task.get("webLink"):
        custom["Web link"] = line(unquote(task.get("webLink") or ""), 2000)
    if custom:
        fields["custom"] = custom
    return fields


def _links(plan: _Plan) -> Iterator[ReadLink]:
    for identity, depend in plan.depends:
        where = f"task {identity}"
        successor = key(depend.get("id"))
        if successor not in plan.seen or successor == identity:
            what = (
                "itself"
                if successor == identity
                else f"the task {successor or '(none)'}, which is not in the file"
            )
            plan.notes.refused(
                f"The task is linked to {what}.", where=where, remedy="Remove the link in GanttProject."
            )
            continue
        lag = 0.0
        try:
            lag = float(
                within(float(PLAIN.number(depend.get("difference")) or 0), -100_000, 100_000, "A lag")
            )
        except Wild as wild:
            plan.notes.warn(f"The lag was left out: {wild}.", where=where, field="difference")
        kind = LINK_TYPES.get(depend.get("type") or "2", LinkType.FS)
        yield ReadLink(identity, successor, kind, round(lag * MINUTES_PER_DAY), LagUnit.WORKING, where)
        if depend.get("hardness") != "Rubber":
            plan.firm.add(successor)
        else:
            plan.notes.warn(
                "The link is a rubber one: the successor may begin later than it allows. It keeps its start.",
                where=f"task {successor}",
                field="hardness",
            )


def _pinned(items: list[Item], firm: set[str], notes: Notes) -> list[Item]:
    """A task that no firm link places stays where it was put: its start is its earliest start."""
    found = []
    for item in items:
        fields = dict(item.fields)
        placed = "constraint" in fields or item.key in firm or fields["kind"] == "summary"
        if not placed and fields.get("planned_start"):
            fields["constraint"] = Constraint.SNET.value
            fields["constraint_date"] = fields["planned_start"]
        found.append(replace(item, fields=fields))
    if found:
        notes.warn(
            "GanttProject plans in whole days: each became eight hours from 8:00. A task that no firm link places starts "
            "no earlier than where it was put.",
            count=len(found),
        )
    return found


def _resources(
    root: Element, calendar: Calendar, notes: Notes
) -> tuple[list[ReadResource], dict[str, Calendar]]:
    absences: dict[str, list[CalendarException]] = {}
    for vacation in root.iterfind("vacations/vacation"):
        try:
            first, last = DateStyle().moment(vacation.get("start")), DateStyle().moment(vacation.get("end"))
            if first is None or last is None or last < first:
                raise Wild("it ends before it starts or has no dates")
            absences.setdefault(key(vacation.get("resourceid")), []).append(
                CalendarException(first.date(), last.date(), (), "absence")
            )
        except Wild as wild:
            notes.warn(
                f"An absence was left out: {wild}.", where=f"resource {key(vacation.get('resourceid'))}"
            )
    found: dict[str, ReadResource] = {}
    for element in root.iterfind("resources/resource"):
        identity = key(element.get("id"))
        if not identity or identity in found:
            notes.refused(
                "A resource has no id or the id of another.",
                where=f"resource {identity}",
                remedy="Save again.",
            )
            continue
        rate = element.find("rate")
        found[identity] = ReadResource(
            identity,
            unescaped(element.get("name")),
            calendar=f"resource {identity}" if identity in absences else "",
            email=line(element.get("contacts")),
            standard_rate=line(rate.get("value"), 20) if rate is not None else "",
            where=f"resource {identity}",
        )
        if rate is not None and rate.get("value") not in (None, "", "0", "0.0"):
            notes.lost(
                "rate", "GanttProject's rates are per day; they are kept as text of the resource only."
            )
    calendars = {
        f"resource {r}": calendar.with_exceptions(days) for r, days in absences.items() if r in found
    }
    return list(found.values()), calendars


def _assignments(
    root: Element, plan: _Plan, resources: list[ReadResource], notes: Notes
) -> list[ReadAssignment]:
    pool = {resource.key for resource in resources}
    found = []
    for element in root.iterfind("allocations/allocation"):
        item, resource = key(element.get("task-id")), key(element.get("resource-id"))
        if item not in plan.seen or resource not in pool:
            notes.refused(
                "An allocation names a task or a person that is not in the file.",
                where=f"task {item}",
                remedy="Save again in GanttProject.",
            )
            continue
        try:
            load = float(within(float(PLAIN.number(element.get("load")) or 0), 0, 100_000, "A load"))
        except Wild as wild:
            notes.warn(f"The load was taken as 100 %: {wild}.", where=f"task {item}", field="load")
            load = 100.0
        found.append(ReadAssignment(item, resource, units=load / 100))
    return found


def _with_owners(
    items: list[Item], assignments: list[ReadAssignment], resources: list[ReadResource]
) -> list[Item]:
    """A task's only person is its owner."""
    names = {resource.key: resource.name for resource in resources}
    doers: dict[str, list[str]] = {}
    for assignment in assignments:
        doers.setdefault(assignment.item, []).append(names[assignment.resource])
    return [
        replace(item, fields={**item.fields, "owner": doers[item.key][0]})
        if len(doers.get(item.key, ())) == 1
        else item
        for item in items
    ]


def _with_baseline(items: list[Item], root: Element, plan: _Plan) -> list[Item]:
    baselines = root.findall("previous/previous-tasks")
    if not baselines:
        return items
    if len(baselines) > 1:
        plan.notes.lost("previous", "Only the last baseline is taken.", len(baselines) - 1)
    kept: dict[str, tuple[datetime, int]] = {}
    for task in baselines[-1].findall("previous-task"):
        try:
            start, days = (
                DateStyle().moment(task.get("start")),
                float(PLAIN.number(task.get("duration")) or 0),
            )
            if start is not None:
                kept[key(task.get("id"))] = (
                    start,
                    round(within(days, 0, 100_000, "A duration") * MINUTES_PER_DAY),
                )
        except Wild as wild:
            plan.notes.warn(f"A baseline was left out: {wild}.", where=f"task {key(task.get('id'))}")
    found = []
    for item in items:
        if item.key in kept:
            start, duration = kept[item.key]
            first = plan.worktime.next_open(to_minute(start))
            item = replace(
                item,
                fields={
                    **item.fields,
                    "baseline_start": to_moment(first),
                    "baseline_finish": to_moment(plan.worktime.add(first, duration)),
                    "baseline_duration_minutes": duration,
                },
            )
        found.append(item)
    return found
