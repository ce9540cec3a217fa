"""The workbook, opened again: real types, native tables and charts, text that looks like a formula stays text."""

import re
import zipfile
from dataclasses import replace
from datetime import datetime
from functools import cache
from io import BytesIO

import pytest
from openpyxl import load_workbook

from steerco.report import to_xlsx
from steerco.report.pack import Column, Section, Table

PACKS = ["steering", "german", "hostile", "bare"]


@pytest.fixture(scope="module")
def book(written):
    return cache(lambda name: load_workbook(BytesIO(written("to_xlsx", name))))


def row_of(sheet, first: str) -> list:
    return next(list(row) for row in sheet.iter_rows() if row[0].value == first)


def test_a_sheet_per_section_after_the_contents(book, steering):
    names = book("steering").sheetnames
    assert names[0] == "Contents"
    assert len(names) == 1 + len(steering.sections)
    assert names[4] == "4 Three decisions are needed; t"


def test_cells_have_their_own_types_and_formats(book):
    _, decision, needed, late, slips, state, evidence = row_of(book("steering").worksheets[4], "D-31")
    assert decision.data_type == "s"
    assert needed.value == datetime(2026, 11, 26)
    assert needed.is_date
    assert (late.value, late.data_type, late.number_format) == (18, "n", "#,##0.0")
    assert (slips.value, slips.number_format) == (0.6, "0 %")
    assert state.value == "■ Red"
    assert evidence.hyperlink.target == "https://steerco.example/p/edge/d/31"


def test_tables_are_native_and_headers_stay_in_sight(book):
    for sheet in book("steering").worksheets[1:]:
        assert sheet.tables
        assert sheet.freeze_panes
    items = book("steering").worksheets[7]
    table = next(iter(items.tables.values()))
    assert table.ref == "A3:F45"
    assert items.freeze_panes == "A4"


def test_charts_are_native(written):
    with zipfile.ZipFile(BytesIO(written("to_xlsx", "steering"))) as archive:
        charts = [name for name in archive.namelist() if re.match(r"xl/charts/chart\d+\.xml", name)]
        assert len(charts) == 6  # five charts and the timeline
        histogram = archive.read("xl/charts/chart1.xml").decode()
        assert "P80 2 Apr" in histogram
        drawings = archive.read("xl/drawings/drawing1.xml").decode()
        assert 'descr="When go-live lands' in drawings


@pytest.mark.parametrize("name", PACKS)
def test_no_text_becomes_a_formula_or_a_foreign_link(name, book):
    for sheet in book(name).worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f", (sheet.title, cell.coordinate)
                if cell.hyperlink and cell.hyperlink.target:
                    assert cell.hyperlink.target.startswith("https://steerco.example/")


def test_a_text_like_a_formula_stays_that_text(book):
    values = [cell.value for sheet in book("hostile").worksheets for row in sheet.iter_rows() for cell in row]
    assert '=cmd|"/c calc"!A1' in values
    assert "<script>alert(1)</script>" in values
    assert "W" * 200 in values


@pytest.mark.parametrize("name", PACKS)
def test_sheet_names_keep_the_rules(name, book):
    names = book(name).sheetnames
    assert len({one.casefold() for one in names}) == len(names)
    assert all(0 < len(one) <= 31 and not re.search(r"[\[\]:*?/\\']", one) for one in names)


def test_table_headers_are_unique_and_not_empty():
    assert to_xlsx.unique(["Due", "due", "Due", "–"]) == ["Due", "due (2)", "Due (3)", "–"]


def test_german_dates_and_words(book):
    opened = book("german")
    assert opened.sheetnames[0] == "Inhalt"
    assert row_of(opened.worksheets[4], "D-31")[2].number_format == "dd.mm.yyyy"
    assert row_of(opened.worksheets[4], "D-31")[5].value == "■ Rot"
    assert row_of(opened.worksheets[4], "D-31")[6].value == "/p/edge/d/31"


def test_values_excel_cannot_hold_are_written_as_text(steering):
    cells = (10**18, datetime(1800, 1, 1), True, None, "x" * 40_000)
    table = Table(tuple(Column(f"c{n}") for n in range(5)), (cells,))
    pack = replace(steering, sections=(Section("Odd", (table,)),))
    big, old, yes, nothing, long = list(
        load_workbook(BytesIO(to_xlsx.write(pack))).worksheets[1].iter_rows()
    )[3][:5]
    assert (big.data_type, big.value) == ("s", "1.000E+18")
    assert old.value == "1 Jan 1800, 00:00"
    assert yes.value is True
    assert nothing.value is None
    assert len(long.value) == 32_767


def test_a_timeline_keeps_every_date(book):
    row = row_of(book("steering").worksheets[3], "Deploy")
    assert row[2].value == datetime(2027, 1, 18, 9) or row[2].value == datetime(2027, 1, 18)
    assert row[6].value is not None
