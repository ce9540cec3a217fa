"""Dates in many styles, with day and month told apart per column by looking at all of its values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from steerco.connect.tame import Wild, is_empty, line

_TIME = (
    r"(?:[T ,]+(?:(?:at|um|à|a las)\s+)?(\d{1,2})[:h.](\d{2})(?::(\d{2})(?:[.,]\d{1,9})?)?"
    r"(?:\s*([ap])\.?\s?m\.?)?\s*(?:Uhr|Z|UTC|GMT|[A-Z]{3,4}|[-+]\d{2}:?\d{2})?)?"
)
_YEAR_FIRST = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?" + _TIME, re.IGNORECASE)
_NUMBERS = re.compile(r"(\d{1,2})\s?([-/.])\s?(\d{1,2})\s?[-/.]\s?(\d{4}|\d{2})" + _TIME, re.IGNORECASE)
_NAMED = re.compile(
    r"(\d{1,2})(?:st|nd|rd|th|º|\.)?[-/ .]*(?:de |d')?([^\W\d_]{3,12})[-/ .,]*(?:de |del )?(\d{4}|\d{2})"
    + _TIME,
    re.IGNORECASE,
)
_NAME_FIRST = re.compile(
    r"([^\W\d_]{3,12})\.?[-/ ](\d{1,2})(?:st|nd|rd|th)?[-/ ,]+(\d{4}|\d{2})" + _TIME, re.IGNORECASE
)
_YEAR_NAMED = re.compile(r"(\d{4})[-/ ]([^\W\d_]{3,12})[-/ ](\d{1,2})" + _TIME, re.IGNORECASE)
_WITH_NAMES = (
    (_NAMED, 3, 2, 1),
    (_NAME_FIRST, 3, 1, 2),
    (_YEAR_NAMED, 1, 2, 3),
)  # groups of year, month, day
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:T?(\d{2})(\d{2})(\d{2})?Z?)?")
_WEEKDAY = re.compile(r"[^\W\d_]{2,12}\.?,?\s+(?=\w)")
_EXCEL_EPOCH = datetime(1899, 12, 30)
EARLIEST, LATEST = datetime(1900, 1, 1), datetime(2200, 1, 1)

_MONTHS: dict[str, int] = {}
for _names in (
    "january february march april may june july august september october november december",
    "januar februar märz april mai juni juli august september oktober november dezember",
    "jänner feber mrz apr mai jun jul aug sep okt nov dez",
    "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "januari februari maart april mei juni juli augustus september oktober november december",
    "januari februari mars april maj juni juli augusti september oktober november december",
    "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia",
    "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
    "янв фев мар апр май июн июл авг сен окт ноя дек",
):
    for _number, _name in enumerate(_names.split(), 1):
        _MONTHS[_name] = _number
        for _size in range(3, len(_name)):
            _MONTHS.setdefault(_name[:_size], _number)


@dataclass(slots=True)
class DateStyle:
    """How a column writes dates. `order` is "dmy" or "mdy" for 03/04/2025; `settled` unless values read either
    way, `proved` when a value reads one way only.

    `example` is a value that reads either way, for the note; `mixed` says that both orders occur.
    """

    order: str = "dmy"
    settled: bool = True
    proved: bool = False
    mixed: bool = False
    example: str = ""
    _cache: dict[str, datetime] = field(default_factory=dict, repr=False)

    def moment(self, value: Any) -> datetime | None:
        """The naive wall-clock moment in a cell, None when empty; a date alone is its midnight.

        A time zone is dropped: the clock stays as the source shows it. Raises Wild for what is no date, for days that
        do not exist and for years outside 1900 to 2200.
        """
        if isinstance(value, datetime):
            return _checked(value.replace(tzinfo=None), value)
        if isinstance(value, date):
            return _checked(datetime(value.year, value.month, value.day), value)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return _serial(value)
        if is_empty(value):
            return None
        text = str(value).strip()
        found = self._cache.get(text)
        if found is None:
            found = _checked(self._parsed(text), value)
            if len(self._cache) < 20_000:
                self._cache[text] = found
        return found

    def _parsed(self, text: str) -> datetime:
        if len(text) > 60:
            raise Wild(f"“{line(text, 40)}” is not a date")
        for candidate in (text, _WEEKDAY.sub("", text, count=1)):
            if match := _YEAR_FIRST.fullmatch(candidate):
                return _built(match[1], match[2], match[3], match.groups()[3:], text)
            if match := _NUMBERS.fullmatch(candidate):
                first, second = int(match[1]), int(match[3])
                either_way = first <= 12 and second <= 12 and match[2] != "."  # nobody writes month.day.year
                day_first = self.order == "dmy" if either_way else second <= 12
                day, month = (first, second) if day_first else (second, first)
                return _built(match[4], month, day, match.groups()[4:], text)
            for pattern, year, month, day in _WITH_NAMES:
                if (match := pattern.fullmatch(candidate)) and (number := _MONTHS.get(match[month].lower())):
                    return _built(match[year], number, match[day], match.groups()[3:], text)
            if match := _COMPACT.fullmatch(candidate):
                return _built(match[1], match[2], match[3], (*match.groups()[3:], None), text)
        if re.fullmatch(r"\d{13}", text):
            return datetime(1970, 1, 1) + timedelta(milliseconds=int(text))
        if re.fullmatch(r"\d{5}(?:\.\d+)?", text):
            return _serial(float(text))
        raise Wild(f"“{line(text, 40)}” is not a date")


class DateEvidence:
    """What the values of a column say about the order of day and month, gathered one by one.

    A first number above 12 says day first, a second one month first; dots say day first.
    """

    def __init__(self) -> None:
        self._day_first = self._month_first = self._half_day = 0
        self._example = ""

    def add(self, value: Any) -> None:
        """Look at one cell; anything but text is passed over."""
        if not isinstance(value, str) or len(value) > 60:
            return
        text = value.strip()
        match = _NUMBERS.fullmatch(text) or (
            _WEEKDAY.match(text) and _NUMBERS.fullmatch(_WEEKDAY.sub("", text, count=1))
        )
        if not match:
            return
        first, second = int(match[1]), int(match[3])
        if first > 12 or match[2] == ".":  # nobody writes month.day.year
            self._day_first += 1
        elif second > 12:
            self._month_first += 1
        elif first != second:
            self._example = self._example or text
        self._half_day += match[8] is not None

    def style(self, hint: str = "") -> DateStyle:
        """The column's style. Values that read either way are decided by `hint` (what other columns of the file prove),
        then by AM/PM (month first), then day first, unsettled.
        """
        if self._day_first and self._month_first:
            order = "dmy" if self._day_first >= self._month_first else "mdy"
            return DateStyle(order, settled=False, mixed=True, example=self._example)
        if self._day_first or self._month_first:
            return DateStyle("dmy" if self._day_first else "mdy", proved=True)
        if not self._example:
            return DateStyle(hint or "dmy")
        return DateStyle(
            hint or ("mdy" if self._half_day else "dmy"), settled=bool(hint), example=self._example
        )


def date_style(values: Iterable[Any], *, hint: str = "") -> DateStyle:
    """The order of day and month in a column, from all its values; see DateEvidence."""
    evidence = DateEvidence()
    for value in values:
        evidence.add(value)
    return evidence.style(hint)


def date_styles(evidence: Mapping[str, DateEvidence]) -> dict[str, DateStyle]:
    """The styles of a file's date columns; a column that proves an order decides for those that do not."""
    styles = {column: found.style() for column, found in evidence.items()}
    proved = next((style.order for style in styles.values() if style.proved), "")
    return {
        column: style if style.settled or style.mixed else evidence[column].style(proved)
        for column, style in styles.items()
    }


def doubt(style: DateStyle) -> str:
    """A sentence about a column whose dates could be read another way, "" when there is no doubt."""
    if style.settled:
        return ""
    order = "day/month" if style.order == "dmy" else "month/day"
    if style.mixed:
        return (
            f"Some dates have the day first and others the month; where both fit they were read as {order}."
        )
    return f"“{style.example}” reads either way; it was read as {order}."


def from_morning(moment: datetime) -> datetime:
    """A day without a time, as a start: 8:00 of that day."""
    return moment.replace(hour=8) if moment.time() == datetime.min.time() else moment


def to_evening(moment: datetime) -> datetime:
    """A day without a time, as an end: 17:00 of that day, because people mean the day itself to be worked."""
    return moment.replace(hour=17) if moment.time() == datetime.min.time() else moment


def iso_moment(text: str | None) -> datetime | None:
    """Moment of an ISO 8601 text as machines write it, seconds kept, zone dropped. None when empty, Wild when not one."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = DateStyle().moment(text) or EARLIEST
    return _checked(moment.replace(tzinfo=None) if moment.tzinfo else moment, text)


def _built(year: Any, month: Any, day: Any, clock: tuple[Any, ...], text: str) -> datetime:
    hour, minute, second, half = clock[:4]
    number = int(year)
    if number < 100:
        number += 2000 if number < 70 else 1900
    hours = int(hour or 0)
    if half:
        hours = hours % 12 + (12 if half.lower() == "p" else 0)
    extra = timedelta(days=1) if hours == 24 and not int(minute or 0) else timedelta()
    try:
        return (
            datetime(number, int(month), int(day), 0 if extra else hours, int(minute or 0), int(second or 0))
            + extra
        )
    except ValueError:
        raise Wild(f"“{line(text, 40)}” is not a day of the calendar") from None


def _serial(value: float) -> datetime:
    if not 1 <= value < 110_000:
        raise Wild(f"“{value}” is not a date")
    moment = _EXCEL_EPOCH + timedelta(days=value)
    return _checked((moment + timedelta(milliseconds=500)).replace(microsecond=0), value)


def _checked(moment: datetime, value: Any) -> datetime:
    if not EARLIEST <= moment < LATEST:
        raise Wild(f"“{line(value, 40)}” lies outside the years 1900 to 2200")
    return moment
