"""The PDF, opened again: tagged, in its language, with bookmarks of its fonts and every word to be found."""

from dataclasses import replace
from functools import cache
from io import BytesIO

import pytest
from pypdf import PdfReader

from steerco.report import to_pdf


@pytest.fixture(scope="module")
def reader(written):
    return cache(lambda name: PdfReader(BytesIO(written("to_pdf", name))))


def tags(node, found=None) -> list:
    found = [] if found is None else found
    node = node.get_object() if hasattr(node, "get_object") else node
    if isinstance(node, list):
        for child in node:
            tags(child, found)
    elif isinstance(node, dict):
        if "/S" in node and "/K" in node:
            found.append((node["/S"], node.get("/Alt")))
        if "/K" in node:
            tags(node["/K"], found)
    return found


@pytest.mark.parametrize("name", ["steering", "german", "hostile", "bare"])
def test_it_is_tagged_and_names_its_language(name, reader):
    root = reader(name).trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/StructTreeRoot"]
    assert root["/Lang"] == ("de" if name == "german" else "en")
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert b"<pdfuaid:part>1</pdfuaid:part>" in root["/Metadata"].get_data()


def test_structure_has_headings_tables_and_described_figures(reader, steering):
    found = tags(reader("steering").trailer["/Root"]["/StructTreeRoot"])
    kinds = [kind for kind, _ in found]
    assert kinds.count("/H1") + kinds.count("/H2") >= len(steering.sections)
    assert kinds.count("/Table") == 4
    assert kinds.count("/TH") >= 6 + 4 + 6
    figures = [alternative for kind, alternative in found if kind == "/Figure"]
    assert len(figures) == 6
    assert all(figures)
    assert "P80 2 Apr" in figures[0]


def test_text_is_found_with_umlauts_and_shapes(reader):
    text = "\n".join(page.extract_text() for page in reader("german").pages)
    for part in (
        "Prüfstraße Süd: Größe, Maß und Übergabe",
        "Stand 20.11.2026, 08:00 UTC",
        "Siegel",
        "Seite 1 von",
    ):
        assert part in text, part
    for sign in ("●\u00a0Grün", "▲\u00a0Gelb", "■\u00a0Rot", "◌\u00a0Unbekannt"):
        assert sign.replace("\u00a0", " ") in text.replace("\u00a0", " "), sign


def test_fonts_are_ours_and_embedded(reader):
    names = set()
    for page in reader("german").pages:
        for font in page["/Resources"].get("/Font", {}).values():
            names.add(font.get_object()["/BaseFont"].split("+")[-1])
    assert names
    assert all(name.startswith(("LiberationSans", "DejaVuSans")) for name in names)


def test_a_table_repeats_its_header_on_each_page(reader):
    pages = [page.extract_text() for page in reader("steering").pages]
    with_items = [text for text in pages if "Install and check node" in text]
    assert len(with_items) > 1
    assert all("Left, days" in text for text in with_items)


def test_steering_lies_and_weekly_stands(reader):
    assert reader("steering").pages[0].mediabox.width > reader("steering").pages[0].mediabox.height
    assert reader("weekly").pages[0].mediabox.width < reader("weekly").pages[0].mediabox.height


def uris(pages) -> list[str]:
    found = []
    for page in pages:
        for annotation in page.get("/Annots", []):
            action = annotation.get_object().get("/A", {})
            if "/URI" in action:
                found.append(action["/URI"])
    return found


def test_evidence_is_linked_or_listed(reader):
    assert "https://steerco.example/p/edge/d/31" in uris(reader("steering").pages)
    assert uris(reader("german").pages) == []
    last = reader("german").pages[-1].extract_text()
    assert "Nachweise" in last
    assert "/p/edge/evidence/overall" in last


def test_markup_in_texts_is_only_text(reader):
    opened = reader("hostile")
    text = "\n".join(page.extract_text() for page in opened.pages[:4])
    assert "<script>alert(1)</script>" in text
    assert "#panic()" in text
    assert all(link.startswith("https://steerco.example/") for link in uris(opened.pages))
    assert opened.pages[0].mediabox.width > 800  # "#set page(width: 1cm)" was not obeyed


def test_properties_come_from_the_pack(reader):
    assert reader("steering").metadata.title == "Edge vision for Plant 4"
    assert reader("steering").metadata["/CreationDate"].startswith("D:20261120093000")


def test_missing_glyphs_become_a_box_and_joiners_nothing():
    assert to_pdf.printable("a漢b🚀\U000e0067") == "a□b□"
    assert to_pdf.printable("Größe ●▲■◌ שלום مرحبا κ≥→") == "Größe ●▲■◌ שלום مرحبا κ≥→"


def test_long_words_may_break():
    assert to_pdf.printable("W" * 40).replace(to_pdf.BREAK, "") == "W" * 40
    assert to_pdf.BREAK in to_pdf.printable("W" * 40)
    assert to_pdf.BREAK not in to_pdf.printable("Donaudampfschifffahrt")


def test_the_sealing_moment_is_written_in_utc(bare):
    naive = to_pdf.write(bare)
    assert PdfReader(BytesIO(naive)).metadata["/CreationDate"].startswith("D:20260105080000")
    assert naive == to_pdf.write(replace(bare))
