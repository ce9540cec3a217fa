"""Native tables: measured row by row, continued over slides with their header, health as shape, word and colour."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from steerco.report import look, measure, words
from steerco.report.pack import Cell, Colour, Column, Matrix, Table
from steerco.report.slides.blocks import PAGE, Lines, Piece, Stream, Whole, draw_titled, text_height, titled
from steerco.report.slides.canvas import Box, Canvas, Run

SIZES = (13.0, 12.0, 11.0)  # a short table is written larger
HEAD = 10.5
INSET = 6.0
PAD = 4.0
MOST_LINES = 6


def table_streams(block: Table, width: float, language: str) -> list[Stream]:
    """Rows as lines below a repeated header, then what was left out; a sentence instead of an empty table."""
    found: list[Stream] = []
    if block.rows:
        found.append(_rows(block, width, language))
    else:
        found.append(Whole(_sentence(block.empty or words.word(language, "nothing"), width, 14.0)))
    if words.clean(block.more):
        found.append(Whole(_sentence(block.more, width, 10.0)))
    return found


def _sentence(text: str, width: float, size: float) -> Piece:
    height = min(6 * size * measure.LINE_HEIGHT, text_height(text, size, width))

    def draw(canvas: Canvas, box: Box) -> None:
        place = Box(box.x, box.y, box.width, height)
        fitted, used = canvas.fitted(text, place, size, size)
        canvas.text(place, [[Run(fitted, used, "muted")]])

    return Piece(height, draw)


def column_widths(block: Table, width: float, language: str, size: float) -> list[float]:
    """Widths by share, but none narrower than its longest word; health and dates don't wrap at all."""
    least = []
    for number, column in enumerate(block.columns):
        wraps = column.kind not in ("health", "date", "percent")
        parts = words.clean(column.title).split(" ")
        needed = [measure.width(part, HEAD, True) for part in parts]
        for row in block.rows:
            shown = _shown(row[number], column, language)
            bold = isinstance(row[number], Colour)
            needed += [measure.width(part, size, bold) for part in (shown.split(" ") if wraps else [shown])]
        least.append(min(130.0, max(needed)) + 2 * INSET + 2)
    if sum(least) > width:
        least = [one * width / sum(least) for one in least]
    # Shares apply to what the columns have together; who gets less than needed takes it from the others.
    fixed: dict[int, float] = {}
    while True:
        rest = width - sum(fixed.values())
        shares = sum(column.width for number, column in enumerate(block.columns) if number not in fixed)
        tight = {
            number: least[number]
            for number, column in enumerate(block.columns)
            if number not in fixed and rest * column.width / shares < least[number]
        }
        if not tight or len(fixed) + len(tight) == len(block.columns):
            break
        fixed |= tight
    return [fixed.get(number, rest * column.width / shares) for number, column in enumerate(block.columns)]


def _shown(value: Cell | Colour, column: Column, language: str) -> str:
    if isinstance(value, Colour):
        return f"{look.HEALTH[value].shape}\u00a0{words.health_word(language, value)}"
    return words.cell(language, value, column)


@dataclass(frozen=True, slots=True)
class Measured:
    """A table laid out at one size."""

    size: float
    widths: list[float]
    head: float
    heights: list[float]


def _measured(block: Table, shown: list[list[str]], width: float, language: str, size: float) -> Measured:
    widths = column_widths(block, width, language, size)
    limit = MOST_LINES * size * measure.LINE_HEIGHT
    rooms = [max(4.0, one - 2 * INSET) for one in widths]
    titles = [words.clean(column.title) for column in block.columns]
    head = max(text_height(title, HEAD, room, True) for title, room in zip(titles, rooms))
    heights = []
    for number, texts in enumerate(shown):
        cite_at, address = _citation(block, number)
        parts = [
            text_height(text, size, room, isinstance(value, Colour), address if position == cite_at else "")
            for position, (text, room, value) in enumerate(zip(texts, rooms, block.rows[number]))
        ]
        heights.append(min(limit, max(parts)) + 2 * PAD)
    return Measured(size, widths, min(limit, head) + 2 * PAD, heights)


def _citation(block: Table, number: int) -> tuple[int, str]:
    """Which cell of a row carries the row's evidence (the first with text), and the address."""
    address = block.evidence[number] if block.evidence else ""
    texts = (n for n, value in enumerate(block.rows[number]) if type(value) is str and words.clean(value))
    return next(texts, -1), address


def _rows(block: Table, width: float, language: str) -> Lines:
    shown = [
        [_shown(value, column, language) for value, column in zip(row, block.columns)] for row in block.rows
    ]
    titles = [words.clean(column.title) or "–" for column in block.columns]
    for size in SIZES:
        laid = _measured(block, shown, width, language, size)
        if laid.head + sum(laid.heights) <= PAGE * 0.6:
            break
    widths, head, heights = laid.widths, laid.head, laid.heights

    def draw(canvas: Canvas, box: Box, first: int, last: int) -> None:
        frame = canvas.table(box, widths, [head, *heights[first:last]], titles[0])
        canvas.describe(
            frame, ", ".join(titles), f"{', '.join(titles)}: {first + 1}–{last} / {len(block.rows)}"
        )
        table = frame.table
        for position, (column, title) in enumerate(zip(block.columns, titles)):
            place = Box(0, 0, max(4.0, widths[position] - 2 * INSET), head - 2 * PAD)
            text, size = canvas.fitted(title, place, HEAD, HEAD, True)
            align = "end" if words.is_right_aligned(column) else "start"
            runs = [[Run(text, size, "muted", True)]]
            canvas.cell(
                table.cell(0, position), runs, align=align, rule="muted", rule_width=1, inset=(INSET, PAD)
            )
        for number in range(first, last):
            address = block.evidence[number] if block.evidence else ""
            cite_at = next(
                (
                    n
                    for n, value in enumerate(block.rows[number])
                    if type(value) is str and words.clean(value)
                ),
                -1,
            )
            for position, column in enumerate(block.columns):
                value = block.rows[number][position]
                place = Box(0, 0, max(4.0, widths[position] - 2 * INSET), heights[number] - 2 * PAD)
                cell = table.cell(number - first + 1, position)
                cited = address if position == cite_at else ""
                bold = isinstance(value, Colour)
                text, size = canvas.fitted(shown[number][position], place, laid.size, laid.size, bold, cited)
                align = "end" if words.is_right_aligned(column) else "start"
                ink, ground = "ink", None
                if isinstance(value, Colour):
                    ink, ground = look.HEALTH[value].ink, look.HEALTH[value].ground
                run = Run(text, size, ink, bold, cited)
                canvas.cell(cell, [[run]], room=place.width, align=align, ground=ground, inset=(INSET, PAD))

    return Lines(heights, draw, head=head, least=3)


def matrix_streams(block: Matrix, width: float, language: str) -> list[Stream]:
    """The risk matrix as a native table whose cells carry colour, shape, word and items."""
    above, below = titled(block.title, block.caption, width)
    first = min(120.0, width * 0.2)
    other = (width - first) / len(block.columns)
    head = 24.0
    row = min(54.0, (PAGE - above - below - head) / len(block.rows))
    height = above + below + head + row * len(block.rows)

    def draw(canvas: Canvas, box: Box) -> None:
        inner = draw_titled(canvas, box, block.title, block.caption)
        name = words.clean(block.title) or "Matrix"
        frame = canvas.table(
            inner, [first] + [other] * len(block.columns), [head] + [row] * len(block.rows), name
        )
        items = "; ".join(
            f"{words.clean(item.label)}: {words.clean(block.rows[item.row])}, {words.clean(block.columns[item.column])}"
            for item in block.items
        )
        canvas.describe(frame, name, f"{name}. {items}")
        table = frame.table
        table._tbl.tblPr.set("firstCol", "1")
        corner = " / ".join(filter(None, (words.clean(block.row_title), words.clean(block.column_title))))
        titles = [(0, 0, corner, first)]
        titles += [(0, number, title, other) for number, title in enumerate(block.columns, 1)]
        titles += [(number, 0, title, first) for number, title in enumerate(block.rows, 1)]
        for line, position, title, wide in titles:
            room = Box(0, 0, wide - 8, (row if line else head) - 8)
            text, size = canvas.fitted(title, room, 10, 8, True)
            canvas.cell(
                table.cell(line, position), [[Run(text, size, "muted", True)]], rule=None, inset=(4, 4)
            )
        for line in range(len(block.rows)):
            for position in range(len(block.columns)):
                _matrix_cell(canvas, block, table, line, position, other, row)

    return [Whole(Piece(height, draw))]


def _matrix_cell(
    canvas: Canvas, block: Matrix, table: Any, line: int, position: int, width: float, height: float
) -> None:
    health = look.HEALTH[block.colours[line][position]]
    level = f"{health.shape} {words.health_word(canvas.language, block.colours[line][position])}"
    inside = [item for item in block.items if (item.row, item.column) == (line, position)]
    runs: list[list[Run]] = []
    if inside:
        labels = [words.clean(item.label) or "–" for item in inside]
        room = Box(0, 0, width - 12, height - 8 - 11)
        # Every cited item is measured with the widest sign it may get.
        signed = [label + "\u00a0[00]" * bool(item.evidence) for label, item in zip(labels, inside)]
        fitting = measure.fit(
            " ".join(signed), room=room.width, height=room.height, largest=12, smallest=9, bold=True
        )
        size = fitting.size
        if not fitting.shortened:
            pairs = zip(labels, inside)
            runs.append(
                [
                    Run(label + (" " if n < len(inside) - 1 else ""), size, health.ink, True, item.evidence)
                    for n, (label, item) in enumerate(pairs)
                ]
            )
        else:
            text, size = canvas.fitted(" ".join(labels), room, 9, 9, True)
            runs.append([Run(text, size, health.ink, True)])
    level = measure.shorten(level, 8, width - 12)
    runs.append([Run(level, 8, health.ink)])
    canvas.cell(
        table.cell(line + 1, position + 1),
        runs,
        room=width,
        ground=health.ground,
        rule="paper",
        rule_width=2,
        inset=(6, 4),
    )
