"""MSPDI in: project options, calendars, tasks, links, resources and assignments, with the tool's own dates beside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from xml.etree.ElementTree import Element

from steerco.connect.dates import iso_moment
from steerco.connect.durations import iso_minutes
from steerco.connect.items import Item, ReadAssignment, Reading, ReadProject, ReadResource, Unreadable
from steerco.connect.mspdi.calendars import read_calendars
from steerco.connect.mspdi.elapsed import working_durations
from steerco.connect.mspdi.mapping import NESTED, OWNED, RESOURCE_KINDS
from steerco.connect.mspdi.tasks import Flat, Names, money, read_tasks, tenths
from steerco.connect.protocol import Input, Notes, Opening, guarded, owned
from steerco.connect.safe_open import open_source, parse_xml
from steerco.connect.tame import Wild, key, line
from steerco.engine.plan import Options

SYSTEM = "mspdi"
LABEL = "Microsoft Project XML"
NAMESPACE = "http://schemas.microsoft.com/project"


def claims(opening: Opening) -> int:
    """Sure of a root <Project> in Microsoft's namespace; hopeful about one without."""
    if opening.root != "Project":
        return 0
    return 95 if NAMESPACE in opening.text[:4000] else 60


@guarded
def read(path_or_bytes: Input, name: str = "", *, mapping: Mapping[str, str] | None = None) -> Reading:
    """Everything an MSPDI file gives. Raises Unreadable."""
    source = open_source(path_or_bytes, name)
    root = parse_xml(source)
    prefix = root.tag[: root.tag.index("}") + 1] if root.tag.startswith("{") else ""
    if root.tag != f"{prefix}Project":
        raise Unreadable(
            f"{source.name} is XML, but not a Microsoft Project plan: its root is <{line(root.tag, 60)}>.",
            "Save the plan as XML in Microsoft Project (File, Save As, XML format).",
        )
    notes = Notes()
    calendars, calendar_names = read_calendars(
        root.findall(f"{prefix}Calendars/{prefix}Calendar"), prefix, notes
    )
    project = _project(root, prefix, calendars, notes)
    rows = _rows(root, "Tasks", "Task", prefix)
    tasks = read_tasks(rows, _names(root, prefix), project.status_date, notes)
    if not tasks.items:
        notes.warn("The plan has no tasks.", remedy="Check that the right file was exported.")
    resources = _resources(_rows(root, "Resources", "Resource", prefix), calendars, notes)
    items = [_with_known_calendar(item, calendars, notes) for item in tasks.items]
    items = working_durations(items, calendars, project.calendar, notes)
    assignments = _assignments(_rows(root, "Assignments", "Assignment", prefix), items, resources, notes)
    items = _with_owners(items, assignments, resources)
    title = line(root.findtext(f"{prefix}Title")) or line(root.findtext(f"{prefix}Name")).removesuffix(".xml")
    return Reading(
        SYSTEM,
        source.name,
        replace(project, name=tasks.project_name or title or source.name),
        tuple(items),
        tuple(tasks.links),
        calendars,
        tuple(resources),
        tuple(assignments),
        notes.all(),
        owned("work-items", OWNED),
        calendar_names,
    )


class _LocalNames(dict[str, str]):
    """Element names without their namespace, worked out once each."""

    def __init__(self, prefix: str) -> None:
        super().__init__()
        self._cut = len(prefix)

    def __missing__(self, tag: str) -> str:
        self[tag] = tag[self._cut :] if isinstance(tag, str) else ""
        return self[tag]


def _rows(root: Element, section: str, record: str, prefix: str) -> list[Flat]:
    names = _LocalNames(prefix)
    return [_flat(element, names, prefix) for element in root.iterfind(f"{prefix}{section}/{prefix}{record}")]


def _flat(element: Element, names: _LocalNames, prefix: str) -> Flat:
    """Texts of an element's children by name; children that have children of their own as lists of the same."""
    row: Flat = {names[child.tag]: child.text for child in element}
    for tag in NESTED & row.keys():
        row[tag] = [
            {names[inner.tag]: inner.text for inner in child} for child in element.iterfind(f"{prefix}{tag}")
        ]
    return row


def _project(root: Element, prefix: str, calendars: Mapping[str, Any], notes: Notes) -> ReadProject:
    def text(tag: str) -> str:
        return (root.findtext(f"{prefix}{tag}") or "").strip()

    def moment(tag: str) -> Any:
        try:
            return iso_moment(text(tag))
        except Wild as wild:
            notes.warn(f"{tag} of the project was left out: {wild}.", field=tag)
            return None

    def number(tag: str, default: int, low: int, high: int) -> int:
        value = text(tag)
        found = int(value) if value.lstrip("-").isdigit() and len(value) < 9 else default
        return found if low <= found <= high else default

    def flag(tag: str, default: bool = False) -> bool:
        return text(tag) in ("1", "true") if text(tag) else default

    calendar = key(text("CalendarUID"))
    if calendar not in calendars:
        if calendar and calendar != "-1":
            notes.warn(
                f"The project's calendar (UID {calendar}) is not in the file; the first one stands in."
            )
        calendar = next(iter(calendars), "")
    minutes_per_day = number("MinutesPerDay", 480, 1, 1440)
    options = Options(
        honour_constraints=flag("HonorConstraints", True),
        critical_at=number("CriticalSlackLimit", 0, -10_000, 10_000) * minutes_per_day,
        multiple_critical_paths=flag("MultipleCriticalPaths"),
        schedule_from_finish=not flag("ScheduleFromStart", True),
        minutes_per_day=minutes_per_day,
        move_completed=flag("MoveCompletedEndsBack") or flag("MoveCompletedEndsForward"),
    )
    for tag, target in (
        ("StartDate", "start"),
        ("FinishDate", "finish"),
        ("StatusDate", "status date"),
        ("CalendarUID", "calendar"),
        ("HonorConstraints", "honour constraints"),
        ("CriticalSlackLimit", "critical at"),
        ("MultipleCriticalPaths", "multiple critical paths"),
        ("MinutesPerDay", "minutes per day"),
        ("ScheduleFromStart", "schedule from finish"),
    ):
        if text(tag):
            notes.mapped(f"Project {tag}", f"project.{target}")
    return ReadProject(
        start=moment("StartDate"),
        finish=moment("FinishDate"),
        status_date=moment("StatusDate"),
        calendar=calendar,
        currency=line(text("CurrencyCode") or text("CurrencySymbol"), 10),
        options=options,
    )


def _names(root: Element, prefix: str) -> Names:
    fields: dict[str, str] = {}
    values: dict[str, str] = {}
    for section, record in (("ExtendedAttributes", "ExtendedAttribute"), ("OutlineCodes", "OutlineCode")):
        for definition in root.iterfind(f"{prefix}{section}/{prefix}{record}"):
            field_id = definition.findtext(f"{prefix}FieldID") or ""
            alias = line(definition.findtext(f"{prefix}Alias")) or line(
                definition.findtext(f"{prefix}FieldName")
            )
            if field_id and alias:
                fields[field_id] = alias
            for path in (f"{prefix}ValueList/{prefix}Value", f"{prefix}Values/{prefix}Value"):
                for value in definition.iterfind(path):
                    shown = line(value.findtext(f"{prefix}Value")) or line(
                        value.findtext(f"{prefix}Description")
                    )
                    for tag in ("ID", "ValueID", "FieldGUID", "ValueGUID"):
                        if identity := value.findtext(f"{prefix}{tag}"):
                            values[identity] = shown
    return Names(fields, values)


def _number(text: Any, default: float, most: float = 1e9) -> float:
    try:
        value = float(text)
    except (TypeError, ValueError):
        return default
    return value if -most <= value <= most else default


def _resources(rows: list[Flat], calendars: Mapping[str, Any], notes: Notes) -> list[ReadResource]:
    found: dict[str, ReadResource] = {}
    for row in rows:
        uid, name = key(row.get("UID")), line(row.get("Name"))
        if (
            not uid
            or row.get("IsNull") in ("1", "true")
            or (uid == "0" and not name)
            or row.get("IsInactive") == "1"
        ):
            continue
        where = f"resource UID {uid}"
        if uid in found:
            notes.refused(
                f"“{name}” has the UID {uid} of “{found[uid].name}”.",
                where=where,
                remedy="Number them apart.",
            )
            continue
        calendar = key(row.get("CalendarUID"))
        kind = (
            "cost" if row.get("IsCostResource") == "1" else RESOURCE_KINDS.get(row.get("Type") or "1", "work")
        )
        rate = row.get("StandardRate")
        found[uid] = ReadResource(
            uid,
            name or f"Resource {row.get('ID') or uid}",
            kind,
            max(_number(row.get("MaxUnits"), 1.0), 0.0),
            calendar if calendar in calendars else "",
            line(row.get("EmailAddress")),
            line(row.get("Group")),
            line(rate, 20) if _number(rate, 0.0) else "",
            where,
        )
        if row.get("Baseline"):
            notes.lost(
                "Resource Baseline", "Baselines of resources are not kept; those of tasks are.", where=where
            )
        if row.get("AvailabilityPeriods") or row.get("Rates"):
            notes.lost(
                "Resource AvailabilityPeriods", "Only today's availability and rate are kept.", where=where
            )
    return list(found.values())


def _assignments(
    rows: list[Flat], items: list[Item], resources: list[ReadResource], notes: Notes
) -> list[ReadAssignment]:
    tasks, pool = {item.key for item in items}, {resource.key for resource in resources}
    found = []
    timephased = 0
    for row in rows:
        task, resource = key(row.get("TaskUID")), key(row.get("ResourceUID"))
        timephased += "TimephasedData" in row
        if resource in ("", "-65535", "0") or task == "0":  # work that nobody is assigned to
            continue
        where = f"assignment UID {key(row.get('UID'))}"
        if task not in tasks or resource not in pool:
            notes.refused(
                f"It assigns {'an unknown resource' if task in tasks else 'somebody to an unknown task'}.",
                where=where,
                remedy="Export the whole project.",
            )
            continue
        found.append(
            ReadAssignment(
                task,
                resource,
                units=max(_number(row.get("Units"), 1.0), 0.0),
                work=_quiet(row, "Work", iso_minutes),
                actual_work=_quiet(row, "ActualWork", iso_minutes),
                remaining_work=_quiet(row, "RemainingWork", iso_minutes),
                start=_quiet(row, "Start", iso_moment),
                finish=_quiet(row, "Finish", iso_moment),
                delay=_quiet(row, "Delay", tenths) or 0,
                cost=str(cost) if (cost := _quiet(row, "Cost", money)) else "",
            )
        )
    if timephased:
        notes.lost(
            "TimephasedData",
            "Work by period is not kept; work is spread evenly over the assignment.",
            timephased,
        )
    return found


def _quiet(row: Flat, tag: str, convert: Any) -> Any:
    text = row.get(tag)
    if not isinstance(text, str):
        return None
    try:
        return convert(text)
    except Wild:
        return None


def _with_known_calendar(item: Item, calendars: Mapping[str, Any], notes: Notes) -> Item:
    calendar = item.fields.get("calendar")
    if calendar is None or calendar in calendars:
        return item
    notes.warn(
        "The task's calendar is not in the file; the project's is used.",
        where=item.where,
        field="CalendarUID",
    )
    return replace(item, fields={k: v for k, v in item.fields.items() if k != "calendar"})


def _with_owners(
    items: list[Item], assignments: list[ReadAssignment], resources: list[ReadResource]
) -> list[Item]:
    """A task without a contact whose work is one person's is owned by that person."""
    names = {resource.key: resource.name for resource in resources if resource.kind == "work"}
    doers: dict[str, set[str]] = {}
    for assignment in assignments:
        if assignment.resource in names:
            doers.setdefault(assignment.item, set()).add(names[assignment.resource])
    return [
        replace(item, fields={**item.fields, "owner": next(iter(doers[item.key]))})
        if len(doers.get(item.key, ())) == 1 and not item.fields.get("owner")
        else item
        for item in items
    ]
