"""Durations as people and tools write them, as whole minutes: PT8H, 2d 4h, 1.5 weeks, 90 min, 3 jours, 1:30."""

from __future__ import annotations

import re
from typing import Any

from steerco.connect.tame import PLAIN, NumberStyle, Wild, is_empty, line

LONGEST = 200 * 366 * 1440  # two centuries, in minutes

_ISO = re.compile(
    r"([-+])?P(?:(\d+(?:\.\d+)?)W)?(?:(\d+(?:\.\d+)?)D)?"
    r"(?:T(?:(\d+(?:\.\d+)?)H)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)S)?)?"
)
_CLOCK = re.compile(r"(\d{1,5}):([0-5]\d)(?::[0-5]\d(?:\.\d+)?)?")
_PART = re.compile(r"([-+]?\d[\d.,'\s\u00a0\u202f]{0,24}|)\s*([^\W\d_]+\.?|%)", re.UNICODE)

_UNITS: dict[str, str] = {
    spelling: unit
    for unit, spellings in {
        "s": "s sec secs second seconds sekunde sekunden seconde secondes segundo segundos",
        "m": "m min mins minute minutes minuten minuto minutos minuti",
        "h": "h hr hrs hour hours std stunde stunden heure heures hora horas ora ore uur uren ч час",
        "d": "d day days t tag tage tagen pt j jour jours día días dia dias giorno giorni dag dagen dni dzień д дн",
        "w": "w wk wks week weeks wo woche wochen sem semaine semaines semana semanas settimana settimane weken н нед",
        "mo": "mo mon mons month months monat monate monaten mois mes meses mese mesi maand maanden",
        "y": "y yr yrs year years jahr jahre an ans année années año años ano anos anno anni jaar",
    }.items()
    for spelling in spellings.split()
}
_ELAPSED = re.compile(r"e(?:m|min|mins|h|hr|hrs|d|day|days|w|wk|wks|mo|mon)")
UNIT_NAMES = {"h": "hours", "d": "days", "w": "weeks", "m": "minutes", "s": "seconds", "mo": "months"}


def iso_minutes(text: str) -> int | None:
    """Minutes of an ISO 8601 duration (PT8H30M0S), seconds rounded; a day is 24 hours. None when empty; else Wild."""
    if not text:
        return None
    found = _ISO.fullmatch(text.strip())
    if not found or len(text) > 60:
        raise Wild(f"“{line(text, 40)}” is not a duration")
    sign, weeks, days, hours, minutes, seconds = found.groups()
    total = float(hours or 0) * 60 + float(minutes or 0) + float(seconds or 0) / 60
    total += float(days or 0) * 1440 + float(weeks or 0) * 10080
    return _bounded(-total if sign == "-" else total, text)


def working_minutes(
    value: Any,
    *,
    unit: str = "d",
    style: NumberStyle = PLAIN,
    minutes_per_day: int = 480,
    minutes_per_week: int = 2400,
) -> tuple[int, bool] | None:
    """(minutes, elapsed) of a duration cell, None when empty.

    A bare number counts in `unit` (s, m, h, d, w, mo). Days and weeks are working ones unless the unit says elapsed
    (3ed, 2 ewks). A month is 20 days. Raises Wild when it is no duration or is longer than two centuries.
    """
    if is_empty(value):
        return None
    text = str(value).strip().lower().rstrip("?") if isinstance(value, str) else ""
    size = {
        "s": 1 / 60,
        "m": 1,
        "h": 60,
        "d": minutes_per_day,
        "w": minutes_per_week,
        "mo": 20 * minutes_per_day,
    }
    size["y"] = 12 * size["mo"]
    if text.startswith(("p", "-p", "+p")) and _ISO.fullmatch(text.upper()):
        minutes = iso_minutes(text.upper())
        return None if minutes is None else (minutes, False)
    if (clock := _CLOCK.fullmatch(text)) is not None:
        return _bounded(int(clock[1]) * 60 + int(clock[2]), value), False
    if not text or not any(character.isalpha() for character in text):
        number = style.number(value)
        return None if number is None else (_bounded(float(number) * size[unit], value), False)
    total, elapsed, end = 0.0, False, 0
    if len(text) > 80:
        raise Wild(f"“{line(value, 40)}” is not a duration")
    for part in _PART.finditer(text):
        if text[end : part.start()].strip(" ,;+&") not in ("", "and", "und", "et", "y", "e"):
            raise Wild(f"“{line(value, 40)}” is not a duration")
        end = part.end()
        spelling = part[2].rstrip(".")
        if not part[1]:
            if spelling in ("and", "und", "et", "e"):
                continue
            raise Wild(f"“{line(value, 40)}” is not a duration")
        amount = style.number(part[1])
        if _ELAPSED.fullmatch(spelling):
            elapsed, spelling = True, spelling[1:]
            named = _UNITS.get(spelling, "")
            factor: float | None = {"m": 1.0, "h": 60.0, "d": 1440.0, "w": 10080.0, "mo": 43200.0}.get(named)
        else:
            factor = size.get(_UNITS.get(spelling, ""))
        if factor is None or amount is None:
            raise Wild(f"“{line(value, 40)}” is not a duration: the unit “{line(part[2], 20)}” is not known")
        total += float(amount) * factor
    if text[end:].strip():
        raise Wild(f"“{line(value, 40)}” is not a duration")
    return _bounded(total, value), elapsed


def _bounded(minutes: float, value: Any) -> int:
    if not -LONGEST <= minutes <= LONGEST:
        raise Wild(f"“{line(value, 40)}” is longer than two centuries")
    return round(minutes)
