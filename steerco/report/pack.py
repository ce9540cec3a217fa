"""A pack: everything a report says, frozen, with no database behind it. The same pack gives the same bytes.

A pack is a cover and sections; a section is a title and blocks in reading order. Writers (`to_pptx`, `to_pdf`,
`to_html`, `to_xlsx`) know blocks and nothing else. Every figure carries the address of its evidence.
What can be done with a pack apart from writing it (check, seal, keep, read back) is in `sealing`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

Cell = str | int | float | Decimal | date | datetime | bool | None


class Colour(StrEnum):
    """Health: always written as colour, shape and word together. UNKNOWN is honest, not grey decoration."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Figure:
    """One number somebody will quote: label, formatted value, unit, as-of, and where it comes from."""

    label: str
    value: str  # already formatted for the reader's locale; "Not enough history (3 of 10)" where refused
    note: str = ""  # change since last time, or why there is none
    evidence: str = ""  # relative address of the evidence page
    colour: Colour | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    """A row of key figures."""

    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """A health statement: computed colour and sentence, and the declared one beside it where it differs."""

    label: str  # "Overall", "Schedule"
    colour: Colour
    sentence: str
    evidence: str = ""
    declared: Colour | None = None
    declared_note: str = ""  # reason, owner, expiry


@dataclass(frozen=True, slots=True)
class Verdicts:
    """The health board of one project (dimensions) or of a portfolio (projects)."""

    verdicts: tuple[Verdict, ...]
    overall: bool = False  # the first one is the judgement over all the others and is shown above them


@dataclass(frozen=True, slots=True)
class Prose:
    """Paragraphs of plain text."""

    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Bullets:
    """A short list; each item is (text, evidence address or "")."""

    items: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A table column; `kind` decides alignment and number format: text, number, money, date, percent, health.

    A percent is a fraction (0.23 is written 23 %). A unit belongs into the title ("Exposure, days").
    """

    title: str
    kind: str = "text"
    width: float = 1.0  # relative
    decimals: int | None = None  # None: money and percent 0, number what it needs up to 2


@dataclass(frozen=True, slots=True)
class Table:
    """A native table. Rows longer than a page are continued; `more` says what was left out and where to find it."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell | Colour, ...], ...]
    evidence: tuple[str, ...] = ()  # per row, relative address or ""
    empty: str = ""  # sentence shown instead of an empty table
    more: str = ""


@dataclass(frozen=True, slots=True)
class Series:
    """One line or bar set of a chart."""

    name: str
    values: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Marker:
    """A labelled vertical line on a chart's category axis, as a position between categories (0 is the first)."""

    label: str
    position: float
    kind: str = "neutral"  # committed, p50, p80, today, neutral


@dataclass(frozen=True, slots=True)
class Chart:
    """A native chart where the format has one. `caption` says method and draws.

    kind: column, bar, line, area, stacked; histogram (columns that touch, `shaded` part stronger, one series);
    tornado (bars to both sides of zero, first category on top, series "if better" and "if worse").
    """

    title: str
    kind: str
    categories: tuple[str, ...]
    series: tuple[Series, ...]
    unit: str = ""
    markers: tuple[Marker, ...] = ()
    caption: str = ""
    shaded: tuple[float, float] | None = None  # positions from, to on the category axis


@dataclass(frozen=True, slots=True)
class Bar:
    """One line of a schedule picture: dates as wall-clock moments; p80 and baseline may be missing."""

    label: str
    start: datetime
    finish: datetime
    critical: bool = False
    milestone: bool = False
    done: float = 0.0  # 0..1
    baseline_start: datetime | None = None
    baseline_finish: datetime | None = None
    p80: datetime | None = None
    level: int = 0  # outline depth


@dataclass(frozen=True, slots=True)
class Timeline:
    """A schedule on a page: bars in order, with today's line."""

    title: str
    bars: tuple[Bar, ...]
    today: datetime
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Placed:
    """One item in a matrix: row and column count from 0, top left."""

    label: str
    row: int
    column: int
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class Matrix:
    """A risk matrix: named rows (most likely first) and columns (least impact first), each cell with its colour."""

    title: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    colours: tuple[tuple[Colour, ...], ...]  # rows x columns
    items: tuple[Placed, ...]
    row_title: str = ""  # "Probability"
    column_title: str = ""  # "Impact"
    caption: str = ""


Block = Figures | Verdicts | Prose | Bullets | Table | Chart | Timeline | Matrix


@dataclass(frozen=True, slots=True)
class Section:
    """A slide in a presentation, a heading in a document, a sheet in a workbook: the title is the message."""

    title: str
    blocks: tuple[Block, ...]
    note: str = ""  # method and sources, small print
    aside: tuple[Block, ...] = ()  # shown beside the blocks where the page is wide enough, else after them


@dataclass(frozen=True, slots=True)
class Pack:
    """A sealed report. `as_of` is the data's moment, `made_at` the sealing's; both are part of the seal."""

    kind: str  # weekly, steering
    title: str
    subtitle: str
    as_of: datetime
    made_at: datetime
    made_by: str
    language: str  # "en", "de"
    sections: tuple[Section, ...]
    sources: tuple[str, ...] = ()  # "Jira export sprint-12.csv, 2 days old"
    base_url: str = ""  # prefix of evidence addresses; "" writes them as plain references
    facts: tuple[tuple[str, str], ...] = field(default=())  # fingerprints of what it was computed from
