"""The pack as one HTML file: no script, no outside address, its own content policy, dark and print styles included."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Any

from steerco.report import charts, look, sealing, timeline, words
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
from steerco.report.scene import Scene, hexadecimal, to_svg

SUFFIX = ".html"
MEDIA_TYPE = "text/html; charset=utf-8"
STYLE = Path(__file__).with_name("pack.css")


def write(pack: Pack) -> bytes:
    """UTF-8 bytes of a self-contained page; the same pack gives the same bytes. Raises ValueError on an invalid pack."""
    sealing.validate(pack)
    return _Page(pack).document().encode("utf-8")


def policy(style: str) -> str:
    """Content-Security-Policy of the page: nothing but its own style sheet, named by its hash."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def style_sheet(kind: str) -> str:
    """The style sheet with the palette's values for light and dark and the paper for printing."""

    def variables(dark: bool) -> str:
        values = [f"--{name}:#{hexadecimal(name, dark)}" for name in look.PALETTE]
        values += [f"--series-{n}:#{hexadecimal(f'series-{n}', dark)}" for n in range(len(look.SERIES))]
        return ":root{" + ";".join(values) + "}"

    inks = [*look.PALETTE, *(f"series-{n}" for n in range(len(look.SERIES)))]
    drawn = "".join(f".f-{ink}{{fill:var(--{ink})}}.s-{ink}{{stroke:var(--{ink})}}" for ink in inks)
    widths = "".join(f".w{n}{{width:{n}%}}" for n in range(5, 100, 5))
    paper = "landscape" if kind == "steering" else "portrait"
    return (
        ":root{color-scheme:light dark}"
        + variables(False)
        + "@media screen and (prefers-color-scheme:dark){"
        + variables(True)
        + "}"
        + STYLE.read_text(encoding="utf-8").replace("\n", "")
        + drawn
        + widths
        + f"@page{{size:A4 {paper};margin:14mm}}"
    )


def _safe(text: str) -> str:
    return escape(words.clean(text))


class _Page:
    """One pack on its way to a page; remembers the references it cited."""

    def __init__(self, pack: Pack) -> None:
        self.pack = pack
        self.language = pack.language
        self.references = References(pack.base_url)
        self.chart_width = 640  # what a picture is drawn for, so that its letters keep their size

    def word(self, key: str, **parts: object) -> str:
        return escape(words.word(self.language, key, **parts))

    def document(self) -> str:
        pack, style = self.pack, style_sheet(self.pack.kind)
        title = _safe(pack.title) or "Steerco"
        body = "".join(self.section(number, section) for number, section in enumerate(pack.sections, 1))
        return (
            f'<!DOCTYPE html>\n<html lang="{words.language_of(pack.language)}">\n<head>\n<meta charset="utf-8">\n'
            f'<meta http-equiv="Content-Security-Policy" content="{escape(policy(style))}">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            f'<meta name="referrer" content="no-referrer">\n<meta name="generator" content="Steerco">\n'
            f"<title>{title}</title>\n<style>{style}</style>\n</head>\n<body>\n"
            f'<a class="skip" href="#s1">{self.word("contents")}</a>\n{self.header(title)}\n<main>\n{body}</main>\n'
            f"{self.footer()}\n</body>\n</html>\n"
        )

    def header(self, title: str) -> str:
        pack = self.pack
        subtitle = (
            f'<p class="subtitle" dir="auto">{_safe(pack.subtitle)}</p>' if words.clean(pack.subtitle) else ""
        )
        facts = [
            self.word("as_of", moment=words.moment(self.language, pack.as_of)),
            self.word(
                "made",
                moment=words.moment(self.language, pack.made_at),
                person=words.clean(pack.made_by) or "–",
            ),
            self.word("seal", seal=sealing.seal(pack)[:12]),
        ]
        meta = "".join(f"<span>{fact}</span>" for fact in facts)
        contents = ""
        if len(pack.sections) > 2:
            items = "".join(
                f'<li><a href="#s{number}">{self.title_of(section)}</a></li>'
                for number, section in enumerate(pack.sections, 1)
            )
            contents = f'<nav aria-label="{self.word("contents")}"><ol>{items}</ol></nav>'
        return f'<header><h1 dir="auto">{title}</h1>{subtitle}<p class="meta">{meta}</p>{contents}</header>'

    def title_of(self, section: Section) -> str:
        return _safe(section.title) or "–"

    def section(self, number: int, section: Section) -> str:
        main = "".join(self.block(block) for block in section.blocks)
        content = f'<div class="blocks">{main}</div>'
        if section.aside:
            self.chart_width = 420
            aside = "".join(self.block(block) for block in section.aside)
            self.chart_width = 640
            content = f'<div class="beside">{content}<div class="blocks">{aside}</div></div>'
        note = f'<p class="note" dir="auto">{_safe(section.note)}</p>' if words.clean(section.note) else ""
        heading = f'<h2 dir="auto">{self.title_of(section)}</h2>'
        return f'<section id="s{number}">\n{heading}{content}{note}\n</section>\n'

    def block(self, block: Block) -> str:
        writers: dict[type, Callable[[Any], str]] = {
            Figures: self.figures,
            Verdicts: self.verdicts,
            Prose: self.prose,
            Bullets: self.bullets,
            Table: self.table,
            Chart: self.chart,
            Timeline: self.timeline,
            Matrix: self.matrix,
        }
        return writers[type(block)](block)

    def chip(self, colour: Colour) -> str:
        shape, name = look.HEALTH[colour].shape, escape(words.health_word(self.language, colour))
        return f'<span class="chip {colour.value}"><span aria-hidden="true">{shape}</span> {name}</span>'

    def cited(self, inner: str, address: str) -> str:
        """The escaped text, linked to its evidence or followed by the number of its reference."""
        href, number = self.references.cite(address)
        if href and inner:
            return f'<a href="{escape(href)}" rel="noopener noreferrer">{inner}</a>'
        if number and inner:
            return f'{inner}<sup><a href="#e{number}">[{number}]</a></sup>'
        return inner

    def figures(self, block: Figures) -> str:
        return self.cards([self.figure(figure) for figure in block.figures])

    def cards(self, cards: list[str]) -> str:
        return f'<ul class="cards">{"".join(cards)}</ul>' if cards else ""

    def figure(self, figure: Figure) -> str:
        long = " long" if len(figure.value) > 16 else ""
        chip = self.chip(figure.colour) if figure.colour else ""
        note = f'<p dir="auto">{_safe(figure.note)}</p>' if words.clean(figure.note) else ""
        value = self.cited(_safe(figure.value), figure.evidence)
        return (
            f'<li class="card"><p class="label" dir="auto">{_safe(figure.label)}</p>'
            f'<p class="value{long}" dir="auto">{value}</p>{chip}{note}</li>'
        )

    def verdicts(self, block: Verdicts) -> str:
        verdicts = block.verdicts
        banner = ""
        if block.overall and verdicts:
            first, verdicts = verdicts[0], verdicts[1:]
            banner = (
                f'<div class="banner {first.colour.value}">{self.chip(first.colour)} <span class="declared">'
                f'{_safe(first.label)}</span><p class="sentence" dir="auto">'
                f"{self.cited(_safe(first.sentence), first.evidence)}</p>{self.declared(first)}</div>"
            )
        cards = [
            f'<li class="card"><p class="label" dir="auto">{_safe(verdict.label)}</p>{self.chip(verdict.colour)}'
            f'<p dir="auto">{self.cited(_safe(verdict.sentence), verdict.evidence)}</p>{self.declared(verdict)}</li>'
            for verdict in verdicts
        ]
        return f"<div>{banner}{self.cards(cards)}</div>" if banner or cards else ""

    def declared(self, verdict: Verdict) -> str:
        if verdict.declared is None:
            return ""
        note = f" {_safe(verdict.declared_note)}" if words.clean(verdict.declared_note) else ""
        return f'<p class="declared">{self.word("declared_by_hand")}: {self.chip(verdict.declared)}{note}</p>'

    def prose(self, block: Prose) -> str:
        return "".join(f'<p dir="auto">{_safe(text)}</p>' for text in block.paragraphs if words.clean(text))

    def bullets(self, block: Bullets) -> str:
        items = "".join(
            f'<li dir="auto">{self.cited(_safe(text), address)}</li>'
            for text, address in block.items
            if words.clean(text)
        )
        return f"<ul>{items}</ul>" if items else ""

    def table(self, block: Table) -> str:
        more = f'<p class="more" dir="auto">{_safe(block.more)}</p>' if words.clean(block.more) else ""
        if not block.rows:
            empty = _safe(block.empty) or self.word("nothing")
            return f'<div><p dir="auto">{empty}</p>{more}</div>'
        total = sum(column.width for column in block.columns)
        head = "".join(
            f'<th scope="col" class="w{_percent(column.width / total)}{_side(column)}">{_safe(column.title) or "–"}</th>'
            for column in block.columns
        )
        addresses = block.evidence or ("",) * len(block.rows)
        rows = "".join(self.row(block.columns, row, address) for row, address in zip(block.rows, addresses))
        table = f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
        return f'<div><div class="scroll" tabindex="0">{table}</div>{more}</div>'

    def row(self, columns: tuple[Column, ...], row: tuple[Cell | Colour, ...], address: str) -> str:
        cells = []
        cite_at = next((n for n, value in enumerate(row) if isinstance(value, str) and words.clean(value)), 0)
        for number, (column, value) in enumerate(zip(columns, row)):
            if isinstance(value, Colour):
                text = self.chip(value)
            else:
                text = escape(words.cell(self.language, value, column))
            if number == cite_at:
                text = self.cited(text, address)
            cells.append(f'<td class="{column.kind}{_side(column)}" dir="auto">{text}</td>')
        return f"<tr>{''.join(cells)}</tr>"

    def drawing(self, title: str, scene: Scene, alternative: str, caption: str, data: str) -> str:
        heading = (
            f'<figcaption class="title" dir="auto">{_safe(title)}</figcaption>' if words.clean(title) else ""
        )
        small = f'<p class="caption" dir="auto">{_safe(caption)}</p>' if words.clean(caption) else ""
        picture = f'<div class="scroll" tabindex="0">{to_svg(scene, alternative)}</div>'
        return f"<figure>{heading}{picture}{small}</figure>{data}"

    def chart(self, block: Chart) -> str:
        scene = charts.draw(block, self.chart_width, 280, self.language)
        names = "".join(
            f'<th scope="col" class="right">{_safe(series.name) or "–"}</th>' for series in block.series
        )
        rows = ""
        for position, name in enumerate(block.categories):
            values = [series.values[position] for series in block.series]
            cells = "".join(
                f'<td class="right">{"" if value is None else escape(words.number(self.language, value))}</td>'
                for value in values
            )
            rows += f'<tr><th scope="row">{_safe(name) or "–"}</th>{cells}</tr>'
        head = f'<tr><th scope="col">{self.word("category")}</th>{names}</tr>'
        table = f'<div class="scroll" tabindex="0"><table><thead>{head}</thead><tbody>{rows}</tbody></table></div>'
        data = f"<details><summary>{self.word('data')}</summary>{table}</details>" if rows and names else ""
        alternative = charts.in_words(self.language, block)
        return (
            f'<div class="chart">{self.drawing(block.title, scene, alternative, block.caption, data)}</div>'
        )

    def timeline(self, block: Timeline) -> str:
        scene = timeline.draw(block, 1060, timeline.natural_height(len(block.bars)), self.language)
        keys = ("task", "start", "finish", "baseline_finish", "p80", "done")
        head = "".join(f'<th scope="col">{self.word(key)}</th>' for key in keys)
        rows = ""
        for bar in block.bars:
            days = (bar.start, bar.finish, bar.baseline_finish, bar.p80)
            cells = "".join(
                f"<td>{escape(words.day(self.language, day)) if day else ''}</td>" for day in days
            )
            done = escape(words.cell(self.language, bar.done, Column("", "percent")))
            rows += f'<tr><th scope="row">{_safe(bar.label) or "–"}</th>{cells}<td>{done}</td></tr>'
        table = f'<div class="scroll" tabindex="0"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'
        data = f"<details><summary>{self.word('data')}</summary>{table}</details>" if rows else ""
        alternative = timeline.in_words(self.language, block)
        drawing = self.drawing(block.title, scene, alternative, block.caption, data)
        return f'<div class="timeline">{drawing}</div>'

    def matrix(self, block: Matrix) -> str:
        corner = (
            _safe(" / ".join(filter(None, (words.clean(block.row_title), words.clean(block.column_title)))))
            or "–"
        )
        head = f'<th scope="col">{corner}</th>' + "".join(
            f'<th scope="col">{_safe(name) or "–"}</th>' for name in block.columns
        )
        rows = ""
        for number, name in enumerate(block.rows):
            cells = ""
            for position, colour in enumerate(block.colours[number]):
                inside = "".join(
                    f"<b>{self.cited(_safe(item.label), item.evidence)}</b>"
                    for item in block.items
                    if (item.row, item.column) == (number, position)
                )
                level = f"{look.HEALTH[colour].shape} {words.health_word(self.language, colour)}"
                cells += (
                    f'<td class="{colour.value}">{inside} <span class="level">{escape(level)}</span></td>'
                )
            rows += f'<tr><th scope="row">{_safe(name) or "–"}</th>{cells}</tr>'
        title = f"<caption>{_safe(block.title)}</caption>" if words.clean(block.title) else ""
        table = f'<table class="matrix">{title}<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'
        small = (
            f'<p class="caption" dir="auto">{_safe(block.caption)}</p>' if words.clean(block.caption) else ""
        )
        return f'<div><div class="scroll" tabindex="0">{table}</div>{small}</div>'

    def footer(self) -> str:
        pack = self.pack
        parts = ""
        if self.references.addresses:
            items = "".join(
                f'<li id="e{n}"><code>{_safe(a)}</code></li>'
                for n, a in enumerate(self.references.addresses, 1)
            )
            parts += f"<h2>{self.word('evidence')}</h2><ol>{items}</ol>"
        if pack.sources:
            items = "".join(f'<li dir="auto">{_safe(source)}</li>' for source in pack.sources)
            parts += f"<h2>{self.word('sources')}</h2><ul>{items}</ul>"
        if pack.facts:
            items = "".join(
                f"<li>{_safe(name)}: <code>{_safe(value)}</code></li>" for name, value in pack.facts
            )
            parts += f"<h2>{self.word('computed_from')}</h2><ul>{items}</ul>"
        seal = self.word("seal", seal="")
        return f"<footer>{parts}<p>{seal}<code>{sealing.seal(pack)}</code></p></footer>"


def _percent(part: float) -> int:
    """A column's share rounded to one of the widths the style sheet has."""
    return min(95, max(5, round(part * 20) * 5))


def _side(column: Column) -> str:
    return " right" if words.is_right_aligned(column) else ""
