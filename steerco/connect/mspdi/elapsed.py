"""Durations that a program wrote as time on the clock where the format means working time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from steerco.connect.items import Item
from steerco.connect.protocol import Notes
from steerco.engine.calendar import Calendar
from steerco.engine.plan import to_minute
from steerco.engine.worktime import WorkTime


def working_durations(
    items: list[Item], calendars: Mapping[str, Calendar], project_calendar: str, notes: Notes
) -> list[Item]:
    """The items, with durations that equal the clock time from start to finish counted in working minutes instead.

    TaskJuggler writes manually scheduled tasks so: a task from Wednesday 9:00 to Thursday of the next week 15:00 as 198
    hours. A task that works around the clock keeps its duration, because there both counts agree.
    """
    compiled: dict[str, WorkTime] = {}
    found = []
    for item in items:
        fields = item.fields
        start, finish = fields.get("planned_start"), fields.get("planned_finish")
        duration = fields.get("duration_minutes") or 0
        if not start or not finish:
            found.append(item)
            continue
        clock = to_minute(finish) - to_minute(start)
        if not fields.get("manual") or fields.get("elapsed") or duration != clock or duration <= 1440:
            found.append(item)
            continue
        name = fields.get("calendar") or project_calendar
        calendar = calendars.get(name)
        if calendar is None:
            found.append(item)
            continue
        if name not in compiled:
            compiled[name] = calendar.compile(name=name)
        working = compiled[name].between(to_minute(start), to_minute(finish))
        if working != duration:
            notes.warn(
                "The duration is written as time on the clock; it is counted in working time between start and finish.",
                where=item.where,
                field="Duration",
            )
            mended = {**fields, "duration_minutes": int(working)}
            if mended.get("work_minutes") == duration:  # the same number, written once more
                del mended["work_minutes"]
            item = replace(item, fields=mended)
        found.append(item)
    return found
