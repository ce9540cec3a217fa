"""Primavera's calendars: the nested text of clndr_data, with holidays as day numbers since 1899-12-30."""

from __future__ import annotations

import re
from datetime import date, timedelta

from steerco.connect.protocol import Notes
from steerco.connect.tame import Wild, line
from steerco.connect.xer.tables import Row
from steerco.engine.calendar import OFFICE_HOURS, Calendar, CalendarException, Shift, Shifts, Week

_TOKEN = re.compile(r"[()]|[^()]+")
_WEEKDAY = {"1": 6, "2": 0, "3": 1, "4": 2, "5": 3, "6": 4, "7": 5}  # P6 begins on Sunday
_DAY_ZERO = date(1899, 12, 30)
_MOST = 200_000

Node = tuple[str, list["Node"]]


def read_calendars(rows: list[Row], notes: Notes) -> tuple[dict[str, Calendar], dict[str, str]]:
    """(calendars, names) by clndr_id; a resource's calendar adds the holidays of the one it is based on."""
    own = {row.get("clndr_id", ""): _calendar(row, notes) for row in rows}
    based = {row.get("clndr_id", ""): row.get("base_clndr_id", "") for row in rows}
    calendars = {}
    for key, calendar in own.items():
        exceptions, seen, base = list(calendar.exceptions), {key}, based[key]
        while base in own and base not in seen:
            seen.add(base)
            exceptions += own[base].exceptions
            base = based[base]
        calendars[key] = Calendar(week=calendar.week, exceptions=tuple(exceptions))
    return calendars, {row.get("clndr_id", ""): line(row.get("clndr_name")) for row in rows}


def _calendar(row: Row, notes: Notes) -> Calendar:
    where = f"calendar {line(row.get('clndr_name'))}, row {row['']}"
    text = row.get("clndr_data", "").replace("\x7f", "")
    week: list[Shifts] = [()] * 7
    exceptions: list[CalendarException] = []
    try:
        tree = _tree(text) if text.strip() else []
        days = _find(tree, "DaysOfWeek")
        if days is None:
            notes.warn(
                "The calendar has no week of its own; office hours stand in.",
                where=where,
                remedy="Check its hours.",
            )
            return Calendar(week=_office(row))
        for label, children in days:
            number = label.split("||")[-1]
            if number in _WEEKDAY:
                week[_WEEKDAY[number]] = _shifts(children)
        for label, children in _find(tree, "Exceptions") or []:
            serial = re.search(r"d\|(\d{1,6})", _own(label, children))
            if serial and 0 < int(serial[1]) < 110_000:
                day = _DAY_ZERO + timedelta(days=int(serial[1]))
                exceptions.append(CalendarException(day, day, _shifts(children)))
    except (Wild, ValueError, OverflowError) as error:
        notes.warn(
            f"The calendar's data is damaged ({line(error, 100)}); office hours stand in.", where=where
        )
        return Calendar(week=_office(row))
    if not any(week):
        notes.warn(
            "The calendar's week has no working hours; office hours stand in.",
            where=where,
            remedy="Check its hours.",
        )
        return Calendar(week=_office(row), exceptions=tuple(exceptions))
    return Calendar(week=tuple(week), exceptions=tuple(exceptions))  # type: ignore[arg-type]


def _office(row: Row) -> Week:
    """Five days of as many hours as the calendar says a day has, from 8:00."""
    try:
        hours = float(row.get("day_hr_cnt") or 8)
    except ValueError:
        hours = 8.0
    if hours == 8 or not 0 < hours <= 24:
        day: Shifts = OFFICE_HOURS
    else:
        start = 480 if hours <= 16 else 0
        day = ((start, start + round(hours * 60)),)
    return (*((day,) * 5), (), ())


def _tree(text: str) -> list[Node]:
    """Nested brackets as (text before the inner brackets, children)."""
    if len(text) > _MOST * 10:
        raise Wild("its text is too long")
    stack: list[Node] = [("", [])]
    for count, token in enumerate(_TOKEN.finditer(text)):
        piece = token[0]
        if count > _MOST or len(stack) > 50:
            raise Wild("it is nested too deep or too long")
        if piece == "(":
            stack.append(("", []))
        elif piece == ")":
            if len(stack) == 1:
                raise Wild("its brackets do not match")
            done = stack.pop()
            stack[-1][1].append(done)
        elif piece.strip():
            top = stack.pop()
            stack.append((top[0] + piece.strip(), top[1]))
    if len(stack) != 1:
        raise Wild("its brackets do not match")
    return stack[0][1]


def _find(nodes: list[Node], name: str) -> list[Node] | None:
    """The entries of the node called `name`: P6 writes (0||name() (entry entry ...))."""
    for label, children in nodes:
        if label.endswith(f"||{name}"):
            return [entry for group in children for entry in group[1]]
        found = _find(children, name)
        if found is not None:
            return found
    return None


def _own(label: str, children: list[Node]) -> str:
    """An entry's own attributes stand in its first inner brackets: (0||1(d|38355) (...))."""
    return label + "".join(child[0] for child in children[:1])


def _shifts(children: list[Node]) -> Shifts:
    shifts: list[Shift] = []
    for _, entries in children:
        for label, inner in entries:
            attributes = _own(label, inner)
            start, finish = (re.search(rf"{mark}\|(\d{{1,2}}):(\d{{2}})", attributes) for mark in "sf")
            if start and finish:
                begin = int(start[1]) * 60 + int(start[2])
                shifts.append((begin % 1440, min(int(finish[1]) * 60 + int(finish[2]), 1440)))
    return tuple(shifts)
