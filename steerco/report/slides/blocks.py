"""Blocks as streams of pieces: each says how much of it fits the room left on a slide, and how to draw that much."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from steerco.report import look, measure, timeline, words
from steerco.report.pack import (
    Block,
    Bullets,
    Chart,
    Colour,
    Figure,
    Figures,
    Matrix,
    Prose,
    Table,
    Timeline,
    Verdict,
    Verdicts,
)
from steerco.report.slides import native_chart
from steerco.report.slides.canvas import Box, Canvas, Run

PAGE = 372.0  # the height a fresh slide offers at least; nothing that stays in one piece is taller
BODY, SMALL, TINY = 14.0, 11.0, 9.0
GAP = 12.0


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a block that goes onto one slide: its least height, whether more room helps, and how to draw it."""

    height: float
    draw: Callable[[Canvas, Box], None]
    most: float = 0.0  # grows up to this height


class Stream(Protocol):
    """A block on its way onto slides."""

    def take(self, room: float) -> Piece | None:
        """The next piece for that much room; None when it needs a fresh slide or nothing is left."""

    @property
    def is_done(self) -> bool:
        """Whether everything has been taken."""


class Whole:
    """A block that stays in one piece."""

    def __init__(self, piece: Piece | None) -> None:
        self.piece = piece

    @property
    def is_done(self) -> bool:
        return self.piece is None

    def take(self, room: float) -> Piece | None:
        if self.piece is None or (self.piece.height > room and room < PAGE):
            return None
        piece, self.piece = self.piece, None
        return piece


class Lines:
    """A block of lines, each with its height, as many on a slide as fit; a head is repeated on each."""

    def __init__(
        self,
        heights: list[float],
        draw: Callable[[Canvas, Box, int, int], None],
        *,
        gap: float = 0.0,
        head: float = 0.0,
        least: int = 1,
    ) -> None:
        self.heights, self.draw, self.gap, self.head, self.least = heights, draw, gap, head, least
        self.next = 0

    @property
    def is_done(self) -> bool:
        return self.next >= len(self.heights)

    def take(self, room: float) -> Piece | None:
        first, used, last = self.next, self.head, self.next
        while last < len(self.heights):
            more = self.heights[last] + (self.gap if last > first else 0)
            # On a fresh slide one line always goes: its height is limited to what a slide holds.
            if used + more > room and not (last == first and room >= PAGE):
                break
            used += more
            last += 1
        enough = min(self.least, len(self.heights) - first)
        if (last - first < enough and room < PAGE) or last == first:
            return None
        self.next = last
        return Piece(used, lambda canvas, box: self.draw(canvas, box, first, last))


def streams(block: Block, width: float, language: str) -> list[Stream]:
    """The block as streams for a column of that width; none for an empty block."""
    match block:
        case Figures():
            return _cards([_figure_card(figure, language) for figure in block.figures], width, 5)
        case Verdicts():
            return _verdicts(block, width, language)
        case Prose():
            texts = [(text, "") for text in block.paragraphs if words.clean(text)]
            return [_paragraphs(texts, width, bullet=False)] if texts else []
        case Bullets():
            texts = [(text, address) for text, address in block.items if words.clean(text)]
            return [_paragraphs(texts, width, bullet=True)] if texts else []
        case Table():
            from steerco.report.slides.tables import table_streams

            return table_streams(block, width, language)
        case Chart():
            return [Whole(_chart(block, width))]
        case Timeline():
            return [_Timeline(block, width, language)]
        case Matrix():
            from steerco.report.slides.tables import matrix_streams

            return matrix_streams(block, width, language)


def text_height(text: str, size: float, width: float, bold: bool = False, address: str = "") -> float:
    """Height of a paragraph in points, with the sign of its evidence."""
    lines = measure.wrap(words.clean(text), size, width, bold)
    spill = bool(address) and measure.width(lines[-1], size, bold) + measure.SIGN * size > width
    return (len(lines) + spill) * size * measure.LINE_HEIGHT


def _paragraphs(texts: list[tuple[str, str]], width: float, *, bullet: bool) -> Lines:
    indent = 14.0 if bullet else 0.0
    heights = [min(PAGE, text_height(text, BODY, width - indent)) for text, _ in texts]

    def draw(canvas: Canvas, box: Box, first: int, last: int) -> None:
        y = box.y
        for number in range(first, last):
            place = Box(box.x + indent, y, box.width - indent, heights[number])
            text, size = canvas.fitted(texts[number][0], place, BODY, SMALL, address=texts[number][1])
            if bullet:
                mark = Box(box.x + 2, y, indent - 2, BODY * measure.LINE_HEIGHT)
                canvas.text(mark, [[Run("•", BODY, "brand", True)]], wrap=False, name="Bullet")
            canvas.text(place, [[Run(text, size, address=texts[number][1])]])
            y += heights[number] + 6

    return Lines(heights, draw, gap=6)


@dataclass(frozen=True, slots=True)
class Card:
    """A framed statement: label, health, main text, small lines."""

    label: str
    main: str
    address: str
    colour: Colour | None
    note: str
    largest: float  # of the main text
    bold: bool
    declared: Colour | None = None
    declared_note: str = ""


INSET = 9.0
NARROWEST = 124.0  # of a card with the gap beside it: seven dimensions stand in one row


def _figure_card(figure: Figure, language: str) -> Card:
    return Card(figure.label, figure.value, figure.evidence, figure.colour, figure.note, 22.0, True)


def _verdict_card(verdict: Verdict) -> Card:
    return Card(
        verdict.label,
        verdict.sentence,
        verdict.evidence,
        verdict.colour,
        "",
        12.0,
        False,
        verdict.declared,
        verdict.declared_note,
    )


def _main_height(card: Card, room: float) -> float:
    """Figures get two lines at most and shrink; sentences take up to seven lines."""
    if card.bold:
        return measure.fit(
            words.clean(card.main),
            room=room,
            height=34,
            largest=card.largest,
            smallest=11,
            bold=True,
            most_lines=2,
        ).height
    # The mark of its evidence may need a line more.
    cited = f"{card.main} [99]" if card.address else card.main
    return min(7 * card.largest * measure.LINE_HEIGHT, text_height(cited, card.largest, room))


def _card_parts(card: Card, width: float) -> list[tuple[str, float]]:
    """The lines of a card from top to bottom with their heights."""
    room = width - 2 * INSET
    parts = [("label", SMALL * measure.LINE_HEIGHT)] if words.clean(card.label) else []
    chip = [("chip", 18.0)] if card.colour else []
    main = [("main", _main_height(card, room))] if words.clean(card.main) else []
    parts += main + chip if card.bold else chip + main
    if words.clean(card.note):
        parts.append(("note", min(3 * SMALL * 1.2, text_height(card.note, SMALL, room))))
    if card.declared:
        parts.append(("declared", 16.0))
        if words.clean(card.declared_note):
            parts.append(("declared_note", min(3 * TINY * 1.2, text_height(card.declared_note, TINY, room))))
    return parts


def _card_height(card: Card, width: float) -> float:
    parts = _card_parts(card, width)
    return sum(height for _, height in parts) + 4 * max(0, len(parts) - 1) + 2 * INSET


def _draw_card(canvas: Canvas, card: Card, box: Box) -> None:
    canvas.rect(box, "paper", edge="line", radius=5, name="Card")
    y = box.y + INSET
    for part, height in _card_parts(card, box.width):
        place = Box(box.x + INSET, y, box.width - 2 * INSET, height)
        if part == "label":
            label = measure.shorten(words.clean(card.label), SMALL, place.width)
            if label != words.clean(card.label):
                canvas.shortened.append(words.clean(card.label))
            canvas.text(place, [[Run(label, SMALL, "muted")]], wrap=False)
        elif part == "chip" and card.colour:
            canvas.chip(place.x, y, card.colour)
        elif part == "main":
            smallest = 11.0 if card.bold else card.largest
            text, size = canvas.fitted(card.main, place, card.largest, smallest, card.bold, card.address)
            canvas.text(place, [[Run(text, size, "ink", card.bold, card.address)]])
        elif part == "note":
            text, size = canvas.fitted(card.note, place, SMALL, SMALL)
            canvas.text(place, [[Run(text, size, "muted")]])
        elif part == "declared" and card.declared:
            label = words.word(canvas.language, "declared") + ":"
            width = measure.width(label, TINY) + 4
            canvas.text(Box(place.x, y + 2.5, width, 12), [[Run(label, TINY, "muted")]], wrap=False)
            canvas.chip(place.x + width, y, card.declared, TINY)
        elif part == "declared_note":
            text, size = canvas.fitted(card.declared_note, place, TINY, TINY)
            canvas.text(place, [[Run(text, size, "muted")]])
        y += height + 4


def _cards(cards: list[Card], width: float, most: int) -> list[Stream]:
    """Rows of equally wide cards, as even as possible."""
    if not cards:
        return []
    fitting = max(1, min(most, int((width + 10) / NARROWEST)))
    rows = -(-len(cards) // fitting)
    per_row = -(-len(cards) // rows)
    card_width = (width - 10 * (per_row - 1)) / per_row
    lines = [cards[start : start + per_row] for start in range(0, len(cards), per_row)]
    heights = [min(PAGE, max(_card_height(card, card_width) for card in line)) for line in lines]

    def draw(canvas: Canvas, box: Box, first: int, last: int) -> None:
        y = box.y
        for number in range(first, last):
            for position, card in enumerate(lines[number]):
                _draw_card(
                    canvas, card, Box(box.x + position * (card_width + 10), y, card_width, heights[number])
                )
            y += heights[number] + 10

    return [Lines(heights, draw, gap=10)]


def _verdicts(block: Verdicts, width: float, language: str) -> list[Stream]:
    verdicts = block.verdicts
    found: list[Stream] = []
    if block.overall and verdicts:
        found.append(Whole(_banner(verdicts[0], width, language)))
        verdicts = verdicts[1:]
    return found + _cards([_verdict_card(verdict) for verdict in verdicts], width, 7)


def _banner(verdict: Verdict, width: float, language: str) -> Piece:
    """The overall judgement: wide, with the declared colour at the right where there is one."""
    aside = 190.0 if verdict.declared else 0.0
    room = width - 30 - aside
    sentence = measure.fit(
        words.clean(verdict.sentence), room=room, height=62, largest=14, smallest=11, bold=True
    )
    note = text_height(verdict.declared_note, TINY, aside - 10) if aside else 0.0
    height = 24 + max(20 + 4 + sentence.height, (14 + 18 + min(note, 44)) if aside else 0)

    def draw(canvas: Canvas, box: Box) -> None:
        canvas.rect(box, "paper", edge="line", radius=5, name="Verdict")
        canvas.rect(Box(box.x, box.y, 6, box.height), look.HEALTH[verdict.colour].ink, name="Verdict edge")
        wide = canvas.chip(box.x + 18, box.y + 11, verdict.colour, 11)
        label = measure.shorten(words.clean(verdict.label), SMALL, room - wide - 10)
        if label:
            place = Box(box.x + 26 + wide, box.y + 13, room - wide - 10, 14)
            canvas.text(place, [[Run(label, SMALL, "muted")]], wrap=False)
        place = Box(box.x + 18, box.y + 36, room, box.height - 44)
        text, size = canvas.fitted(verdict.sentence, place, 14, 11, True, verdict.evidence)
        canvas.text(place, [[Run(text, size, "ink", True, verdict.evidence)]])
        if verdict.declared:
            x = box.x + box.width - aside
            title = words.word(language, "declared_by_hand")
            canvas.text(Box(x, box.y + 11, aside - 10, 12), [[Run(title, TINY, "muted")]], wrap=False)
            canvas.chip(x, box.y + 25, verdict.declared)
            place = Box(x, box.y + 45, aside - 10, max(11.0, box.height - 50))
            text, size = canvas.fitted(verdict.declared_note, place, TINY, TINY)
            canvas.text(place, [[Run(text, size, "muted")]])

    return Piece(height, draw)


def titled(title: str, caption: str, width: float) -> tuple[float, float]:
    """Room for a picture's title above and its caption (three lines at most) below."""
    above = 20.0 if words.clean(title) else 0.0
    below = min(3 * 10 * 1.2, text_height(caption, 10, width)) + 4 if words.clean(caption) else 0.0
    return above, below


def draw_titled(canvas: Canvas, box: Box, title: str, caption: str) -> Box:
    """Write title and caption; returns the place between them."""
    above, below = titled(title, caption, box.width)
    if above:
        text = measure.shorten(words.clean(title), 13, box.width, True)
        if text != words.clean(title):
            canvas.shortened.append(words.clean(title))
        canvas.text(Box(box.x, box.y, box.width, 17), [[Run(text, 13, "ink", True)]], wrap=False)
    if below:
        place = Box(box.x, box.y + box.height - below + 4, box.width, below - 4)
        text, size = canvas.fitted(caption, place, 10, 10)
        canvas.text(place, [[Run(text, size, "muted")]])
    return Box(box.x, box.y + above, box.width, box.height - above - below)


def _chart(chart: Chart, width: float) -> Piece:
    above, below = titled(chart.title, chart.caption, width)
    least = above + below + 150

    def draw(canvas: Canvas, box: Box) -> None:
        inner = draw_titled(canvas, box, chart.title, chart.caption)
        if chart.series and chart.categories:
            native_chart.draw(canvas, chart, inner)
        else:
            canvas.text(inner, [[Run(words.word(canvas.language, "nothing"), BODY, "muted")]])

    return Piece(least, draw, above + below + min(330.0, max(200.0, width * 0.62)))


class _Timeline:
    """A schedule: as many bars as stay readable on a slide, the time axis the same on each."""

    def __init__(self, block: Timeline, width: float, language: str) -> None:
        self.block, self.left = block, block
        self.whole = timeline.span(block)
        self.extra = sum(titled(block.title, block.caption, width))
        self.is_done = False

    def take(self, room: float) -> Piece | None:
        if self.is_done:
            return None
        bars = self.left.bars
        inside = room - self.extra
        if room < PAGE and timeline.HEAD + timeline.FOOT + min(len(bars), 6) * timeline.ROW > inside:
            return None
        count = timeline.rows_in(inside)
        if room < PAGE and len(bars) > count:
            return None
        part, rest = replace(self.left, bars=bars[:count]), replace(self.left, bars=bars[count:])
        self.left, self.is_done = rest, not rest.bars
        height = timeline.natural_height(len(part.bars), inside)

        def draw(canvas: Canvas, box: Box) -> None:
            inner = draw_titled(canvas, box, part.title, part.caption)
            scene = timeline.draw(part, inner.width, inner.height, canvas.language, self.whole)
            alternative = timeline.in_words(canvas.language, part)
            canvas.scene(scene, inner, words.clean(part.title) or "Timeline", alternative)

        most = self.extra + timeline.HEAD + timeline.FOOT + max(1, len(part.bars)) * 26
        return Piece(self.extra + height, draw, min(most, max(room, height)))
