"""The pack as a tagged PDF (PDF/UA-1): landscape for a steering committee, portrait for a weekly report."""

from __future__ import annotations

import json
import re
import unicodedata
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import typst

from steerco.report import charts, look, measure, sealing, timeline, words
from steerco.report.evidence import References
from steerco.report.pack import (
    Block,
    Bullets,
    Cell,
    Chart,
    Colour,
    Column,
    Figure,
    Figures,
    Matrix,
    Pack,
    Prose,
    Section,
    Table,
    Timeline,
    Verdict,
    Verdicts,
)
from steerco.report.scene import Scene, to_svg

SUFFIX = ".pdf"
MEDIA_TYPE = "application/pdf"
TEMPLATE = Path(__file__).with_name("pack.typ")
MISSING = "\u25a1"  # stands for a character no shipped font has
LONG_WORD = re.compile(r"\S{31,}")
BREAK = "\u200b"
WIDE, NARROW = 757.0, 493.0  # points between the margins, landscape and portrait
GAP = 20.0

Data = dict[str, Any]


def write(pack: Pack) -> bytes:
    """Bytes of the PDF; the same pack gives the same bytes. Raises ValueError on an invalid pack.

    Only the shipped fonts are used, so that every machine writes the same file: a character that none of them has
    (emoji, Chinese, Japanese, Korean) becomes an empty box here and is kept in the other formats.
    """
    sealing.validate(pack)
    return typst.compile(
        str(TEMPLATE),
        root=str(TEMPLATE.parent),
        font_paths=sorted({str(path.parent) for path in look.font_files()}),
        ignore_system_fonts=True,
        format="pdf",
        pdf_standards=["ua-1"],
        sys_inputs={"pack": json.dumps(_Document(pack).data())},
        timestamp=_instant(pack.made_at),
    )


def _instant(moment: datetime) -> datetime:
    """The moment of sealing as typst wants it; a wall-clock moment counts as UTC."""
    aware = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return aware.replace(microsecond=0)


@cache
def _drawable(character: str) -> str:
    if measure.is_drawable(character):
        return character
    # Joiners, variation selectors and combining marks only shape a neighbour; alone they are nothing.
    return "" if unicodedata.category(character) in ("Cf", "Mn", "Me", "Cc") else MISSING


def printable(text: str) -> str:
    """Clean text in characters the shipped fonts have, with places to break in very long words."""
    drawn = "".join(_drawable(character) for character in words.clean(text))
    return LONG_WORD.sub(lambda found: BREAK.join(re.findall(".{1,3}", found[0])), drawn)


class _Document:
    """One pack on its way to the template's data; remembers the references it cited."""

    def __init__(self, pack: Pack) -> None:
        self.pack = pack
        self.language = pack.language
        self.wide = pack.kind == "steering"
        self.tall = False  # whether a picture has its column to itself
        self.references = References(pack.base_url, absolute=True)

    def data(self) -> Data:
        pack, language = self.pack, self.language
        as_of = words.word(language, "as_of", moment=words.moment(language, pack.as_of))
        made = words.moment(language, pack.made_at)
        full = sealing.seal(pack)
        short = words.word(language, "seal", seal=full[:12])
        title = printable(pack.title) or "Steerco"
        facts = [
            as_of,
            words.word(language, "made", moment=made, person=printable(pack.made_by) or "–"),
            short,
        ]
        sections = [self.section(section) for section in pack.sections]
        return {
            "palette": look.PALETTE,
            "wide": self.wide,
            "lang": words.language_of(language),
            "title": title,
            "author": printable(pack.made_by) or "Steerco",
            "subtitle": printable(pack.subtitle),
            "facts": "  ·  ".join(facts),
            "footer": "  ·  ".join([measure.shorten(title, 7.5, 260), as_of, short]),
            "page": words.word(language, "page", number="{number}", total="{total}"),
            "words": {"declared": words.word(language, "declared_by_hand")},
            "sections": sections,
            "closing": self.closing(),
            "seal": words.word(language, "seal", seal=full),
        }

    def closing(self) -> list[Data]:
        lists = [
            ("evidence", self.references.addresses, True),
            ("sources", self.pack.sources, False),
            ("computed_from", [f"{name}: {value}" for name, value in self.pack.facts], False),
        ]
        return [
            {
                "title": words.word(self.language, key),
                "items": [printable(item) or "–" for item in items],
                "numbered": numbered,
            }
            for key, items, numbered in lists
            if items
        ]

    def section(self, section: Section) -> Data:
        beside = bool(self.wide and section.aside)
        width = WIDE if self.wide else NARROW
        first = (width - GAP) * 0.6 if beside else width
        second = (width - GAP) * 0.4 if beside else width
        self.tall = self.wide and len(section.blocks) == 1
        blocks = [self.block(block, first) for block in section.blocks]
        self.tall = False
        aside = [self.block(block, second) for block in section.aside]
        return {
            "title": printable(section.title) or "–",
            "blocks": [block for block in blocks if block],
            "aside": [block for block in aside if block],
            "note": printable(section.note),
        }

    def block(self, block: Block, width: float) -> Data | None:
        match block:
            case Figures():
                return (
                    {"kind": "figures", "figures": [self.figure(f) for f in block.figures]}
                    if block.figures
                    else None
                )
            case Verdicts():
                return self.verdicts(block)
            case Prose():
                paragraphs = [printable(text) for text in block.paragraphs]
                return {"kind": "prose", "paragraphs": [text for text in paragraphs if text]}
            case Bullets():
                items = [self.cited(text, address) for text, address in block.items if printable(text)]
                return {"kind": "bullets", "items": items} if items else None
            case Table():
                return self.table(block)
            case Chart():
                height = min(width * 0.66, 300) if self.tall else min(width * 0.5, 230 if self.wide else 200)
                scene = charts.draw(block, width, height, self.language)
                return self.picture(block, scene, charts.in_words(self.language, block))
            case Timeline():
                return self.timeline(block, width)
            case Matrix():
                return self.matrix(block)

    def health(self, colour: Colour | None) -> Data | None:
        if colour is None:
            return None
        health = look.HEALTH[colour]
        word = words.health_word(self.language, colour)
        return {"shape": health.shape, "ink": health.ink, "ground": health.ground, "word": word}

    def cited(self, text: str, address: str) -> Data:
        shown = printable(text)
        href, number = self.references.cite(address) if shown else (None, None)
        return {"text": shown, "href": href, "number": number, "health": None}

    def figure(self, figure: Figure) -> Data:
        return {
            "label": printable(figure.label),
            "value": self.cited(figure.value, figure.evidence),
            "long": measure.width(words.clean(figure.value), 16, True) > 100,
            "health": self.health(figure.colour),
            "note": printable(figure.note),
        }

    def verdicts(self, block: Verdicts) -> Data | None:
        if not block.verdicts:
            return None
        verdicts = [self.verdict(verdict) for verdict in block.verdicts]
        overall = verdicts.pop(0) if block.overall else None
        return {"kind": "verdicts", "overall": overall, "verdicts": verdicts}

    def verdict(self, verdict: Verdict) -> Data:
        return {
            "label": printable(verdict.label),
            "health": self.health(verdict.colour),
            "sentence": self.cited(verdict.sentence, verdict.evidence),
            "declared": self.health(verdict.declared),
            "note": printable(verdict.declared_note),
        }

    def table(self, block: Table) -> Data:
        addresses = block.evidence or ("",) * len(block.rows)
        rows = []
        for row, address in zip(block.rows, addresses):
            cells = []
            cite_at = next(
                (n for n, value in enumerate(row) if type(value) is str and printable(value)), None
            )
            for number, (column, value) in enumerate(zip(block.columns, row)):
                text = "" if isinstance(value, Colour) else words.cell(self.language, value, column)
                cell = self.cited(text, address if number == cite_at else "")
                cells.append({**cell, "health": self.health(value) if isinstance(value, Colour) else None})
            rows.append(cells)
        return {
            "kind": "table",
            "widths": self.widths(block),
            "sides": [words.is_right_aligned(column) for column in block.columns],
            "titles": [printable(column.title) or "–" for column in block.columns],
            "rows": rows,
            "empty": printable(block.empty) or words.word(self.language, "nothing"),
            "more": printable(block.more),
        }

    def widths(self, block: Table) -> list[Data]:
        """Health and dates never wrap; the other columns share what is left."""
        found: list[Data] = []
        for number, column in enumerate(block.columns):
            points = None
            if column.kind in ("health", "date"):
                shown = [self.cell_width(row[number], column) for row in block.rows]
                points = min(110.0, max([40.0, *shown]) + 12)
            found.append({"points": points, "share": column.width})
        return found

    def cell_width(self, value: Cell | Colour, column: Column) -> float:
        if isinstance(value, Colour):
            return measure.width(words.health_word(self.language, value), 8, True) + 22
        return 0.0 if isinstance(value, str) else measure.width(words.cell(self.language, value, column), 9.5)

    def picture(self, block: Chart | Timeline, scene: Scene, alternative: str) -> Data:
        return {
            "kind": "picture",
            "title": printable(block.title),
            "svg": "".join(_drawable(character) for character in to_svg(scene, "")),
            "width": scene.width,
            "alt": printable(alternative),
            "caption": printable(block.caption),
        }

    def timeline(self, block: Timeline, width: float) -> Data:
        # A picture can't break over pages: long plans are squeezed to the page, the workbook holds every date.
        most = 370.0 if self.wide else 560.0
        scene = timeline.draw(block, width, timeline.natural_height(len(block.bars), most), self.language)
        return self.picture(block, scene, timeline.in_words(self.language, block))

    def matrix(self, block: Matrix) -> Data:
        corner = " / ".join(filter(None, (printable(block.row_title), printable(block.column_title))))
        rows = []
        for number, name in enumerate(block.rows):
            cells = [
                {
                    "health": self.health(colour),
                    "items": [
                        self.cited(item.label, item.evidence)
                        for item in block.items
                        if (item.row, item.column) == (number, position)
                    ],
                }
                for position, colour in enumerate(block.colours[number])
            ]
            rows.append({"title": printable(name) or "–", "cells": cells})
        return {
            "kind": "matrix",
            "title": printable(block.title),
            "corner": corner or "–",
            "columns": [printable(name) or "–" for name in block.columns],
            "rows": rows,
            "caption": printable(block.caption),
        }
