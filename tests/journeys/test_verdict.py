"""What a change does to the verdict: the forecast moves before one's eyes, and a person may declare otherwise."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from playwright.sync_api import expect

from tests.journeys.people import computed, without_reload
from tests.journeys.plans import next_monday

pytestmark = pytest.mark.browser


def test_a_risk_edited_in_the_list_moves_the_forecast_and_the_overview_names_it(admin):
    page = admin.page
    page.goto("/n/EDGE/risks/")
    strip = page.locator("#pulse")
    expect(strip).to_contain_text("P80")
    before = strip.locator("strong").inner_text()
    health = strip.locator(".health").inner_text()
    with without_reload(page):
        # By keyboard: down to R-2, right to its probability, edit, type, save.
        page.get_by_role("link", name="R-1", exact=True).focus()
        row = page.locator("tr[data-ref=R-2]")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowRight")
        expect(row.get_by_role("button", name="Probability: 50 %, edit")).to_be_focused()
        page.keyboard.press("Enter")
        expect(row.get_by_role("textbox", name="Probability")).to_be_focused()
        page.keyboard.type("99")
        page.keyboard.press("Enter")

        expect(row.get_by_role("button", name="Probability: 99 %, edit")).to_be_focused()
        expect(row.locator("[data-field=exposure_days]")).to_have_text("6.9 d")  # 0.99 of 7 days
        expect(page.locator(".toast")).to_contain_text("R-2 saved.")
        expect(page.locator(".toast").get_by_role("button", name="Undo")).to_be_visible()
        expect(strip.get_by_role("status")).to_have_text("recomputing …")

        expect(strip.locator("strong")).not_to_have_text(before)
        expect(strip).to_contain_text(re.compile(r"P80 [+].* days, mostly R-2"))
        expect(strip.locator(".health")).to_have_text(health)  # red it was and red it stays

    page.goto("/n/EDGE/")
    moved = page.locator("section").filter(has=page.get_by_role("heading", name="What moved it"))
    expect(moved).to_contain_text(re.compile(r"R-2.*probability 50 % → 99 %: P80 [+][\d.]+ d"))
    expect(moved.get_by_role("link", name="R-2")).to_have_attribute("href", "/n/EDGE/risks/R-2/")


def test_undo_from_the_toast_takes_the_forecast_back(planned, record, admin):
    at = planned("UNDO", "Taken back", committed_finish=f"{next_monday() + timedelta(days=14):%Y-%m-%d}")
    record(at, "risks", title="The lorry breaks down", probability="10", impact_days_likely="20")
    page = admin.page
    page.goto(f"{at}risks/")
    strip = page.locator("#pulse")
    expect(strip.get_by_role("status")).to_have_count(0)
    p80, health = strip.locator("strong"), strip.locator(".health")
    expect(p80).to_contain_text("P80")
    before = p80.inner_text(), health.inner_text()
    page.get_by_role("button", name="Probability: 10 %, edit").click()
    expect(page.get_by_role("textbox", name="Probability")).to_be_focused()
    page.keyboard.type("90")
    page.keyboard.press("Enter")
    expect(p80).not_to_have_text(before[0])
    expect(health).to_have_text("Red")
    page.locator(".toast").get_by_role("button", name="Undo").click()
    expect(page.get_by_role("button", name="Probability: 10 %, edit")).to_be_visible()
    expect(p80).to_have_text(before[0])
    expect(health).to_have_text(before[1])


def test_the_overview_follows_a_change_made_elsewhere_without_a_reload(planned, record, admin):
    at = planned("FOLLOW", "Followed", committed_finish=f"{next_monday() + timedelta(days=14):%Y-%m-%d}")
    page = admin.page
    computed(page, at)
    expect(page.locator("#pulse").get_by_role("status")).to_have_count(0)
    with without_reload(page):
        record(at, "risks", title="The floor is too weak", probability="95", impact_days_likely="30")
        page.evaluate("document.body.dispatchEvent(new Event('stale'))")  # what a saved cell tells the strip
        expect(page.locator("section.verdict-red")).to_be_visible()
        expect(page.get_by_role("table").filter(has_text="The floor is too weak")).to_be_visible()


def test_green_declared_over_red_stands_beside_it_with_reason_and_end(planned, admin):
    yesterday = next_monday() - timedelta(days=3)
    at = planned("CLAIM", "Claimed green", committed_finish=f"{yesterday:%Y-%m-%d}")
    page = admin.page
    expect(page.locator("section.verdict-red")).to_be_visible()
    page.get_by_role("link", name="Declare a status").click()
    page.get_by_label("Title").fill("Under control")
    page.get_by_label("Colour").select_option("green")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("Reason is needed.")
    page.get_by_label("Reason").fill("The customer takes the room in two parts.")
    page.get_by_label("Expires on").fill(f"{date.today() + timedelta(days=20):%Y-%m-%d}")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Under control")

    page.goto(at)
    declared = page.locator(".verdict-declared")
    expect(declared).to_contain_text("Declared by Administrator")
    expect(declared).to_contain_text("diverges 2 levels")
    expect(declared).to_contain_text("The customer takes the room in two parts.")
    expect(declared).to_contain_text(f"expires {date.today() + timedelta(days=20):%-d %b %Y}")
    expect(page.locator("section.verdict-red .verdict-sentence")).to_contain_text("Red")
    page.goto("/n/INFRA/")
    row = page.get_by_role("region", name="Projects").get_by_role("row").filter(has_text="Claimed green")
    expect(row.locator(".health-red")).to_be_visible()
    expect(row.locator(".health-green")).to_be_visible()
    expect(row).to_contain_text("diverges 2 levels")
