"""Rows of a CSV or TSV file, streamed: delimiter found, quotes and line ends inside cells kept, oversize cells refused."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from steerco.connect.encodings import Encoding, detect_encoding, lines
from steerco.connect.items import Unreadable
from steerco.connect.protocol import Notes
from steerco.connect.safe_open import Source

LARGEST_CELL = 16_000_000
MOST_COLUMNS = 2_000
csv.field_size_limit(LARGEST_CELL)


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a table is written."""

    delimiter: str
    encoding: Encoding


def detect_dialect(source: Source, notes: Notes | None = None) -> Dialect:
    """Delimiter and encoding, from the beginning of the file. Raises Unreadable for what is no text."""
    encoding = detect_encoding(source)
    if not encoding.said and notes is not None:
        notes.warn(
            f"The file does not say its encoding and is not UTF-8; it was read as {encoding.codec}.",
            remedy="Check accents and umlauts; if they are wrong, save the file as UTF-8.",
        )
    sample = []
    size = 0
    for text in lines(source, encoding):
        sample.append(text)
        size += len(text)
        if len(sample) >= 200 or size > 200_000:
            break
    return Dialect(delimiter_of(sample), encoding)


def delimiter_of(sample: list[str]) -> str:
    """The sign that splits the sample into the same number of cells (more than one) in most rows."""
    if sample and (said := sample[0].strip().lower()).startswith("sep=") and len(said) == 5:
        return said[4]
    best, score = ",", 0.0
    for delimiter in ",;\t|":
        widths = Counter(len(row) for row in _quietly(sample, delimiter) if any(cell.strip() for cell in row))
        wide = {width: count for width, count in widths.items() if width > 1}
        if not wide:
            continue
        width, count = max(wide.items(), key=lambda item: (item[1], item[0]))
        found = count / max(sum(widths.values()), 1) * min(width, 12) ** 0.5
        if found > score:
            best, score = delimiter, found
    return best


def _quietly(sample: list[str], delimiter: str) -> list[list[str]]:
    rows: list[list[str]] = []
    with suppress(csv.Error):
        rows.extend(csv.reader(sample, delimiter=delimiter))
    return rows


def csv_rows(source: Source, dialect: Dialect, notes: Notes) -> Iterator[tuple[int, list[str]]]:
    """(row as a spreadsheet counts it, cells), one record at a time. Raises Unreadable for oversize cells and rows.

    A quotation mark that is never closed swallows what follows it; a warning then names the row.
    """
    quotes = 0

    def counted() -> Iterator[str]:
        nonlocal quotes
        for text in lines(source, dialect.encoding):
            quotes += text.count('"')
            yield text

    reader = csv.reader(counted(), delimiter=dialect.delimiter)
    number = 0
    while True:
        number += 1
        began = reader.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            break
        except csv.Error as error:
            raise Unreadable(
                f"{source.name}, row {number} (line {began} of the text): a cell is larger than "
                f"{LARGEST_CELL // 1_000_000} million characters or malformed ({error}).",
                "Look for a quotation mark in that row that is opened and never closed.",
            ) from error
        if len(row) > MOST_COLUMNS:
            raise Unreadable(
                f"{source.name}, row {number} has {len(row)} columns; {MOST_COLUMNS} are taken.",
                "Export fewer fields, or check the delimiter.",
            )
        if number == 1 and len(row) == 1 and row[0].lower().startswith("sep="):
            continue
        yield number, row
    if quotes % 2:
        notes.warn(
            "A quotation mark is opened and never closed; the last record may have swallowed rows after it.",
            where=f"row {number - 1}, line {began} of the text",
            remedy="Close it, or export again.",
        )
