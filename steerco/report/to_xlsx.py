"""The pack as a workbook: a sheet per section, native tables and charts, real numbers and dates, text that stays text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

from xlsxwriter import Workbook

from steerco.report import charts, look, sealing, timeline, words, workbook_charts
from steerco.report.evidence import References
from steerco.report.pack import (
    Bar,
    Block,
    Bullets,
    Cell,
    Chart,
    Colour,
    Column,
    Figures,
    Matrix,
    Pack,
    Prose,
    Section,
    Table,
    Timeline,
    Verdicts,
)
from steerco.report.steady import instant, steady
from steerco.report.workbook_formats import Formats

SUFFIX = ".xlsx"
MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LONGEST_TEXT = 32_767  # Excel's limit for a cell
MOST_LINKS = 60_000  # Excel takes 65,530 per sheet
CHART_ROWS = 16
OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
    "remove_timezone": True,
}
_NOT_IN_SHEET_NAMES = re.compile(r"[\[\]:*?/\\']")


def write(pack: Pack) -> bytes:
    """Bytes of the workbook; the same pack gives the same bytes. Raises ValueError on an invalid pack."""
    sealing.validate(pack)
    out = BytesIO()
    book = Workbook(out, OPTIONS)
    book.set_properties(
        {
            "title": words.clean(pack.title)[:255],
            "subject": words.clean(pack.subtitle)[:255],
            "author": words.clean(pack.made_by)[:255],
            "comments": words.word(pack.language, "seal", seal=sealing.seal(pack)),
            "created": instant(pack.made_at).replace(tzinfo=None),
        }
    )
    formats = Formats(book, pack.language)
    names = sheet_names(pack)
    _contents(book, pack, formats, names)
    for number, (section, name) in enumerate(zip(pack.sections, names[1:]), 1):
        _Sheet(book, pack, formats, name, number).section(section)
    book.close()
    return steady(out.getvalue(), pack.made_at)


def sheet_names(pack: Pack) -> list[str]:
    """Contents, then one name per section: Excel's rules kept, unique because numbered."""
    names = [words.word(pack.language, "contents")]
    for number, section in enumerate(pack.sections, 1):
        title = _NOT_IN_SHEET_NAMES.sub(" ", words.clean(section.title))
        # Characters outside the basic plane count twice in Excel's limit of 31.
        title = "".join(character for character in title if ord(character) < 0x10000)
        names.append(f"{number} {' '.join(title.split())}"[:31].strip())
    return names


class _Sheet:
    """One sheet being filled from top to bottom."""

    def __init__(self, book: Workbook, pack: Pack, formats: Formats, name: str, number: int) -> None:
        self.book, self.pack, self.formats, self.number = book, pack, formats, number
        self.language = pack.language
        self.sheet = book.add_worksheet(name)
        self.name = name
        self.row = 0
        self.tables = 0
        self.links = 0
        self.widths: dict[int, float] = {}
        self.references = References(pack.base_url, absolute=True)
        _page(self.sheet, pack)

    def section(self, section: Section) -> None:
        """Title, blocks in reading order, note; the title stays in sight, the header too where a table comes first."""
        self.line(section.title or "–", self.formats.title)
        self.row += 1
        blocks = section.blocks + section.aside
        heads = bool(blocks) and isinstance(blocks[0], Table) and bool(blocks[0].rows)
        self.sheet.freeze_panes(self.row + 1 if heads else 1, 0)
        for block in blocks:
            self.block(block)
            self.row += 1
        if words.clean(section.note):
            self.line(section.note, self.formats.small)
        for column, width in self.widths.items():
            self.sheet.set_column(column, column, min(60.0, max(9.0, width + 2)))

    def line(self, text: str, style: Any) -> None:
        self.write(self.row, 0, text, style)
        self.row += 1

    def write(self, row: int, column: int, text: str, style: Any) -> None:
        """Text as text, whatever it looks like."""
        self.sheet.write_string(row, column, words.clean(text)[:LONGEST_TEXT], style)

    def word(self, key: str) -> str:
        return words.word(self.language, key)

    def block(self, block: Block) -> None:
        match block:
            case Figures():
                self.figures(block)
            case Verdicts():
                self.verdicts(block)
            case Prose():
                for text in block.paragraphs:
                    self.line(text, self.formats.get())
            case Bullets():
                self.bullets(block)
            case Table():
                self.table(block)
            case Chart():
                self.chart(block)
            case Timeline():
                self.timeline(block)
            case Matrix():
                self.matrix(block)

    def figures(self, block: Figures) -> None:
        columns = [Column(self.word(key)) for key in ("figure", "value", "health", "note")]
        rows = [(figure.label, figure.value, figure.colour, figure.note) for figure in block.figures]
        self.grid(columns, rows, [figure.evidence for figure in block.figures])

    def verdicts(self, block: Verdicts) -> None:
        columns = [Column(self.word(key)) for key in ("area", "health", "why", "declared", "note")]
        rows = [
            (verdict.label, verdict.colour, verdict.sentence, verdict.declared, verdict.declared_note)
            for verdict in block.verdicts
        ]
        self.grid(columns, rows, [verdict.evidence for verdict in block.verdicts])

    def bullets(self, block: Bullets) -> None:
        self.grid(
            [Column(self.word("text"))],
            [(text,) for text, _ in block.items],
            [address for _, address in block.items],
        )

    def table(self, block: Table) -> None:
        if block.rows:
            self.grid(block.columns, block.rows, block.evidence)
        else:
            self.line(block.empty or self.word("nothing"), self.formats.get())
        if words.clean(block.more):
            self.line(block.more, self.formats.small)

    def grid(
        self, columns: Iterable[Column], rows: Iterable[tuple[Any, ...]], evidence: Iterable[str] = ()
    ) -> tuple[int, int]:
        """A native table at the cursor, with a column of evidence where there is any; returns first and last row."""
        columns, rows, addresses = list(columns), list(rows), [words.clean(address) for address in evidence]
        if not rows:
            return self.row, self.row
        if any(addresses):
            columns.append(Column(self.word("evidence")))
        else:
            addresses = [""] * len(rows)
        first = self.row
        titles = unique([words.clean(column.title)[:200] or "–" for column in columns])
        self.tables += 1
        self.sheet.add_table(
            first,
            0,
            first + len(rows),
            len(columns) - 1,
            {
                "name": f"Table_{self.number}_{self.tables}",
                "style": "Table Style Light 1",
                "banded_rows": False,
                "columns": [{"header": title, "header_format": self.formats.header} for title in titles],
            },
        )
        self.sheet.set_row(first, 18)
        for position, title in enumerate(titles):
            self.widen(position, min(24, len(title)) + 3)
        for number, (row, address) in enumerate(zip(rows, addresses), first + 1):
            for position, value in enumerate(row):
                self.value(number, position, value, columns[position])
            if address:
                self.evidence(number, len(columns) - 1, address)
        self.row = first + len(rows) + 1
        return first, first + len(rows)

    def evidence(self, row: int, column: int, address: str) -> None:
        href, _ = self.references.cite(address)
        self.widen(column, min(30, len(address)))
        if href and self.links < MOST_LINKS:
            self.links += 1
            self.sheet.write_url(row, column, href, self.formats.link, address[:255])
        else:
            self.write(row, column, address, self.formats.small)

    def value(self, row: int, column: int, value: Cell | Colour, kind: Column) -> None:
        """One value in its own type; what Excel can't hold exactly is written as text."""
        formats = self.formats
        if value is None:
            self.sheet.write_blank(row, column, None, formats.text)
        elif isinstance(value, Colour):
            text = f"{look.HEALTH[value].shape} {words.health_word(self.language, value)}"
            self.widen(column, len(text) + 2)
            self.write(row, column, text, formats.health(value))
        elif isinstance(value, bool):
            self.sheet.write_boolean(row, column, value, formats.text)
        elif isinstance(value, int | float | Decimal) and -(10**15) < value < 10**15:
            self.widen(column, 12)
            self.sheet.write_number(row, column, float(value), formats.number(kind))
        elif isinstance(value, date) and value.year > 1900:
            self.widen(column, 17 if isinstance(value, datetime) and kind.kind != "date" else 12)
            if isinstance(value, datetime) and kind.kind != "date":
                self.sheet.write_datetime(row, column, value, formats.moment)
            else:
                day = datetime(value.year, value.month, value.day)
                self.sheet.write_datetime(row, column, day, formats.day)
        else:
            text = words.cell(self.language, value, kind)
            self.widen(column, len(text))
            self.write(row, column, text, formats.text)

    def widen(self, column: int, characters: float) -> None:
        self.widths[column] = max(self.widths.get(column, 0.0), min(60.0, characters))

    def titled(self, title: str) -> None:
        if words.clean(title):
            self.line(title, self.formats.heading)

    def chart(self, block: Chart) -> None:
        self.titled(block.title)
        top = self.row
        columns = [Column(self.word("category")), *(Column(series.name, "number") for series in block.series)]
        rows = [
            (name, *(series.values[n] for series in block.series)) for n, name in enumerate(block.categories)
        ]
        first, last = self.grid(columns, rows)
        if block.series and rows:
            self.insert(
                workbook_charts.native_chart(self.book, self.name, block, first + 1, last),
                block,
                top,
                len(columns),
            )
        if block.markers:
            self.row += 1
            marks = [(marker.label, _at(block, marker.position)) for marker in block.markers]
            self.grid([Column(self.word("marker")), Column(self.word("category"))], marks)
        self.row = max(self.row, top + CHART_ROWS + 1) if rows and block.series else self.row
        if words.clean(block.caption):
            self.line(block.caption, self.formats.small)

    def insert(self, chart: Any, block: Chart | Timeline, top: int, column: int) -> None:
        alternative = (
            charts.in_words(self.language, block)
            if isinstance(block, Chart)
            else timeline.in_words(self.language, block)
        )
        place = {"x_offset": 20, "object_position": 2, "description": alternative[:2000]}
        self.sheet.insert_chart(top, column + 1, chart, place)

    def timeline(self, block: Timeline) -> None:
        self.titled(block.title)
        kinds = {
            "task": "text",
            "level": "number",
            "start": "date",
            "finish": "date",
            "baseline_start": "date",
        }
        kinds |= {
            "baseline_finish": "date",
            "p80": "date",
            "done": "percent",
            "critical": "text",
            "milestone": "text",
            "days": "number",
        }
        columns = [Column(self.word(key), kind) for key, kind in kinds.items()]
        first, _ = self.grid(columns, [_bar_row(bar) for bar in block.bars])
        if block.bars:
            chart = workbook_charts.gantt(self.book, self.name, block, first + 1, self.language)
            self.row += 1
            self.insert(chart, block, self.row, 0)
            self.row += max(CHART_ROWS, round(len(block.bars) * 1.1) + 4)
        if words.clean(block.caption):
            self.line(block.caption, self.formats.small)

    def matrix(self, block: Matrix) -> None:
        self.titled(block.title)
        corner = " / ".join(filter(None, (words.clean(block.row_title), words.clean(block.column_title))))
        self.write(self.row, 0, corner, self.formats.header)
        for position, name in enumerate(block.columns, 1):
            self.write(self.row, position, name, self.formats.header)
            self.widen(position, 16)
        self.row += 1
        for number, name in enumerate(block.rows):
            self.write(self.row, 0, name, self.formats.header)
            for position, colour in enumerate(block.colours[number]):
                inside = [
                    words.clean(i.label) for i in block.items if (i.row, i.column) == (number, position)
                ]
                level = f"{look.HEALTH[colour].shape} {words.health_word(self.language, colour)}"
                self.write(self.row, position + 1, "  ".join([*inside, level]), self.formats.health(colour))
            self.row += 1
        if words.clean(block.caption):
            self.line(block.caption, self.formats.small)


def _at(chart: Chart, position: float) -> str:
    """The category a mark stands at or next to."""
    if not chart.categories:
        return ""
    return chart.categories[min(len(chart.categories) - 1, max(0, round(position)))]


def _bar_row(bar: Bar) -> tuple[Any, ...]:
    return (
        bar.label,
        bar.level,
        bar.start,
        bar.finish,
        bar.baseline_start,
        bar.baseline_finish,
        bar.p80,
        bar.done,
        "●" if bar.critical else "",
        "◆" if bar.milestone else "",
        round(max(0.5, (bar.finish - bar.start).total_seconds() / 86_400), 2),
    )


def unique(titles: list[str]) -> list[str]:
    """Column titles as a native table needs them: different from each other, whatever their case."""
    seen: set[str] = set()
    found = []
    for title in titles:
        candidate, number = title, 1
        while candidate.casefold() in seen:
            number += 1
            candidate = f"{title} ({number})"
        seen.add(candidate.casefold())
        found.append(candidate)
    return found


def _page(sheet: Any, pack: Pack) -> None:
    as_of = words.word(pack.language, "as_of", moment=words.moment(pack.language, pack.as_of))
    short = words.word(pack.language, "seal", seal=sealing.seal(pack)[:12])
    page = words.word(pack.language, "page", number="&P", total="&N")
    sheet.hide_gridlines(2)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.set_footer(f"&L&8{as_of} · {short}&R&8{page}")


def _contents(book: Workbook, pack: Pack, formats: Formats, names: list[str]) -> None:
    sheet = book.add_worksheet(names[0])
    _page(sheet, pack)
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 1, 80)
    language = pack.language
    sheet.write_string(0, 0, words.clean(pack.title)[:LONGEST_TEXT] or "Steerco", formats.title)
    sheet.write_string(1, 0, words.clean(pack.subtitle)[:LONGEST_TEXT], formats.small)
    person = words.clean(pack.made_by) or "–"
    lines = [
        words.word(language, "as_of", moment=words.moment(language, pack.as_of)),
        words.word(language, "made", moment=words.moment(language, pack.made_at), person=person),
        words.word(language, "seal", seal=sealing.seal(pack)),
    ]
    row = 3
    for line in lines:
        sheet.write_string(row, 0, line[:LONGEST_TEXT], formats.get())
        row += 1
    row += 1
    sheet.write_string(row, 0, words.word(language, "contents"), formats.heading)
    for section, name in zip(pack.sections, names[1:]):
        row += 1
        sheet.write_url(row, 0, f"internal:'{name}'!A1", formats.link, name)
        sheet.write_string(row, 1, words.clean(section.title)[:LONGEST_TEXT], formats.text)
    lists = [
        ("sources", [("", source) for source in pack.sources]),
        ("computed_from", list(pack.facts)),
    ]
    for key, pairs in lists:
        if not pairs:
            continue
        row += 2
        sheet.write_string(row, 0, words.word(language, key), formats.heading)
        for name, value in pairs:
            row += 1
            first, second = (name, value) if name else (value, "")
            sheet.write_string(row, 0, words.clean(first)[:LONGEST_TEXT], formats.get())
            sheet.write_string(row, 1, words.clean(second)[:LONGEST_TEXT], formats.get())
