"""XER in: one project's activities, relationships, calendars, resources, codes, costs and scheduling options."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from html import unescape
from re import sub

from steerco.connect.items import (
    ReadAssignment,
    Reading,
    ReadProject,
    ReadResource,
    SeveralProjects,
    Unreadable,
)
from steerco.connect.protocol import Input, Notes, Opening, guarded, owned
from steerco.connect.safe_open import open_source
from steerco.connect.tame import key, line, prose
from steerco.connect.xer.activities import Activities, Extras, Taming, read_activities, read_links
from steerco.connect.xer.calendars import read_calendars
from steerco.connect.xer.mapping import FLOATS, LAG_CALENDARS, MANDATORY, OWNED, RESOURCE_KINDS
from steerco.connect.xer.tables import Row, Tables, read_tables
from steerco.engine.plan import FloatFrom, LagCalendar, Options, Progress

SYSTEM = "xer"
LABEL = "Primavera XER"


def claims(opening: Opening) -> int:
    """Sure of a file that begins with ERMHDR."""
    return 100 if opening.text.lstrip("\ufeff").startswith("ERMHDR") else 0


@guarded
def read(path_or_bytes: Input, name: str = "", *, mapping: Mapping[str, str] | None = None) -> Reading:
    """One project of an XER file; `mapping={"project": short name or proj_id}` chooses among several.

    Raises SeveralProjects when one must be chosen, else Unreadable.
    """
    source = open_source(path_or_bytes, name)
    notes = Notes()
    tables = read_tables(source, notes)
    project = _chosen(tables, source.name, (mapping or {}).get("project", ""))
    project_id = project.get("proj_id", "")
    calendars, calendar_names = read_calendars(tables.of("CALENDAR"), notes)
    names = {row.get("rsrc_id", ""): line(row.get("rsrc_name")) for row in tables.of("RSRC")}
    extras = _extras(tables, project_id, notes)
    activities = read_activities(tables, project_id, extras, names, calendars, notes)
    if not activities.keys:
        notes.warn("The project has no activities.", remedy="Check that the right project was exported.")
    assignments = _assignments(tables, project_id, activities, notes)
    return Reading(
        SYSTEM,
        source.name,
        _project(tables, project, calendars, notes),
        tuple(activities.items),
        tuple(read_links(tables, project_id, activities.keys, notes)),
        calendars,
        tuple(_resources(tables, {a.resource for a in assignments}, calendars, Taming(notes))),
        tuple(assignments),
        notes.all(),
        owned("work-items", OWNED),
        calendar_names,
    )


def _chosen(tables: Tables, name: str, wanted: str) -> Row:
    rows = tables.of("PROJECT")
    with_tasks = {row.get("proj_id") for row in tables.of("TASK")}
    live = [row for row in rows if row.get("proj_id") in with_tasks] or rows[:1]
    if not live:
        raise Unreadable(
            f"{name} holds no project.", "Choose a project in P6's export dialog and export again."
        )
    if wanted:
        for row in rows:
            if wanted in (row.get("proj_id"), row.get("proj_short_name")):
                return row
        known = ", ".join(line(row.get("proj_short_name")) for row in live)
        raise Unreadable(f"{name} has no project {line(wanted, 60)}.", f"Choose one of: {known}.")
    if len(live) == 1:
        return live[0]
    choices = tuple((key(row.get("proj_id")), line(row.get("proj_short_name"))) for row in live)
    raise SeveralProjects(
        f"{name} holds {len(choices)} projects.",
        f"Choose one of them as “project”: {', '.join(label for _, label in choices)}.",
        choices,
    )


def _project(tables: Tables, row: Row, calendars: Mapping[str, object], notes: Notes) -> ReadProject:
    taming = Taming(notes)
    project_id = row.get("proj_id", "")
    settings = next(iter(tables.of("SCHEDOPTIONS", proj_id=project_id)), {})
    default = next(
        (c for c in tables.of("CALENDAR") if c.get("clndr_id") == row.get("clndr_id")), None
    ) or next(
        (c for c in tables.of("CALENDAR") if c.get("default_flag") == "Y"),
        next(iter(tables.of("CALENDAR")), {}),
    )
    progress = Progress.RETAINED_LOGIC
    if settings.get("sched_progress_override") == "Y":
        progress = Progress.PROGRESS_OVERRIDE
    elif settings.get("sched_retained_logic") == "N":
        progress = Progress.ACTUAL_DATES
    constraints = {task.get("cstr_type") for task in tables.of("TASK", proj_id=project_id)} - {"", None}
    mandatory = bool(constraints & MANDATORY)
    if mandatory and constraints & {"CS_MSO", "CS_MEO"}:
        notes.warn(
            "Mandatory constraints break links and “start on” ones do not; here all are treated as mandatory.",
            field="cstr_type",
        )
    if row.get("critical_path_type") == "CT_DrivPath":
        notes.lost(
            "critical_path_type", "Critical is total float here; the project's longest path is not used."
        )
    options = Options.primavera(
        lag_calendar=LAG_CALENDARS.get(
            settings.get("sched_calendar_on_relationship_lag", ""), LagCalendar.PREDECESSOR
        ),
        progress=progress,
        honour_constraints=mandatory,
        total_float=FLOATS.get(settings.get("sched_float_type") or "FT_FF", FloatFrom.SMALLER),
        critical_at=taming.minutes(row, "critical_drtn_hr_cnt") or 0,
        multiple_critical_paths=settings.get("sched_open_critical_flag") == "Y",
        minutes_per_day=(taming.minutes(default, "day_hr_cnt") or 480) if default else 480,
    )
    node = next((w for w in tables.of("PROJWBS", proj_id=project_id) if w.get("proj_node_flag") == "Y"), {})
    calendar = key(default.get("clndr_id")) if default else ""
    header = tables.header
    return ReadProject(
        name=line(node.get("wbs_name")) or line(row.get("proj_short_name")),
        start=taming.moment(row, "plan_start_date"),
        finish=taming.moment(row, "plan_end_date"),
        status_date=taming.moment(row, "last_recalc_date"),
        calendar=calendar if calendar in calendars else next(iter(calendars), ""),
        currency=line(header[8], 10) if len(header) > 8 else "",
        options=options,
    )


def _resources(
    tables: Tables, used: set[str], calendars: Mapping[str, object], taming: Taming
) -> list[ReadResource]:
    rates: dict[str, Row] = {}
    for row in sorted(tables.of("RSRCRATE"), key=lambda rate: rate.get("start_date", "")):
        rates.setdefault(row.get("rsrc_id", ""), row)
    found = {}
    for row in tables.of("RSRC"):
        identity = key(row.get("rsrc_id"))
        if identity not in used or identity in found:
            continue
        rate = rates.get(identity, {"": row[""]})
        price = taming.number(rate, "cost_per_qty")
        units = taming.number(rate, "max_qty_per_hr")
        found[identity] = ReadResource(
            identity,
            line(row.get("rsrc_name")) or line(row.get("rsrc_short_name")) or f"Resource {identity}",
            RESOURCE_KINDS.get(row.get("rsrc_type", ""), "work"),
            1.0 if units is None else max(units, 0.0),
            key(row.get("clndr_id")) if row.get("clndr_id") in calendars else "",
            line(row.get("email_addr")),
            "",
            f"{price:g}" if price else "",
            f"row {row['']}",
        )
    return list(found.values())


def _assignments(tables: Tables, project: str, activities: Activities, notes: Notes) -> list[ReadAssignment]:
    taming = Taming(notes)
    pool = {row.get("rsrc_id") for row in tables.of("RSRC")}
    found = []
    for row in tables.of("TASKRSRC", proj_id=project):
        item = activities.keys.get(row.get("task_id", ""))
        resource = key(row.get("rsrc_id"))
        if item is None or resource not in pool:
            if not resource and row.get("role_id"):
                notes.lost(
                    "role_id", "An assignment to a role without a person is not kept.", where=f"row {row['']}"
                )
            continue
        done = [taming.minutes(row, column) or 0 for column in ("act_reg_qty", "act_ot_qty")]
        cost = taming.number(row, "target_cost")
        units = taming.number(row, "target_qty_per_hr")
        found.append(
            ReadAssignment(
                item,
                resource,
                units=1.0 if units is None else max(units, 0.0),
                work=taming.minutes(row, "target_qty"),
                actual_work=sum(done),
                remaining_work=taming.minutes(row, "remain_qty"),
                start=taming.moment(row, "act_start_date") or taming.moment(row, "target_start_date"),
                finish=taming.moment(row, "act_end_date") or taming.moment(row, "target_end_date"),
                delay=taming.minutes(row, "target_lag_drtn_hr_cnt") or 0,
                cost=f"{cost:.2f}" if cost else "",
            )
        )
    return found


def _extras(tables: Tables, project: str, notes: Notes) -> Extras:
    extras = Extras()
    taming = Taming(notes)
    costs: dict[str, list[Decimal]] = defaultdict(lambda: [Decimal(0)] * 3)
    assignment_columns = (("target_cost",), ("act_reg_cost", "act_ot_cost"), ("remain_cost",))
    expense_columns = (("target_cost",), ("act_cost",), ("remain_cost",))
    for table, groups in (("TASKRSRC", assignment_columns), ("PROJCOST", expense_columns)):
        for row in tables.of(table, proj_id=project):
            for index, columns in enumerate(groups):
                amount = sum(taming.number(row, column) or 0.0 for column in columns)
                costs[row.get("task_id", "")][index] += Decimal(f"{amount:.2f}")
    extras.costs = dict(costs)
    types = {row.get("udf_type_id"): row for row in tables.of("UDFTYPE", table_name="TASK")}
    for row in tables.of("UDFVALUE"):
        if row.get("udf_type_id") in types:
            label = line(types[row["udf_type_id"]].get("udf_type_label")) or "User field"
            value = next((row[c] for c in ("udf_text", "udf_number", "udf_date") if row.get(c)), "")
            if value:
                extras.custom[row.get("fk_id", "")][label] = line(value, 2000)
    kinds = {row.get("actv_code_type_id"): line(row.get("actv_code_type")) for row in tables.of("ACTVTYPE")}
    codes = {row.get("actv_code_id"): row for row in tables.of("ACTVCODE")}
    for row in tables.of("TASKACTV"):
        code = codes.get(row.get("actv_code_id"))
        if code:
            label = kinds.get(code.get("actv_code_type_id")) or "Activity code"
            value = line(code.get("actv_code_name")) or line(code.get("short_name"))
            extras.custom[row.get("task_id", "")][label] = value
    for row in tables.of("TASKMEMO"):
        text = prose(unescape(sub(r"<[^<>]{0,500}>", " ", row.get("task_memo", "").replace("\x7f", "\n"))))
        if text:
            extras.memos[row.get("task_id", "")].append(text)
    return extras
