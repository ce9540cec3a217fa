"""Tables out to CSV and XLSX, with cells that look like formulas disarmed in this one place."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

RISKY = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def disarm(value: Any) -> Any:
    """Text that a spreadsheet would run gets an apostrophe in front; numbers and dates stay what they are."""
    if isinstance(value, str):
        text = value.replace("\r\n", "\n").replace("\r", "\n")
        return f"'{text}" if text.startswith(RISKY) else text
    return value


def to_csv(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """CSV line by line, with a byte-order mark so that spreadsheets read it as UTF-8."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    buffer.write("\ufeff")
    writer.writerow([disarm(cell) for cell in header])
    yield buffer.getvalue()
    for row in rows:
        buffer.seek(0)
        buffer.truncate()
        writer.writerow([_text(cell) for cell in row])
        yield buffer.getvalue()


def to_xlsx(title: str, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """A workbook with one sheet; text is written as text, dates and numbers as such."""
    import xlsxwriter  # slow to load, and most starts write no workbook

    out = io.BytesIO()
    book = xlsxwriter.Workbook(
        out,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    bold = book.add_format({"bold": True, "bottom": 1})
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
    sheet = book.add_worksheet(sheet_name(title))
    sheet.freeze_panes(1, 1)
    widths = [len(str(h)) for h in header]
    sheet.write_row(0, 0, [str(h) for h in header], bold)
    last = 0
    for last, row in enumerate(rows, start=1):
        for column, cell in enumerate(row):
            if cell is None or cell == "":
                continue
            if isinstance(cell, bool):
                sheet.write_boolean(last, column, cell)
            elif isinstance(cell, (int, float, Decimal)):
                sheet.write_number(last, column, float(cell))
            elif isinstance(cell, datetime):
                sheet.write_datetime(last, column, cell.replace(tzinfo=None), moment)
            elif isinstance(cell, date):
                sheet.write_datetime(last, column, datetime(cell.year, cell.month, cell.day), day)
            else:
                sheet.write_string(last, column, str(cell)[:32_767])
            widths[column] = max(widths[column], min(60, len(str(cell))))
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width + 2)
    sheet.autofilter(0, 0, max(last, 1), max(len(header) - 1, 0))
    book.close()
    return out.getvalue()


def sheet_name(title: str) -> str:
    """A title Excel takes as a sheet name: no []:*?/\\, at most 31 characters, never empty."""
    return "".join(" " if c in "[]:*?/\\" else c for c in title)[:31].strip(" '") or "Sheet"


def _text(cell: Any) -> Any:
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.replace(tzinfo=None).isoformat(sep=" ", timespec="minutes")
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    return disarm(cell) if isinstance(cell, str) else cell
