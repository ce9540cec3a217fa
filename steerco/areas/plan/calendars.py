"""Working calendars and scheduling options as the database keeps them: plain JSON, there and back without loss."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from enum import StrEnum
from typing import Any, get_type_hints

from steerco.engine.calendar import Calendar, CalendarException, Shifts, WorkWeek
from steerco.engine.plan import Options


def calendar_to_json(calendar: Calendar) -> dict[str, Any]:
    """The definition kept in `WorkCalendar.definition`; parts that say nothing are left out.

    `week` is seven lists of [start, end] minutes of the day, Monday first. `exceptions` are {first, last, shifts, name},
    `weeks` are {first, last, week, name} with None for a day that keeps the calendar's own; `within` are definitions.
    """
    definition: dict[str, Any] = {"week": [_shifts(day) for day in calendar.week]}
    if calendar.exceptions:
        definition["exceptions"] = [
            {
                "first": e.first.isoformat(),
                "last": e.last.isoformat(),
                "shifts": _shifts(e.shifts),
                "name": e.name,
            }
            for e in calendar.exceptions
        ]
    if calendar.weeks:
        definition["weeks"] = [
            {
                "first": w.first.isoformat(),
                "last": w.last.isoformat(),
                "week": [None if day is None else _shifts(day) for day in w.week],
                "name": w.name,
            }
            for w in calendar.weeks
        ]
    if calendar.zone:
        definition["zone"] = calendar.zone
    if calendar.within:
        definition["within"] = [calendar_to_json(other) for other in calendar.within]
    return definition


def calendar_from_json(definition: Mapping[str, Any]) -> Calendar:
    """The calendar of a kept definition; an empty one is the standard week. Raises ValueError where it makes no sense."""
    if not definition.get("week"):
        return Calendar.standard(definition.get("zone", ""))
    return Calendar(
        week=tuple(_read(day) for day in definition["week"]),  # type: ignore[arg-type]
        exceptions=tuple(
            CalendarException(
                date.fromisoformat(e["first"]),
                date.fromisoformat(e["last"]),
                _read(e.get("shifts", ())),
                e.get("name", ""),
            )
            for e in definition.get("exceptions", ())
        ),
        weeks=tuple(
            WorkWeek(
                date.fromisoformat(w["first"]),
                date.fromisoformat(w["last"]),
                tuple(None if day is None else _read(day) for day in w["week"]),
                w.get("name", ""),
            )
            for w in definition.get("weeks", ())
        ),
        zone=definition.get("zone", ""),
        within=tuple(calendar_from_json(other) for other in definition.get("within", ())),
    )


def options_to_json(options: Options) -> dict[str, Any]:
    """What is kept in a node's `options["scheduling"]`: every rule by its name."""
    return {
        f.name: str(v) if isinstance(v := getattr(options, f.name), StrEnum) else v for f in fields(options)
    }


def options_from_json(kept: Mapping[str, Any]) -> Options:
    """The rules of a node; names that are not known any more are left out. Raises ValueError for a value that is none."""
    hints = get_type_hints(Options)
    return Options(
        **{
            name: hints[name](value) if issubclass(hints[name], StrEnum) else value
            for name, value in kept.items()
            if name in hints
        }
    )


def _shifts(shifts: Shifts) -> list[list[int]]:
    return [[start, end] for start, end in shifts]


def _read(shifts: Any) -> Shifts:
    return tuple((int(start), int(end)) for start, end in shifts)
