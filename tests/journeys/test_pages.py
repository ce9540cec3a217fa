"""Every page, as it stands in the filled example: usable by everyone, light and dark, on a phone, and without a fault."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.people import Person, Watch
from tests.journeys.plans import mspdi

pytestmark = pytest.mark.browser

# Address, and what must be there before the page is looked at.
PAGES = {
    "portfolio": ("/n/AIINFRA/", "figure.is-drawn"),
    "overview": ("/n/EDGE/", "figure.is-drawn"),
    "plan": ("/n/EDGE/gantt/", "[role=treegrid] [role=row]"),
    "forecast": ("/n/EDGE/forecast/", "figure.is-drawn"),
    "readings": ("/n/EDGE/evidence/", "table.data"),
    "what changed": ("/n/EDGE/changes/", "h1"),
    "list": ("/n/EDGE/risks/", "#rows tr"),
    "list across projects": ("/n/AIINFRA/risks/?sort=title", "#rows tr"),
    "list with a query gone wrong": ("/n/EDGE/risks/?q=status:open wonder:yes", ".chip-problem"),
    "list where nothing matches": ("/n/EDGE/risks/?q=zzz", ".empty"),
    "empty list": ("/n/PUMPS/datasets/", ".empty"),
    "record": ("/n/EDGE/risks/R-1/", ".facts"),
    "form": ("/n/EDGE/risks/R-1/edit", "form.form"),
    "import": ("/n/EDGE/import/", "form.form"),
    "packs": ("/n/EDGE/packs/", "h1"),
    "people": ("/n/EDGE/people/", "table.data"),
    "settings": ("/n/EDGE/settings/", "form.form"),
    "custom fields": ("/n/EDGE/fields/", "form.form"),
    "new project": ("/n/AIINFRA/add/", "form.form"),
    "account": ("/account/", "form.form"),
    "search": ("/search/?q=camera", "table.data"),
    "my work": ("/my/", "h1"),
    "not found": ("/n/NOWHERE/", ".empty"),
}


@pytest.mark.parametrize("name", PAGES)
def test_everyone_can_use_the_page(name: str, admin: Person, assert_good: Callable[[Page], None]) -> None:
    path, ready = PAGES[name]
    admin.page.goto(path)
    expect(admin.page.locator(ready).first).to_be_visible()
    assert_good(admin.page)


def test_everyone_can_open_the_evidence_of_a_figure(
    admin: Person, assert_good: Callable[[Page], None]
) -> None:
    admin.page.goto("/n/EDGE/evidence/")
    admin.page.get_by_role("link", name="Exposure in days").click()
    expect(admin.page.get_by_text("Fingerprint of the inputs")).to_be_visible()
    assert_good(admin.page)


def test_everyone_can_correct_a_form(admin: Person, assert_good: Callable[[Page], None]) -> None:
    page = admin.page
    page.goto("/n/EDGE/risks/new")
    page.get_by_label("Probability").fill("very likely")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("2 things to correct")
    page.get_by_role("link", name="Probability must be a number, not “very likely”.").click()
    expect(page.get_by_label("Probability")).to_be_focused()
    expect(page.get_by_label("Probability")).to_have_value("very likely")
    assert_good(page)


def test_everyone_can_use_inspector_cell_bulk_bar_and_keys(
    admin: Person, assert_good: Callable[[Page], None]
) -> None:
    page = admin.page
    page.goto("/n/EDGE/risks/")
    page.get_by_role("link", name="R-3", exact=True).click()
    expect(page.locator("#inspector .facts")).to_be_visible()
    page.locator("tr[data-ref=R-4] input[type=checkbox]").check()
    expect(page.get_by_role("toolbar", name="Change the selected rows")).to_be_visible()
    page.locator("tr[data-ref=R-5]").get_by_role("button", name="Probability").click()
    expect(page.get_by_role("textbox", name="Probability")).to_be_focused()
    assert_good(page)
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    assert_good(page)


def test_everyone_can_settle_a_conflict(
    project: Callable[..., str],
    record: Callable[..., str],
    admin: Person,
    assert_good: Callable[[Page], None],
) -> None:
    at = project("CLASH", "Both at once")
    record(at, "risks", title="The permit is late", probability="20")
    page = admin.page
    page.goto(f"{at}risks/R-1/edit")
    admin.post(f"{at}risks/R-1/edit", version="1", title="The building permit is late")
    page.get_by_label("Title").fill("The permit is very late")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("R-1 was changed meanwhile")
    assert_good(page)


def test_everyone_can_read_a_dry_run_and_a_receipt(
    project: Callable[..., str], admin: Person, assert_good: Callable[[Page], None]
) -> None:
    at, page = project("DRY", "Looked at first"), admin.page
    file = {"name": "plan.xml", "mimeType": "application/xml", "buffer": mspdi()}
    page.goto(admin.post(f"{at}import/", files={"file": file}).url)
    expect(page.get_by_role("button", name="Take it in")).to_be_visible()
    assert_good(page)
    page.get_by_role("button", name="Take it in").click()
    page.wait_for_url("**/import/*/")
    assert_good(page)
    page.goto(f"{at}import/")
    assert_good(page)


def test_everyone_can_come_in_and_a_guest_can_look_around(
    project: Callable[..., str],
    record: Callable[..., str],
    person: Any,
    invited: Any,
    assert_good: Callable[[Page], None],
) -> None:
    outside = person().page
    outside.goto("/sign-in/")
    assert_good(outside)
    outside.get_by_label("E-mail address").fill("nobody@example.org")
    outside.get_by_label("Password").fill("not the right one")
    outside.get_by_role("button", name="Sign in").click()
    expect(outside.get_by_role("alert")).to_be_visible()
    assert_good(outside)
    outside.goto("/sign-in/once/spent/")
    outside.get_by_role("button", name="Continue").click()
    expect(outside.get_by_role("heading", name="This link is spent")).to_be_visible()
    assert_good(outside)

    at = project("GUESTS", "Open house")
    record(at, "risks", title="The lift is too small", probability="30", shared="1")
    guest = invited(at, "gil@partner.example.org", "Gil Bonnet", "Guest").page
    guest.goto(at)
    expect(guest.get_by_role("main").get_by_role("link", name="Risks")).to_be_visible()
    assert_good(guest)


def test_the_watch_hears_of_scripts_the_policy_refuses_and_of_errors(
    new_context: Any, example_site: Any
) -> None:
    watch, context = Watch(), new_context(base_url=example_site.url)
    watch.over(context)
    page = context.new_page()
    page.goto("/sign-in/")
    page.evaluate("""() => {
      document.head.append(Object.assign(document.createElement("script"), { textContent: "window.got = true" }));
      setTimeout(() => { throw new Error("planted"); });
    }""")
    page.wait_for_timeout(200)
    assert page.evaluate("window.got") is None
    assert any("Content Security Policy" in fault for fault in watch.faults), watch.faults
    assert any("planted" in fault for fault in watch.faults), watch.faults
