"""Slides, opened again: native tables and charts, titles, evidence, notes, nothing outside its box."""

import zipfile
from functools import cache
from io import BytesIO

import pytest
from openpyxl import load_workbook
from pptx import Presentation
from pptx.enum.shapes import MSO_SHAPE_TYPE
from pptx.util import Pt

from steerco.report import measure
from steerco.report.sealing import seal

PACKS = ["steering", "german", "hostile", "bare"]


@pytest.fixture(scope="module")
def deck(written):
    return cache(lambda name: Presentation(BytesIO(written("to_pptx", name))))


def leaves(shapes):
    for shape in shapes:
        if shape.shape_type == MSO_SHAPE_TYPE.GROUP:
            yield from leaves(shape.shapes)
        else:
            yield shape


def said(slide) -> str:
    parts = [shape.text_frame.text for shape in leaves(slide.shapes) if shape.has_text_frame]
    for shape in slide.shapes:
        if shape.has_table:
            parts += [cell.text_frame.text for row in shape.table.rows for cell in row.cells]
    return "\n".join(parts)


def test_slides_are_wide_and_open_with_their_message(deck, steering):
    slides = deck("steering").slides
    titles = [slide.shapes.title.text_frame.text for slide in slides]
    assert titles[0] == steering.title
    assert [title for title in titles[1:] if "continued" not in title] == [s.title for s in steering.sections]
    assert (deck("steering").slide_width, deck("steering").slide_height) == (Pt(960), Pt(540))


def test_tables_and_charts_are_native(deck):
    slides = deck("steering").slides
    charts = [shape.chart for slide in slides for shape in slide.shapes if shape.has_chart]
    assert len(charts) == 5
    histogram = charts[0].plots[0]
    assert histogram.categories[0] == "24 Feb"
    assert tuple(histogram.series[0].values)[:2] == (48.0, 108.0)
    assert not any(
        shape.shape_type == MSO_SHAPE_TYPE.PICTURE for slide in slides for shape in leaves(slide.shapes)
    )
    workbook = load_workbook(BytesIO(charts[0].part.chart_workbook.xlsx_part.blob))
    assert [cell.value for cell in workbook.active[2]] == ["24 Feb", 48]


def test_a_long_table_goes_on_with_its_header(deck):
    tables = [s.table for slide in deck("steering").slides for s in slide.shapes if s.has_table]
    items = [table for table in tables if table.cell(0, 0).text_frame.text == "Item"]
    assert len(items) > 1
    refs = [row.cells[0].text_frame.text for table in items for row in list(table.rows)[1:]]
    assert refs == [f"T-{n}" for n in range(1, 43)]


def test_health_is_shape_and_word(deck):
    text = "\n".join(said(slide) for slide in deck("steering").slides)
    for sign in ("●\u00a0Green", "▲\u00a0Amber", "■\u00a0Red", "◌\u00a0Unknown"):
        assert sign in text
    assert "■\u00a0Rot" in said(deck("german").slides[1])


def test_a_declared_colour_stands_beside_the_computed_one(deck):
    text = said(deck("steering").slides[1])
    assert "Declared by a person" in text
    assert "vendor promised dates" in text


def test_the_footer_says_as_of_seal_and_page(deck, steering):
    for number, slide in enumerate(list(deck("steering").slides)[1:], 2):
        text = said(slide)
        assert "As of 20 Nov 2026, 08:00 UTC" in text
        assert seal(steering)[:12] in text
        assert f"\n{number}" in text


def links(slide) -> list[str]:
    return [rel.target_ref for rel in slide.part.rels.values() if rel.is_external]


def test_evidence_is_one_click_away(deck):
    slide = deck("steering").slides[1]
    assert "https://steerco.example/p/edge/evidence/overall" in links(slide)
    assert len(links(slide)) == 9


def test_without_a_server_evidence_is_numbered_and_listed_in_the_notes(deck):
    slide = deck("german").slides[1]
    assert not links(slide)
    assert "[1]" in said(slide)
    assert "[1] /p/edge/evidence/overall" in slide.notes_slide.notes_text_frame.text


def test_hostile_addresses_become_no_links(deck):
    found = [link for slide in deck("hostile").slides for link in links(slide)]
    assert all(link.startswith("https://steerco.example/") for link in found)


def test_notes_carry_the_method(deck):
    assert "three-point estimates" in deck("steering").slides[2].notes_slide.notes_text_frame.text


def test_pictures_and_tables_have_alternative_texts(deck):
    for name in ("steering", "bare"):
        for slide in deck(name).slides:
            for shape in slide.shapes:
                if shape.has_chart or shape.has_table or shape.shape_type == MSO_SHAPE_TYPE.GROUP:
                    assert shape._element.xpath(".//p:cNvPr")[0].get("descr")


def test_the_timeline_is_drawn_with_native_shapes(deck):
    group = next(s for s in deck("steering").slides[3].shapes if s.shape_type == MSO_SHAPE_TYPE.GROUP)
    texts = [shape.text_frame.text for shape in group.shapes if shape.has_text_frame]
    assert "Plant go-live" in texts
    assert "today 20 Nov 2026" in texts
    assert len(group.shapes) > 60


@pytest.mark.parametrize("name", PACKS)
def test_every_shape_lies_on_its_slide(name, deck):
    opened = deck(name)
    for number, slide in enumerate(opened.slides, 1):
        for shape in leaves(slide.shapes):
            where = (
                number,
                shape.name,
                [round(v / 12700) for v in (shape.left, shape.top, shape.width, shape.height)],
            )
            assert shape.left >= -12700 and shape.top >= -12700, where
            assert shape.left + shape.width <= opened.slide_width + 12700, where
            assert shape.top + shape.height <= opened.slide_height + 12700, where
            if shape.shape_type != MSO_SHAPE_TYPE.PLACEHOLDER:
                assert shape.top + shape.height <= Pt(502), where


@pytest.mark.parametrize("name", PACKS)
def test_every_text_fits_its_box(name, deck):
    """Lines are counted anew from the runs as written; the writer's own layout is not asked."""
    for number, slide in enumerate(deck(name).slides, 1):
        for shape in leaves(slide.shapes):
            if not shape.has_text_frame or shape.is_placeholder:
                continue
            height = frame_height(shape.text_frame, shape.width / 12700)
            assert height <= shape.height / 12700 + 2, (number, shape.name, shape.text_frame.text, height)
        for shape in slide.shapes:
            if shape.has_table:
                for row in shape.table.rows:
                    for cell, column in zip(row.cells, shape.table.columns):
                        inside = (column.width - cell.margin_left - cell.margin_right) / 12700
                        needed = (
                            frame_height(cell.text_frame, inside)
                            + (cell.margin_top + cell.margin_bottom) / 12700
                        )
                        assert needed <= row.height / 12700 + 2, (number, cell.text_frame.text, needed)


def frame_height(frame, width: float) -> float:
    total = 0.0
    for paragraph in frame.paragraphs:
        size = max([run.font.size.pt for run in paragraph.runs if run.font.size], default=0.0)
        bold = any(run.font.bold for run in paragraph.runs)
        lines = 0
        for part in "".join(run for run in parts(paragraph)).split("\v"):
            lines += len(measure.wrap(part, size, width, bold)) if frame.word_wrap else 1
        total += lines * size * measure.LINE_HEIGHT + (
            paragraph.space_before.pt if paragraph.space_before else 0
        )
    return total


def parts(paragraph):
    """Runs as text; the small reference numbers count with what they take at their own size."""
    largest = max((run.font.size.pt for run in paragraph.runs if run.font.size), default=1.0)
    for node in paragraph._p:
        if node.tag.endswith("}br"):
            yield "\v"
        elif node.tag.endswith("}r"):
            run = next(r for r in paragraph.runs if r._r is node)
            small = run.font.size and run.font.size.pt < largest * 0.9
            yield "\u00a0" + "i" * (len(run.text) - 1) if small else run.text


def test_what_had_to_be_shortened_stands_in_the_notes(deck):
    notes = [s.notes_slide.notes_text_frame.text for s in deck("hostile").slides if s.has_notes_slide]
    assert any("W" * 200 in note for note in notes)


def test_workbooks_inside_charts_hold_no_formula(written):
    with zipfile.ZipFile(BytesIO(written("to_pptx", "hostile"))) as archive:
        books = [name for name in archive.namelist() if name.endswith(".xlsx")]
        assert len(books) == 5
        for name in books:
            for row in load_workbook(BytesIO(archive.read(name))).active.iter_rows():
                assert all(cell.data_type != "f" for cell in row)


def test_the_deck_knows_two_layouts_and_our_colours(deck):
    opened = deck("steering")
    assert [layout.name for layout in opened.slide_layouts] == ["Cover", "Message and content"]
    assert opened.core_properties.title == "Edge vision for Plant 4"
