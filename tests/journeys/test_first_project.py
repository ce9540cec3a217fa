"""The first project: made from the portfolio, told what to do, and judged as soon as there is work."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.journeys.people import without_reload

pytestmark = pytest.mark.browser


def test_a_new_project_says_what_to_do_and_its_first_work_item_gets_a_verdict(admin):
    page = admin.page
    page.goto("/n/PARTNERS/")
    page.get_by_role("link", name="New project").click()
    page.get_by_role("button", name="Make it").click()
    expect(page.get_by_label("Name")).to_be_focused()  # it is needed
    page.get_by_label("Name").fill("Badge readers for the lab")
    page.get_by_label("Key").fill("BADGES")
    page.get_by_label("Committed finish").fill("2031-03-14")
    page.get_by_role("button", name="Make it").click()
    page.wait_for_url("**/n/BADGES/import/")  # most projects come with a plan

    page.get_by_role("navigation", name="Workspaces and areas").get_by_role("link", name="Overview").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Badge readers for the lab")
    expect(page.get_by_role("heading", name="No work yet")).to_be_visible()
    expect(page.get_by_role("link", name="Import a plan or backlog")).to_be_visible()
    page.get_by_role("main").get_by_role("link", name="New work item").click()
    page.get_by_label("Title").fill("Choose a reader")
    page.get_by_label("Duration").first.fill("3d")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Choose a reader")

    page.goto("/n/BADGES/")
    with without_reload(page):
        expect(page.locator("section.verdict")).to_be_visible()
        expect(page.locator(".dimension").filter(has_text="Schedule")).to_be_visible()
    expect(page.get_by_role("heading", name="No work yet")).to_have_count(0)
