"""The tables of an XER file, streamed: %T names a table, %F its columns, %R a row; the rest of the file is skipped."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from steerco.connect.encodings import detect_encoding, lines
from steerco.connect.items import Unreadable
from steerco.connect.protocol import Notes
from steerco.connect.safe_open import Source
from steerco.connect.tame import line
from steerco.connect.xer.mapping import LOST_TABLES, TABLES

Row = dict[str, str]
MOST_ROWS = 1_000_000


@dataclass(slots=True)
class Tables:
    """Rows by table; every row carries its line under "" as text. `header` is the ERMHDR line's cells."""

    header: list[str]
    rows: dict[str, list[Row]] = field(default_factory=dict)

    def of(self, table: str, **having: str) -> list[Row]:
        """The rows of a table whose columns have these values."""
        rows = self.rows.get(table, [])
        for column, value in having.items():
            rows = [row for row in rows if row.get(column) == value]
        return rows


def read_tables(source: Source, notes: Notes) -> Tables:
    """The tables that are used, whole. Raises Unreadable when it is no XER file or is cut off before any table."""
    encoding = detect_encoding(source)
    if not encoding.said:
        notes.warn(
            f"The file does not say its encoding; it was read as {encoding.codec}.",
            remedy="Check umlauts and signs.",
        )
    found = Tables([])
    table = ""
    columns: list[str] = []
    skipped: Counter[str] = Counter()
    ended = False
    count = 0
    for number, text in enumerate(lines(source, encoding), 1):
        cells = text.rstrip("\n").split("\t")
        mark = cells[0].lstrip("\ufeff")
        if number == 1:
            if mark != "ERMHDR":
                raise Unreadable(
                    f"{source.name} is not an XER file: it does not begin with ERMHDR.", "Export XER from P6."
                )
            found.header = cells
        elif mark == "%T":
            table, columns = (cells[1].strip() if len(cells) > 1 else ""), []
        elif mark == "%F":
            columns = [cell.strip() for cell in cells[1:]]
        elif mark == "%R":
            if table not in TABLES:
                skipped[table] += 1
                continue
            count += 1
            if count > MOST_ROWS:
                raise Unreadable(
                    f"{source.name} has more than a million rows.", "Export fewer projects at once."
                )
            row = dict(zip(columns, cells[1:]))
            row[""] = str(number)
            found.rows.setdefault(table, []).append(row)
        elif mark == "%E":
            ended = True
        elif text.strip() and table in found.rows:
            _continue(found.rows[table][-1], columns, text)
    for name, rows in skipped.items():
        if name in LOST_TABLES:
            notes.lost(f"table {line(name, 40)}", LOST_TABLES[name], rows)
    if not ended:
        if not found.rows.get("TASK"):
            raise Unreadable(
                f"{source.name} is cut off before its activities: the closing %E is missing.",
                "Export it again.",
            )
        notes.warn(
            "The closing %E is missing: the file may be cut off.",
            remedy="Export it again and compare the counts.",
        )
    return found


def _continue(row: Row, columns: list[str], text: str) -> None:
    """A memo with a line end in it goes on in the next line."""
    last = next((column for column in reversed(columns) if row.get(column)), "")
    if last and len(row[last]) < 100_000:
        row[last] += "\n" + text.rstrip("\n")
