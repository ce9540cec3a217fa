"""Calendars of an MSPDI file: weeks, exceptions and work weeks, with what the base calendar leaves to be filled."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any
from xml.etree.ElementTree import Element

from steerco.connect.dates import iso_moment
from steerco.connect.mspdi.recurrence import Recurrence, spans
from steerco.connect.protocol import Notes
from steerco.connect.tame import Wild, key, line
from steerco.engine.calendar import OFFICE_HOURS, Calendar, CalendarException, Shifts, Week, WorkWeek

# DayType 1 is Sunday; a calendar's week begins on Monday.
_WEEKDAY = {"2": 0, "3": 1, "4": 2, "5": 3, "6": 4, "7": 5, "1": 6}
_MOST_EXCEPTIONS = 20_000


@dataclass(slots=True)
class _Raw:
    name: str
    base: str
    week: list[Shifts | None] = field(default_factory=lambda: [None] * 7)
    exceptions: list[CalendarException] = field(default_factory=list)
    weeks: list[WorkWeek] = field(default_factory=list)


def read_calendars(
    elements: list[Element], prefix: str, notes: Notes
) -> tuple[dict[str, Calendar], dict[str, str]]:
    """(calendars, names) by UID. A day no calendar speaks of is an office day from Monday to Friday."""
    raws: dict[str, _Raw] = {}
    for element in elements:
        uid = key(element.findtext(f"{prefix}UID"))
        if not uid or uid in raws:
            notes.refused(
                f"A calendar {'has no UID' if not uid else f'has the UID {uid} of another calendar'}.",
                where=f"calendar {line(element.findtext(f'{prefix}Name')) or uid}",
                remedy="Give each calendar its own UID.",
            )
            continue
        raws[uid] = _raw(element, prefix, notes)
    return {uid: _resolved(uid, raws, notes) for uid in raws}, {uid: raw.name for uid, raw in raws.items()}


def _raw(element: Element, prefix: str, notes: Notes) -> _Raw:
    base = (element.findtext(f"{prefix}BaseCalendarUID") or "").strip()
    raw = _Raw(line(element.findtext(f"{prefix}Name")), "" if base == "-1" else base)
    where = f"calendar {raw.name}"
    has_exceptions = element.find(f"{prefix}Exceptions/{prefix}Exception") is not None
    for day in element.iterfind(f"{prefix}WeekDays/{prefix}WeekDay"):
        day_type = (day.findtext(f"{prefix}DayType") or "").strip()
        if day_type in _WEEKDAY:
            raw.week[_WEEKDAY[day_type]] = _shifts(day, prefix, where, notes)
        elif day_type == "0" and not has_exceptions:  # before 2007 this was the only place for exceptions
            _add_exception(raw, day, prefix, where, notes)
    for exception in element.iterfind(f"{prefix}Exceptions/{prefix}Exception"):
        _add_exception(raw, exception, prefix, where, notes)
    for season in element.iterfind(f"{prefix}WorkWeeks/{prefix}WorkWeek"):
        _add_season(raw, season, prefix, where, notes)
    return raw


def _shifts(day: Element, prefix: str, where: str, notes: Notes) -> Shifts | None:
    """Shifts of a working day; () for a day off; None for a working day without times, which keeps its default."""
    if (day.findtext(f"{prefix}DayWorking") or "").strip() not in ("1", "true"):
        return ()
    found = []
    for time in day.iterfind(f"{prefix}WorkingTimes/{prefix}WorkingTime"):
        start, end = (_minute(time.findtext(f"{prefix}{tag}")) for tag in ("FromTime", "ToTime"))
        if start is None or end is None:
            if len(time):
                notes.warn(
                    "A shift's time is not a time of day and was left out.",
                    where=where,
                    remedy="Check the calendar.",
                )
            continue
        found.append((start % 1440, end))
    return tuple(found) or None


def _minute(text: str | None) -> int | None:
    hours, _, rest = (text or "").strip().partition(":")
    minutes = rest[:2]
    if not (hours.isdigit() and minutes.isdigit() and int(hours) <= 24 and int(minutes) < 60):
        return None
    return int(hours) * 60 + int(minutes)


def _period(element: Element, prefix: str) -> tuple[date, date]:
    first = iso_moment((element.findtext(f"{prefix}TimePeriod/{prefix}FromDate") or "").strip())
    last = iso_moment((element.findtext(f"{prefix}TimePeriod/{prefix}ToDate") or "").strip())
    if first is None or last is None:
        raise Wild("its period has no beginning or no end")
    return first.date(), max(last.date(), first.date())


def _add_exception(raw: _Raw, element: Element, prefix: str, where: str, notes: Notes) -> None:
    def number(tag: str, default: int = 0) -> int:
        text = (element.findtext(f"{prefix}{tag}") or "").strip()
        return int(text) if text.lstrip("-").isdigit() and len(text) < 9 else default

    name = line(element.findtext(f"{prefix}Name"))
    try:
        first, last = _period(element, prefix)
    except Wild as wild:
        notes.warn(
            f"A calendar exception was left out: {wild}.",
            where=f"{where} {name}",
            remedy="Correct its dates.",
        )
        return
    recurrence = Recurrence(
        first,
        last,
        type=number("Type", 1),
        period=number("Period", 1),
        weekdays=number("DaysOfWeek"),
        month=min(max(number("Month"), 0), 11),
        month_day=number("MonthDay", 1),
        item=number("MonthItem"),
        position=number("MonthPosition"),
        occurrences=number("Occurrences") if number("EnteredByOccurrences") else 0,
    )
    shifts = _shifts(element, prefix, where, notes)
    days = [(first, last)] if recurrence.type not in (2, 3, 4, 5, 6, 7) else spans(recurrence.days())
    if len(raw.exceptions) + len(days) > _MOST_EXCEPTIONS:
        notes.warn("The calendar has too many exceptions; the last ones were left out.", where=where)
        return
    for begin, end in days:
        raw.exceptions.append(CalendarException(begin, end, OFFICE_HOURS if shifts is None else shifts, name))


def _add_season(raw: _Raw, element: Element, prefix: str, where: str, notes: Notes) -> None:
    name = line(element.findtext(f"{prefix}Name"))
    try:
        first, last = _period(element, prefix)
    except Wild as wild:
        notes.warn(f"A work week was left out: {wild}.", where=f"{where} {name}", remedy="Correct its dates.")
        return
    week: list[Shifts | None] = [None] * 7
    for day in element.iterfind(f"{prefix}WeekDays/{prefix}WeekDay"):
        day_type = (day.findtext(f"{prefix}DayType") or "").strip()
        if day_type in _WEEKDAY:
            week[_WEEKDAY[day_type]] = _shifts(day, prefix, where, notes)
    raw.weeks.append(WorkWeek(first, last, tuple(week), name))


def _resolved(uid: str, raws: dict[str, _Raw], notes: Notes) -> Calendar:
    chain, seen = [], set()
    at = uid
    while at in raws and at not in seen:
        seen.add(at)
        chain.append(raws[at])
        at = raws[at].base
    if at and not (at == "0" and at not in raws):  # 0 is how later versions say none
        notes.warn(
            "Its base calendar is missing or is based on itself; an office week stands in.",
            where=f"calendar {raws[uid].name}",
            remedy="Choose its base calendar in the source and export again.",
        )
    office: Week = (*((OFFICE_HOURS,) * 5), (), ())
    week = tuple(next((raw.week[d] for raw in chain if raw.week[d] is not None), office[d]) for d in range(7))
    exceptions = tuple(exception for raw in chain for exception in raw.exceptions)
    # A day of the week that a derived calendar sets itself beats its base's seasons.
    weeks = list(chain[0].weeks)
    own: list[Any] = [d is not None for d in chain[0].week]
    for raw in chain[1:]:
        weeks += [
            WorkWeek(s.first, s.last, tuple(None if own[d] else s.week[d] for d in range(7)), s.name)
            for s in raw.weeks
        ]
        own = [mine or theirs is not None for mine, theirs in zip(own, raw.week)]
    return Calendar(week=week, exceptions=exceptions, weeks=tuple(weeks))  # type: ignore[arg-type]
