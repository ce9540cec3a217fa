"""Primavera P6's own dates and floats, case by case."""

import csv
import json
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from steerco.engine.calendar import OFFICE_HOURS, Calendar, CalendarException
from steerco.engine.network import schedule
from steerco.engine.plan import Constraint, Link, LinkType, Options, Plan, Task, to_minute, to_moment

CASES = Path(__file__).parents[4] / "shared" / "data" / "schedules" / "p6"
NAMES = sorted(p.name.removesuffix(".input.json") for p in CASES.glob("*.input.json"))
KINDS = {
    "CS_MSO": Constraint.MSO,  # "start on", which P6 keeps behind the logic
    "CS_MEO": Constraint.MFO,
    "CS_MSOA": Constraint.SNET,
    "CS_MSOB": Constraint.SNLT,
    "CS_MEOA": Constraint.FNET,
    "CS_MEOB": Constraint.FNLT,
    "CS_ALAP": Constraint.ALAP,
}


def at(day: str, hour: int = 0) -> int:
    return to_minute(datetime.fromisoformat(day) + timedelta(hours=hour))


def calendar(entry: dict) -> Calendar:
    week = tuple(OFFICE_HOURS if weekday in entry["work_days"] else () for weekday in (1, 2, 3, 4, 5, 6, 0))
    holidays = [date.fromisoformat(day) for day in entry["holidays"]]
    return Calendar(week=week, exceptions=tuple(CalendarException(day, day) for day in holidays))


def constraint(entry: dict | None) -> tuple[Constraint, int | None]:
    if entry is None:
        return Constraint.ASAP, None
    return KINDS[entry["type"]], at(entry["date"]) if "date" in entry else None


def plan_of(case: dict) -> Plan:
    tasks = []
    for activity in case["activities"]:
        first, second = constraint(activity.get("constraint")), constraint(activity.get("constraint2"))
        started, finished = activity.get("actual_start"), activity.get("actual_finish")
        left = activity.get("remaining_duration")
        tasks.append(
            Task(
                key=activity["code"],
                duration=activity["duration_days"] * 480,
                calendar=activity["clndr_id"],
                constraint=first[0],
                constraint_date=first[1],
                second_constraint=second[0],
                second_constraint_date=second[1],
                actual_start=at(started, 8) if started else None,
                actual_finish=at(finished, 17) if finished else None,
                remaining=left * 480 if left is not None else None,
            )
        )
    links = [
        Link(r["from_code"], r["to_code"], LinkType(r["type"]), r["lag_days"] * 480)
        for r in case["relationships"]
    ]
    calendars = {key: calendar(entry) for key, entry in case["opts"]["cal_map"].items()}
    return Plan(
        start=at(case["opts"]["projectStart"], 8),
        data_date=at(case["opts"]["dataDate"], 8),
        tasks=tuple(tasks),
        links=tuple(links),
        calendars=calendars,
        calendar=next(iter(calendars)),
        options=Options.primavera(),
    )


@pytest.mark.skipif(not CASES.exists(), reason=f"needs the Primavera cases in {CASES}")
@pytest.mark.parametrize("name", NAMES)
def test_primavera_dates_and_floats_are_reproduced(name):
    plan = plan_of(json.loads((CASES / f"{name}.input.json").read_text()))
    dates = schedule(plan)
    with (CASES / f"{name}.native_p6.csv").open() as lines:
        rows = list(csv.DictReader(lines))
    assert rows
    for row in rows:
        ours = dates[row["activity_code"]]
        shown = [
            f"{to_moment(m):%Y-%m-%d %H:%M:%S}"
            for m in (ours.early_start, ours.early_finish, ours.late_start, ours.late_finish)
        ]
        theirs = [row[c].removesuffix(" A") for c in ("ES_p6", "EF_p6", "LS_p6", "LF_p6")]
        assert shown == theirs, row["activity_code"]
        floats = [
            value
            for value, shown in ((ours.total_float, row["TF_p6"]), (ours.free_float, row["FF_p6"]))
            if shown
        ]
        assert floats == [float(row[c]) * 480 for c in ("TF_p6", "FF_p6") if row[c]], row["activity_code"]
