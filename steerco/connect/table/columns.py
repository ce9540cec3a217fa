"""The columns of one sheet: how each writes dates and numbers, and its cells tamed, with what is wild noted."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from steerco.connect.dates import DateEvidence, DateStyle, date_styles, doubt
from steerco.connect.durations import working_minutes
from steerco.connect.protocol import Notes
from steerco.connect.table.header import Header
from steerco.connect.table.sheets import Sheet
from steerco.connect.tame import PLAIN, NumberStyle, Wild, is_empty, line, number_style, percent, prose
from steerco.connect.vocabulary import plain

DATE_FIELDS = frozenset(
    {
        "planned_start",
        "planned_finish",
        "actual_start",
        "actual_finish",
        "baseline_start",
        "baseline_finish",
        "created_on",
        "created",
        "due",
        "needed_by",
        "decided_on",
    }
)
_UNITS = {
    "h": "h hr hrs hour hours stunden std heures horas uren ore ph",
    "d": "d day days tage jours dias giorni dagen pd md pt man person",
    "w": "w wk week weeks wochen semaines semanas",
    "m": "m min minutes minuten",
    "mo": "month months monate mois meses",
}
_UNIT_OF = {word: unit for unit, words in _UNITS.items() for word in words.split()}

Cells = list[Any]


@dataclass(slots=True)
class Columns:
    """Reads cells of one sheet by field."""

    sheet: Sheet
    header: Header
    notes: Notes
    place: str  # "sheet X, " or ""
    dates: dict[int, DateStyle] = field(default_factory=dict)
    numbers: dict[int, NumberStyle] = field(default_factory=dict)

    @classmethod
    def of(cls, sheet: Sheet, header: Header, rows: list[tuple[int, Cells]], notes: Notes) -> Columns:
        """The columns with their styles, judged by all rows below the header."""
        found = cls(sheet, header, notes, f"sheet {sheet.name}, " if sheet.name else "")
        evidence = {str(at): DateEvidence() for at, name in header.fields.items() if name in DATE_FIELDS}
        for column, gathered in evidence.items():
            for _, cells in rows:
                gathered.add(cells[int(column)] if int(column) < len(cells) else None)
        for column, style in date_styles(evidence).items():
            found.dates[int(column)] = style
            if sentence := doubt(style):
                notes.warn(
                    sentence,
                    where=f"{found.place}column {header.titles[int(column)]}",
                    remedy="Write dates as 2025-04-03, or format the cells as dates.",
                )
        for at in header.fields:
            found.numbers[at] = number_style(
                (cells[at] for _, cells in rows if at < len(cells)), comma_likely=sheet.comma_likely
            )
        return found

    def raw(self, cells: Cells, name: str) -> Any:
        """The first filled cell of a field's columns."""
        for at in self.header.columns(name):
            if at < len(cells) and not is_empty(cells[at]):
                return cells[at]
        return None

    def at(self, name: str) -> int:
        """The first column of a field, -1 when there is none."""
        return next(iter(self.header.columns(name)), -1)

    def take(self, cells: Cells, name: str, where: str, convert: Callable[[Any, int], Any]) -> Any:
        """A field's tamed cell, None when empty or wild; what is wild is noted."""
        for at in self.header.columns(name):
            if at < len(cells) and not is_empty(cells[at]):
                try:
                    return convert(cells[at], at)
                except Wild as wild:
                    title = self.header.titles.get(at, name)
                    self.notes.warn(
                        f"“{title}” was left out: {wild}.",
                        where=where,
                        field=title,
                        remedy="Correct the cell.",
                    )
        return None

    def text(self, cells: Cells, name: str) -> str:
        """One line."""
        value = self.raw(cells, name)
        return "" if value is None else line(_shown(value))

    def prose(self, cells: Cells, name: str) -> str:
        """Text of all columns of a field, one below the other; a second column is introduced by its name."""
        parts: list[str] = []
        for at in self.header.columns(name):
            if at < len(cells) and not is_empty(cells[at]):
                written = prose(_shown(cells[at]))
                parts.append(f"{self.header.titles[at]}: {written}" if parts else written)
        return prose("\n\n".join(parts))

    def moment(self, cells: Cells, name: str, where: str) -> datetime | None:
        """A date."""
        found: datetime | None = self.take(
            cells, name, where, lambda v, at: self.dates.get(at, DateStyle()).moment(v)
        )
        return found

    def number(self, cells: Cells, name: str, where: str) -> Decimal | None:
        """A number."""
        found: Decimal | None = self.take(
            cells, name, where, lambda v, at: self.numbers.get(at, PLAIN).number(v)
        )
        return found

    def minutes(self, cells: Cells, name: str, where: str, unit: str) -> tuple[int, bool] | None:
        """(minutes, elapsed) of a duration; a bare number counts in the unit the column's name says, else `unit`."""

        def convert(value: Any, at: int) -> tuple[int, bool] | None:
            style = self.numbers.get(at, PLAIN)
            found = working_minutes(value, unit=self.unit(at) or unit, style=style)
            if found and found[0] < 0:
                raise Wild(f"“{line(value, 40)}” is negative")
            return found

        found: tuple[int, bool] | None = self.take(cells, name, where, convert)
        return found

    def unit(self, at: int) -> str:
        """The unit that a column's name says, as in “Effort (days)”; "" when it says none."""
        title = self.header.titles.get(at, "")
        inside = re.findall(r"[(\[]([^)\]]{1,40})[)\]]", title) or [title]
        for text in inside:
            for word in plain(text).split():
                if word in _UNIT_OF:
                    return _UNIT_OF[word]
        return ""

    def share(self, cells: Cells, name: str, where: str, *, fraction: bool) -> float | None:
        """A percentage from 0 to 100."""
        found: float | None = self.take(
            cells, name, where, lambda v, at: percent(v, self.numbers.get(at, PLAIN), fraction=fraction)
        )
        return found


def _shown(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return (
            value.strftime("%Y-%m-%d")
            if value.time() == datetime.min.time()
            else value.strftime("%Y-%m-%d %H:%M")
        )
    return str(value)


def shown(value: Any, limit: int = 2000) -> str:
    """A cell as text on one line, numbers and dates as a spreadsheet shows them."""
    return line(_shown(value), limit)
