"""What leaves the project: packs that never change, and guests who see what is shared and nothing else."""

from __future__ import annotations

import io

import openpyxl
import pypdf
import pytest
from playwright.sync_api import expect
from pptx import Presentation

pytestmark = pytest.mark.browser


def test_a_pack_is_built_sealed_and_downloads_the_same_bytes_twice(planned, admin):
    page = admin.page
    planned("PACK", "Server room of the north")
    page.get_by_role("link", name="Build a pack").click()
    expect(page.get_by_role("heading", name="No packs yet")).to_be_visible()
    page.get_by_role("button", name="Build and seal").click()
    row = page.get_by_role("row").filter(has_text="Server room of the north")
    expect(row).to_be_visible()
    expect(page.locator(".progress")).to_have_count(0)

    files: dict[str, bytes] = {}
    for form in ("PPTX", "PDF", "HTML", "XLSX"):
        for _again in range(2):
            with page.expect_download() as download:
                row.get_by_role("link", name=form).click()
            content = download.value.path().read_bytes()
            assert files.setdefault(form, content) == content, f"{form} differs the second time"
            assert download.value.suggested_filename.startswith("PACK-weekly-")

    slides = Presentation(io.BytesIO(files["PPTX"])).slides
    words = " ".join(
        shape.text_frame.text for slide in slides for shape in slide.shapes if shape.has_text_frame
    )
    assert "Server room of the north" in words
    assert "Server room of the north" in "".join(
        p.extract_text() for p in pypdf.PdfReader(io.BytesIO(files["PDF"])).pages
    )
    assert "Server room of the north" in files["HTML"].decode()
    book = openpyxl.load_workbook(io.BytesIO(files["XLSX"]))
    assert any(
        "Server room of the north" in str(cell) for sheet in book for line in sheet.values for cell in line
    )


def test_a_guest_sees_what_is_shared_and_nothing_else(project, record, invited):
    at = project("SHARED", "Shared in part")
    record(at, "risks", title="The lift is too small", probability="30", shared="1")
    record(at, "risks", title="The partner may fail", probability="30")
    guest = invited(at, "dora@partner.example.org", "Dora Finn", "Guest")
    page = guest.page
    page.get_by_role("link", name="Steerco").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Shared in part")
    expect(page.get_by_text("You are a guest here: you see what is shared with you.")).to_be_visible()
    page.get_by_role("main").get_by_role("link", name="Risks").click()
    expect(page.locator("#rows tr")).to_have_count(1)
    expect(page.locator("#rows tr")).to_contain_text("The lift is too small")
    expect(page.locator("table.data").locator(".cell-edit, input[type=checkbox]")).to_have_count(0)
    page.get_by_role("link", name="R-1", exact=True).click()
    expect(page.locator("#inspector")).to_contain_text("The lift is too small")
    for path in (f"{at}risks/R-2/", f"{at}gantt/", f"{at}packs/", f"{at}forecast/", "/n/EDGE/", "/n/INFRA/"):
        answer = page.goto(path)
        assert answer is not None and answer.status == 404, path
        expect(page.get_by_role("heading", level=1)).to_have_text("Not found")
    page.keyboard.press("Control+k")
    page.keyboard.type("partner may fail")
    expect(page.get_by_text("Nothing found for “partner may fail”.")).to_be_visible()
