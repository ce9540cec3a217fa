"""GanttProject's calendar: whole days, free days of the week, and holidays that may return every year."""

from __future__ import annotations

from datetime import date
from xml.etree.ElementTree import Element

from steerco.connect.gan.mapping import WEEKDAYS
from steerco.connect.protocol import Notes
from steerco.connect.tame import line
from steerco.engine.calendar import OFFICE_HOURS, Calendar, CalendarException, Shifts

MINUTES_PER_DAY = 480


def read_calendar(root: Element, years: range, notes: Notes) -> Calendar:
    """The project's calendar with yearly holidays written out for `years`. Days off the week are closed."""
    free = {"sat", "sun"}
    week = root.find("calendars/day-types/default-week")
    if week is not None:
        free = {day for day in WEEKDAYS if week.get(day) == "1"}
    if _only_shown(root):
        free = set()
    if len(free) == 7:
        notes.warn("The calendar has no working day; Monday to Friday stand in.", where="calendar")
        free = {"sat", "sun"}
    exceptions = []
    for element in root.iterfind("calendars/date"):
        kind = (element.get("type") or "HOLIDAY").upper()
        if kind == "NEUTRAL":
            continue
        shifts: Shifts = OFFICE_HOURS if kind == "WORKING_DAY" else ()
        for day in _days(element, years, notes):
            exceptions.append(CalendarException(day, day, shifts, line(element.text, 100)))
    base = root.find("calendars")
    if base is not None and base.get("base-id"):
        notes.lost(
            "calendars base-id",
            f"The holidays of the built-in calendar “{line(base.get('base-id'), 60)}” are not in the file.",
        )
    shifts_of = [() if day in free else OFFICE_HOURS for day in WEEKDAYS]
    return Calendar(week=tuple(shifts_of), exceptions=tuple(exceptions))  # type: ignore[arg-type]


def _only_shown(root: Element) -> bool:
    element = root.find("calendars/day-types/only-show-weekends")
    return element is not None and element.get("value") == "true"


def _days(element: Element, years: range, notes: Notes) -> list[date]:
    try:
        month, day = int(element.get("month") or ""), int(element.get("date") or "")
        year = element.get("year") or ""
        if year:
            return [date(int(year), month, day)]
    except (ValueError, OverflowError):
        notes.warn(
            "A holiday's date does not exist and was left out.", where=f"holiday {line(element.text, 60)}"
        )
        return []
    found = []
    for number in years:
        try:
            found.append(date(number, month, day))
        except ValueError:
            continue  # 29 February
    return found
