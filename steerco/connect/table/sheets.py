"""Sheets of a CSV or XLSX file as rows of cells, with merged cells known and the volume bounded."""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zipfile import ZipFile

from steerco.connect.csv_rows import csv_rows, detect_dialect
from steerco.connect.items import Unreadable
from steerco.connect.protocol import Notes
from steerco.connect.safe_open import ZIP, Source, check_prolog, open_zip
from steerco.connect.tame import line

MOST_ROWS = 200_000
MOST_COLUMNS = 500
MOST_CELLS = 5_000_000
EMPTY_END = 2_000  # empty rows in a row after which a sheet is taken to be over
_MERGED = re.compile(rb'<mergeCell ref="([A-Z]{1,3}\d{1,7}:[A-Z]{1,3}\d{1,7})"')


@dataclass(slots=True)
class Sheet:
    """One table. `rows` are (number as a spreadsheet shows it, cells); empty rows are left out.

    `merged_down` maps a cell that a vertical merge covers, as (row, column from 0), to the row the merge begins in.
    """

    name: str
    rows: list[tuple[int, list[Any]]] = field(default_factory=list)
    merged_down: dict[tuple[int, int], int] = field(default_factory=dict)
    comma_likely: bool = False


def read_sheets(source: Source, notes: Notes) -> list[Sheet]:
    """All sheets with cells in them. Raises Unreadable for damage, bombs and too much."""
    if source.head(4).startswith(ZIP):
        return _workbook(source, notes)
    dialect = detect_dialect(source, notes)
    sheet = Sheet("", comma_likely=dialect.delimiter == ";")
    cells = 0
    for number, row in csv_rows(source, dialect, notes):
        cells += len(row)
        if any(cell.strip() for cell in row):
            _append(sheet, number, list(row), source.name, cells)
    return [sheet]


def _append(sheet: Sheet, number: int, row: list[Any], name: str, cells: int) -> None:
    if len(sheet.rows) >= MOST_ROWS or cells > MOST_CELLS:
        raise Unreadable(
            f"{name} has more than {MOST_ROWS} rows or {MOST_CELLS // 1_000_000} million cells.",
            "Split it into several files.",
        )
    sheet.rows.append((number, row))


def _workbook(source: Source, notes: Notes) -> list[Sheet]:
    with open_zip(source) as archive:
        names = set(archive.namelist())
        if "xl/workbook.xml" not in names:
            raise Unreadable(f"{source.name} is not an Excel workbook.", "Save it as XLSX or CSV.")
        try:
            sheets = _sheets(source, archive, names, notes)
        except Unreadable:
            raise
        except Exception as error:  # a damaged part makes the workbook library raise whatever came up
            raise Unreadable(
                f"{source.name} is damaged: the workbook cannot be read ({line(error, 80) or type(error).__name__}).",
                "Open it in Excel, save it again as XLSX and upload that.",
            ) from error
    if not sheets:
        raise Unreadable(f"{source.name} has no cells.", "Check that the right workbook was saved.")
    return sheets


def _sheets(source: Source, archive: ZipFile, names: set[str], notes: Notes) -> list[Sheet]:
    for member in sorted(names):
        if member.endswith((".xml", ".rels")):
            with archive.open(member) as part:
                check_prolog(part, f"{source.name} ({line(member, 60)})")  # type: ignore[arg-type]
    from openpyxl import load_workbook  # slow to load, and most starts read no workbook

    sheets = []
    cells = 0
    with source.stream() as stream, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl tells of styling it does not know
        workbook = load_workbook(stream, read_only=True, data_only=True, keep_links=False)
        for worksheet in workbook.worksheets:
            if worksheet.sheet_state != "visible":
                notes.lost(f"sheet {line(worksheet.title, 60)}", "Hidden sheets are not read.")
                continue
            sheet = Sheet(line(worksheet.title, 100))
            worksheet.reset_dimensions()
            empty = 0
            for number, values in enumerate(worksheet.iter_rows(values_only=True), 1):
                row = [_value(value) for value in values[:MOST_COLUMNS]]
                if any(value not in (None, "") for value in row):
                    cells += len(row)
                    _append(sheet, number, row, source.name, cells)
                    empty = 0
                else:
                    empty += 1
                    if empty > EMPTY_END:
                        break
            path = getattr(worksheet, "_worksheet_path", "")
            if sheet.rows:
                sheet.merged_down = _merges(archive.read(path)) if path in names else {}
                sheets.append(sheet)
        workbook.close()
    return sheets


def _value(value: Any) -> Any:
    if value is None or isinstance(value, (str, int, float, bool, datetime, date, Decimal)):
        return value
    if isinstance(value, timedelta):
        return f"{round(value.total_seconds() / 60)} min"
    return value.isoformat() if isinstance(value, time) else str(value)


def _merges(data: bytes) -> dict[tuple[int, int], int]:
    from openpyxl.utils.cell import range_boundaries

    covered: dict[tuple[int, int], int] = {}
    for reference in _MERGED.findall(data)[:20_000]:
        left, top, right, bottom = (edge or 0 for edge in range_boundaries(reference.decode("ascii")))
        if bottom == top or bottom - top > 5_000 or right - left > 50:
            continue
        for row in range(top + 1, bottom + 1):
            for column in range(left - 1, right):
                covered[row, column] = top
    return covered
