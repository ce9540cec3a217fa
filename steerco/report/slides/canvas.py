"""Native shapes on one slide, in points: text that was measured first, cards, health chips, tables, groups."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lxml import etree
from pptx.dml.color import RGBColor
from pptx.enum.dml import MSO_LINE_DASH_STYLE
from pptx.enum.shapes import MSO_CONNECTOR, MSO_SHAPE
from pptx.enum.text import MSO_ANCHOR, MSO_AUTO_SIZE, PP_ALIGN
from pptx.oxml.ns import qn
from pptx.util import Pt

from steerco.report import look, measure, words
from steerco.report.evidence import References
from steerco.report.pack import Colour
from steerco.report.scene import Area, Rect, Scene, Stroke, Words, hexadecimal

ALIGN = {"start": PP_ALIGN.LEFT, "middle": PP_ALIGN.CENTER, "end": PP_ALIGN.RIGHT}
NO_STYLE = "{2D5ABB26-0587-4C30-8999-92F81FD0307C}"  # the table style without style and grid


@dataclass(frozen=True, slots=True)
class Box:
    """A place on the slide in points."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of text in one look; `address` is the evidence it opens."""

    text: str
    size: float = 12.0
    ink: str = "ink"
    bold: bool = False
    address: str = ""


def rgb(ink: str) -> Any:
    """Colour of a palette name or of `series-N`."""
    colour: Any = RGBColor  # python-pptx carries no types
    return colour.from_string(hexadecimal(ink))


class Canvas:
    """One slide being drawn; collects what has to be said in its notes."""

    def __init__(self, slide: Any, language: str, references: References) -> None:
        self.slide = slide
        self.shapes = slide.shapes
        self.language = language
        self.references = references
        self.shortened: list[str] = []
        self.cited: list[str] = []

    def fitted(
        self, text: str, box: Box, largest: float, smallest: float, bold: bool = False, address: str = ""
    ) -> tuple[str, float]:
        """Text and size that fit the box; where even the smallest is too large, the full text goes into the notes.

        With an address, room is kept for the sign of the evidence behind the text.
        """
        clean = words.clean(text)
        found = measure.fit(
            clean,
            room=box.width,
            height=box.height,
            largest=largest,
            smallest=smallest,
            bold=bold,
            reserve=measure.SIGN if address else 0.0,
        )
        if not found.shortened:
            return clean, found.size
        if clean not in self.shortened:
            self.shortened.append(clean)
        return "\v".join(found.lines), found.size

    def text(
        self,
        box: Box,
        paragraphs: list[list[Run]],
        *,
        anchor: MSO_ANCHOR = MSO_ANCHOR.TOP,
        align: str = "start",
        gap: float = 0.0,
        name: str = "",
        wrap: bool = True,
    ) -> Any:
        """A text box without margins; one list of runs per paragraph."""
        shape = self.shapes.add_textbox(Pt(box.x), Pt(box.y), Pt(box.width), Pt(box.height))
        if name:
            shape.name = name
        self.fill_frame(
            shape.text_frame, paragraphs, anchor=anchor, align=align, gap=gap, wrap=wrap, room=box.width
        )
        return shape

    def fill_frame(
        self,
        frame: Any,
        paragraphs: list[list[Run]],
        *,
        anchor: MSO_ANCHOR = MSO_ANCHOR.TOP,
        align: str = "start",
        gap: float = 0.0,
        wrap: bool = True,
        room: float = 0.0,
    ) -> None:
        """Write paragraphs into a text frame at measured sizes, without any automatic fitting."""
        frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
        frame.word_wrap = wrap
        frame.auto_size = MSO_AUTO_SIZE.NONE
        frame.vertical_anchor = anchor
        for number, runs in enumerate(paragraphs):
            paragraph = frame.paragraphs[0] if number == 0 else frame.add_paragraph()
            paragraph.alignment = ALIGN[align]
            if number and gap:
                paragraph.space_before = Pt(gap)
            for run in runs:
                self.run(paragraph, run, room)

    def run(self, paragraph: Any, run: Run, room: float = 0.0) -> None:
        """One run with its evidence: one line is the link itself, a longer text is followed by a linked arrow.

        Without a link it is followed by the small number of its reference. (Some viewers break linked text in the
        middle of words, so nothing that wraps is linked.)
        """
        href, number = self.references.cite(run.address) if run.text else (None, None)
        parts = run.text.split("\v")
        arrow = href and (len(parts) > 1 or measure.width(run.text, run.size, run.bold) > room)
        for position, part in enumerate(parts):
            if position:
                paragraph.add_line_break()
            written = paragraph.add_run()
            written.text = part
            written.font.size = Pt(run.size)
            written.font.bold = run.bold
            written.font.color.rgb = rgb(run.ink)
            if href and part and not arrow:
                written.hyperlink.address = href
        if href and arrow:
            paragraph.add_run().text = "\u00a0"
            sign = paragraph.add_run()
            sign.text = "→"
            sign.font.size = Pt(run.size)
            sign.font.color.rgb = rgb("brand")
            sign.hyperlink.address = href
            sign._r.rPr.hlinkClick.set("tooltip", words.word(self.language, "evidence"))
        if number:
            mark = paragraph.add_run()
            mark.text = f" [{number}]"
            mark.font.size = Pt(max(7.0, run.size * 0.6))
            mark.font.bold = False
            mark.font.color.rgb = rgb("muted")
            note = f"[{number}] {self.references.addresses[number - 1]}"
            if note not in self.cited:
                self.cited.append(note)

    def rect(
        self,
        box: Box,
        ink: str | None,
        *,
        edge: str | None = None,
        radius: float = 0.0,
        name: str = "",
    ) -> Any:
        """A rectangle, rounded where asked, without shadow."""
        kind = MSO_SHAPE.ROUNDED_RECTANGLE if radius else MSO_SHAPE.RECTANGLE
        shape = self.shapes.add_shape(kind, Pt(box.x), Pt(box.y), Pt(box.width), Pt(box.height))
        if radius:
            shape.adjustments[0] = min(0.5, radius / max(0.1, min(box.width, box.height)))
        self.paint(shape, ink, edge)
        if name:
            shape.name = name
        return shape

    def paint(self, shape: Any, ink: str | None, edge: str | None = None) -> None:
        """Fill and outline; no effects from the theme."""
        style = shape._element.find(qn("p:style"))
        if style is not None:
            shape._element.remove(style)
        if ink is None:
            shape.fill.background()
        else:
            shape.fill.solid()
            shape.fill.fore_color.rgb = rgb(ink)
        if edge is None:
            shape.line.fill.background()
        else:
            shape.line.color.rgb = rgb(edge)
            shape.line.width = Pt(0.75)

    def chip_width(self, colour: Colour, size: float = 10.0) -> float:
        """Width of a health chip."""
        return measure.width(self.chip_text(colour), size, True) + 14

    def chip_text(self, colour: Colour) -> str:
        """Shape and word."""
        return f"{look.HEALTH[colour].shape}\u00a0{words.health_word(self.language, colour)}"

    def chip(self, x: float, y: float, colour: Colour, size: float = 10.0) -> float:
        """A health chip: colour, shape and word; returns its width."""
        health = look.HEALTH[colour]
        width = self.chip_width(colour, size)
        box = Box(x, y, width, size * 1.7)
        shape = self.rect(box, health.ground, radius=size, name=f"Health {colour.value}")
        runs = [[Run(self.chip_text(colour), size, health.ink, True)]]
        self.fill_frame(shape.text_frame, runs, anchor=MSO_ANCHOR.MIDDLE, align="middle", wrap=False)
        return width

    def describe(self, shape: Any, title: str, alternative: str) -> None:
        """Name and alternative text."""
        properties = next(shape._element.iter(qn("p:cNvPr")))
        properties.set("name", title[:120] or "Picture")
        properties.set("descr", alternative)

    def scene(self, scene: Scene, box: Box, title: str, alternative: str) -> None:
        """A drawing as one group of native shapes."""
        before = len(self.shapes)
        for shape in scene.shapes:
            self._drawn(shape, box)
        # Grouping at the end measures the group once instead of once per shape.
        group = self.shapes.add_group_shape(list(self.shapes)[before:])
        self.describe(group, title, alternative)

    def _drawn(self, shape: Rect | Stroke | Area | Words, box: Box) -> None:
        if isinstance(shape, Rect):
            place = Box(box.x + shape.x, box.y + shape.y, shape.width, shape.height)
            self.rect(place, shape.ink, radius=shape.radius)
        elif isinstance(shape, Stroke):
            for (x0, y0), (x1, y1) in zip(shape.points, shape.points[1:]):
                line = (box.x + x0, box.y + y0, box.x + x1, box.y + y1)
                self.line(line, shape.ink, shape.width, shape.dashed)
        elif isinstance(shape, Area):
            xs, ys = [x for x, _ in shape.points], [y for _, y in shape.points]
            corner = (box.x + min(xs), box.y + min(ys), max(xs) - min(xs), max(ys) - min(ys))
            # The only closed shapes of a timeline are milestones.
            self.paint(self.shapes.add_shape(MSO_SHAPE.DIAMOND, *(Pt(value) for value in corner)), shape.ink)
        elif shape.text:
            self._words(shape, box)

    def _words(self, shape: Words, box: Box) -> None:
        width = measure.width(shape.text, shape.size, shape.bold) + 2
        shift = {"start": 0.0, "middle": width / 2, "end": width}[shape.anchor]
        # 0.92 of the size lies above the baseline in Arial.
        place = Box(box.x + shape.x - shift, box.y + shape.y - shape.size * 0.92, width, shape.size * 1.2)
        runs = [[Run(shape.text, shape.size, shape.ink, shape.bold)]]
        self.text(place, runs, align=shape.anchor, wrap=False)

    def line(
        self,
        ends: tuple[float, float, float, float],
        ink: str,
        width: float,
        dashed: bool = False,
    ) -> Any:
        """A straight line."""
        x0, y0, x1, y1 = (Pt(value) for value in ends)
        connector = self.shapes.add_connector(MSO_CONNECTOR.STRAIGHT, x0, y0, x1, y1)
        style = connector._element.find(qn("p:style"))
        if style is not None:
            connector._element.remove(style)
        connector.line.color.rgb = rgb(ink)
        connector.line.width = Pt(width)
        if dashed:
            connector.line.dash_style = MSO_LINE_DASH_STYLE.DASH
        return connector

    def table(self, box: Box, widths: list[float], heights: list[float], name: str) -> Any:
        """A native table in our look: header row, hairlines, no bands; cells are filled by the caller."""
        frame = self.shapes.add_table(
            len(heights), len(widths), Pt(box.x), Pt(box.y), Pt(box.width), Pt(sum(heights))
        )
        frame.name = name[:120] or "Table"
        table = frame.table
        properties = table._tbl.tblPr
        properties.find(qn("a:tableStyleId")).text = NO_STYLE
        properties.set("bandRow", "0")
        properties.set("firstRow", "1")
        for column, width in zip(table.columns, widths):
            column.width = Pt(width)
        for row, height in zip(table.rows, heights):
            row.height = Pt(height)
        return frame

    def cell(
        self,
        cell: Any,
        runs: list[list[Run]],
        *,
        room: float = 0.0,
        align: str = "start",
        ground: str | None = None,
        rule: str | None = "line",
        rule_width: float = 0.5,
        inset: tuple[float, float] = (6, 4),
    ) -> None:
        """Fill one table cell; `rule` is the line below it."""
        self.fill_frame(cell.text_frame, runs, align=align, room=room)
        cell.margin_left = cell.margin_right = Pt(inset[0])
        cell.margin_top = cell.margin_bottom = Pt(inset[1])
        cell.vertical_anchor = MSO_ANCHOR.TOP
        properties = cell._tc.get_or_add_tcPr()
        if rule:
            line = etree.SubElement(properties, qn("a:lnB"), w=str(int(Pt(rule_width))))
            fill = etree.SubElement(line, qn("a:solidFill"))
            etree.SubElement(fill, qn("a:srgbClr"), val=hexadecimal(rule))
        if ground:
            cell.fill.solid()
            cell.fill.fore_color.rgb = rgb(ground)
        else:
            cell.fill.background()
