"""The pack as slides an executive can edit: native tables and charts, one message per slide, evidence one click away."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from steerco.report import measure, sealing, words
from steerco.report.evidence import References
from steerco.report.pack import Pack, Section
from steerco.report.slides import flow, master
from steerco.report.slides.blocks import text_height
from steerco.report.slides.canvas import Box, Canvas, Run
from steerco.report.steady import instant, steady

SUFFIX = ".pptx"
MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
BESIDE = 0.6  # share of the width that the main column keeps
GUTTER = 24.0
NOTE = 9.0


def write(pack: Pack) -> bytes:
    """Bytes of the presentation; the same pack gives the same bytes. Raises ValueError on an invalid pack."""
    sealing.validate(pack)
    deck = master.new_deck()
    references = References(pack.base_url, absolute=True)
    footer = footer_text(pack)
    _cover(deck, pack, references)
    for section in pack.sections:
        _section(deck, pack, section, references)
    for number, slide in enumerate(deck.slides, 1):
        if number > 1:
            master.add_footer(slide, footer, number)
    _properties(deck, pack)
    out = BytesIO()
    deck.save(out)
    return steady(out.getvalue(), pack.made_at)


def footer_text(pack: Pack) -> str:
    """Title, as-of and short seal, as they stand on every slide."""
    as_of = words.word(pack.language, "as_of", moment=words.moment(pack.language, pack.as_of))
    short = words.word(pack.language, "seal", seal=sealing.seal(pack)[:12])
    title = measure.shorten(words.clean(pack.title) or "Steerco", 9, 360)
    return f"{title}  ·  {as_of}  ·  {short}"


def _cover(deck: Any, pack: Pack, references: References) -> None:
    slide = deck.slides.add_slide(deck.slide_layouts[master.COVER])
    canvas = Canvas(slide, pack.language, references)
    _fill(canvas, slide.shapes.title, words.clean(pack.title) or "Steerco", master.COVER_TITLE, 40, 22, True)
    _fill(canvas, slide.placeholders[1], words.clean(pack.subtitle), master.COVER_SUBTITLE, 20, 14, False)
    language = pack.language
    person = measure.shorten(words.clean(pack.made_by) or "–", 12, 300)
    facts = [
        words.word(language, "as_of", moment=words.moment(language, pack.as_of)),
        words.word(language, "made", moment=words.moment(language, pack.made_at), person=person),
        words.word(language, "seal", seal=sealing.seal(pack)[:12]),
    ]
    canvas.text(Box(88, 330, 800, 60), [[Run(fact, 12, "muted")] for fact in facts], gap=3, name="Facts")
    sources = [words.clean(source) for source in pack.sources if words.clean(source)]
    if sources:
        text = "  ·  ".join(sources)
        heading = words.word(language, "sources")
        canvas.text(Box(88, 420, 800, 14), [[Run(heading, 10, "muted", True)]], name="Sources heading")
        place = Box(88, 436, 800, 62)
        fitted, size = canvas.fitted(text, place, 10, 9)
        canvas.text(place, [[Run(fitted, size, "muted")]], name="Sources")
    lines = [words.word(language, "seal", seal=sealing.seal(pack)), *sources]
    lines += [f"{words.clean(name)}: {words.clean(value)}" for name, value in pack.facts]
    _notes(canvas, "\n".join(lines))


def _fill(
    canvas: Canvas,
    placeholder: Any,
    text: str,
    place: tuple[float, float, float, float],
    largest: float,
    smallest: float,
    bold: bool,
) -> None:
    """Text in a placeholder at a size where it fits; an unused placeholder is taken away."""
    if not text:
        placeholder._element.getparent().remove(placeholder._element)
        return
    fitted, size = canvas.fitted(text, Box(*place), largest, smallest, bold)
    frame = placeholder.text_frame
    frame.text = ""
    frame.word_wrap = True
    ink = "ink" if bold else "muted"
    canvas.run(frame.paragraphs[0], Run(fitted, size, ink, bold))


def _section(deck: Any, pack: Pack, section: Section, references: References) -> None:
    width = master.RIGHT - master.LEFT
    note = words.clean(section.note)
    note_height = min(2 * NOTE * measure.LINE_HEIGHT, text_height(note, NOTE, width)) + 8 if note else 0.0
    height = master.BOTTOM - master.TOP - note_height
    beside = bool(section.aside)
    first = (width - GUTTER) * BESIDE if beside else width
    second = width - GUTTER - first
    main = flow.columns(section.blocks, first, height, pack.language)
    aside = flow.columns(section.aside, second, height, pack.language) if beside else []
    title = words.clean(section.title) or words.clean(pack.title) or "–"
    continued = f" ({words.word(pack.language, 'continued')})"
    for number in range(max(1, len(main), len(aside))):
        slide = deck.slides.add_slide(deck.slide_layouts[master.CONTENT])
        canvas = Canvas(slide, pack.language, references)
        _fill(canvas, slide.shapes.title, title + (continued if number else ""), master.TITLE, 24, 15, True)
        if number < len(main):
            main[number].draw(canvas, Box(master.LEFT, master.TOP, first, height))
        if number < len(aside):
            aside[number].draw(canvas, Box(master.LEFT + first + GUTTER, master.TOP, second, height))
        if note:
            place = Box(master.LEFT, master.BOTTOM - note_height + 6, width, note_height - 6)
            text, size = canvas.fitted(note, place, NOTE, NOTE)
            canvas.text(place, [[Run(text, size, "muted")]], name="Note")
        _notes(canvas, f"{words.word(pack.language, 'method')}: {note}" if note else "")


def _notes(canvas: Canvas, method: str) -> None:
    """Speaker notes: method, addresses of the evidence cited by number, and whatever had to be shortened, in full."""
    parts = [method] if method else []
    if canvas.cited:
        parts.append("\n".join([words.word(canvas.language, "evidence"), *map(words.clean, canvas.cited)]))
    if canvas.shortened:
        parts.append("\n".join([words.word(canvas.language, "shortened"), *canvas.shortened]))
    if parts:
        canvas.slide.notes_slide.notes_text_frame.text = "\n\n".join(parts)


def _properties(deck: Any, pack: Pack) -> None:
    """Document properties; PowerPoint takes at most 255 characters in each."""
    moment = instant(pack.made_at).replace(tzinfo=None)
    properties = deck.core_properties
    properties.title = words.clean(pack.title)[:255]
    properties.subject = words.clean(pack.subtitle)[:255]
    properties.author = properties.last_modified_by = words.clean(pack.made_by)[:255]
    properties.comments = words.word(pack.language, "seal", seal=sealing.seal(pack))
    properties.language = words.language_of(pack.language)
    properties.created = properties.modified = moment
    properties.revision = 1
    properties.keywords = "Steerco"
