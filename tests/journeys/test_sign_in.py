"""Coming in: the one-time link, a password of one's own, and a session that ends while somebody writes."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

PASSWORD = "seven ducks in a row 7"


def test_a_one_time_link_leads_to_a_password_the_portfolio_and_a_project(admin, person):
    admin.page.goto("/n/AIINFRA/people/")
    admin.page.get_by_role("row").filter(has_text="Kofi Lang").get_by_role(
        "button", name="Sign-in link"
    ).click()
    link = admin.page.locator(".notice code").inner_text()

    sponsor = person()
    page = sponsor.page
    page.goto(link)
    expect(page.get_by_role("button", name="Continue")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/account/")
    expect(page.get_by_text("You came by a one-time link")).to_be_visible()
    page.get_by_label("New password").fill("short")
    page.get_by_label("New password").evaluate("field => field.removeAttribute('minlength')")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("12")
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".notice-green")).to_have_text("Saved.")

    page.get_by_role("link", name="Steerco").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("AI and Infrastructure")
    row = page.get_by_role("region", name="Projects").get_by_role("row").filter(has_text="Edge vision")
    expect(row).to_contain_text("Red")
    expect(row).to_contain_text("diverges 2 levels")
    row.get_by_role("link", name="Edge vision for Plant 4").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Edge vision for Plant 4")
    expect(page.locator(".verdict-sentence")).to_contain_text("Red")
    expect(page.locator(".verdict-declared")).to_contain_text(
        "The vendor promised the new dates by telephone."
    )

    again = person().page
    again.goto(link)
    again.get_by_role("button", name="Continue").click()
    expect(again.get_by_role("heading", level=1)).to_have_text("This link is spent")
    again.goto("/sign-in/")
    again.get_by_label("E-mail address").fill("kofi@example.org")
    again.get_by_label("Password").fill(PASSWORD)
    again.keyboard.press("Enter")
    expect(again.get_by_role("heading", level=1)).to_have_text("AI and Infrastructure")


def test_what_was_typed_outlives_the_session(project, invited):
    at = project("DRAFTS", "Written twice")
    kim = invited(at, "kim@example.org", "Kim Ode", "Contributor")
    page = kim.page
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".notice-green")).to_be_visible()

    page.goto(f"{at}risks/new")
    page.get_by_label("Title").fill("The lift is too small for the racks")
    page.get_by_label("Cause").fill("Nobody measured the lift.\nThe racks came in one piece.")
    page.get_by_label("Probability").fill("40 %")
    page.get_by_label("Response", exact=True).select_option("avoid")
    kim.context.clear_cookies()
    page.get_by_role("button", name="Save").click()

    page.wait_for_url("**/sign-in/**")
    page.get_by_label("E-mail address").fill("kim@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"**{at}risks/new")
    page.get_by_role("button", name="Bring it back").click()
    expect(page.get_by_label("Title")).to_have_value("The lift is too small for the racks")
    expect(page.get_by_label("Cause")).to_have_value(
        "Nobody measured the lift.\nThe racks came in one piece."
    )
    expect(page.get_by_label("Response", exact=True)).to_have_value("avoid")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The lift is too small for the racks")
    page.goto(f"{at}risks/new")
    expect(page.get_by_role("button", name="Bring it back")).to_have_count(0)


def test_a_cell_edited_after_the_session_ended_keeps_its_text_and_says_so(project, record, invited):
    at = project("ENDED", "Interrupted")
    record(at, "risks", title="The permit is late", probability="20")
    kim = invited(at, "kim.ended@example.org", "Kim Ode", "Contributor")
    kim.page.goto(f"{at}risks/")
    kim.page.get_by_role("button", name="Probability: 20 %, edit").press("Enter")
    kim.page.get_by_role("textbox", name="Probability").fill("35")
    kim.context.clear_cookies()
    kim.page.keyboard.press("Enter")
    expect(kim.page.locator(".toast-error")).to_contain_text("Your session has ended.")
    expect(kim.page.get_by_role("textbox", name="Probability")).to_have_value("35")
    expect(kim.page.get_by_role("heading", name="Sign in")).to_have_count(0)
