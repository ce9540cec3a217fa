"""A list grouped, kept as a view for all, opened by a colleague, changed and kept again."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def test_a_grouped_list_is_kept_for_all_and_opens_for_a_colleague(
    project, record, admin, invited, assert_good
):
    at = project("VIEWS", "Kept lists")
    record(at, "risks", title="The permit is late", probability="50", impact_days_likely="4", category="City")
    record(at, "risks", title="The lift is small", probability="50", impact_days_likely="2", category="House")
    record(
        at, "risks", title="The street is closed", probability="50", impact_days_likely="6", response="avoid"
    )
    page = admin.page
    page.goto(f"{at}risks/")
    page.get_by_text("Group", exact=True).click()
    page.locator(".menu[open]").get_by_role("link", name="Response").click()
    groups = page.locator("tr.group")
    expect(groups).to_have_count(2)
    expect(groups.first).to_contain_text("Avoid 1")
    expect(groups.first).to_contain_text("3 d")
    expect(groups.last).to_contain_text("not filled in 2")

    page.get_by_text("Save view", exact=True).click()
    expect(page.get_by_label("Name", exact=True)).to_be_visible()
    assert_good(page)
    page.set_viewport_size({"width": 1280, "height": 800})
    page.get_by_label("Name", exact=True).fill("By response")
    page.get_by_label("Shared with all who read Kept lists").check()
    page.get_by_label("This list opens with it").check()
    page.get_by_role("button", name="Keep it").click()
    views = page.get_by_role("navigation", name="Saved views")
    expect(views.get_by_role("link", name="By response")).to_have_attribute("aria-current", "page")

    kim = invited(at, "kim.views@example.org", "Kim Ode", "Contributor")
    kim.page.goto(f"{at}risks/")
    expect(kim.page.locator("tr.group")).to_have_count(2)
    kim.page.get_by_role("navigation", name="Saved views").get_by_role("link", name="All").click()
    expect(kim.page.locator("tr.group")).to_have_count(0)
    expect(kim.page.locator("#rows tr")).to_have_count(3)

    page.goto(f"{at}risks/")
    page.get_by_label("Query", exact=True).fill("response:avoid")
    page.keyboard.press("Enter")
    expect(page.locator("tr.group")).to_have_count(1)
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_role("button", name="Save changes")).to_have_count(0)
    kim.page.goto(f"{at}risks/")
    expect(kim.page.locator("tr.group")).to_have_count(1)
    expect(kim.page.get_by_text("Edit view", exact=True)).to_have_count(0)

    page.get_by_text("Edit view", exact=True).click()
    page.get_by_role("button", name="Remove this view").click()
    expect(page.get_by_role("status").filter(has_text="no record was changed")).to_be_visible()
    kim.page.goto(f"{at}risks/")
    expect(kim.page.locator("#rows tr")).to_have_count(3)
