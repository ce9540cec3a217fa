"""Changing records: two people at once, many rows at once, one's own columns and filters."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.people import without_reload

pytestmark = pytest.mark.browser


def test_the_second_of_two_sees_yours_theirs_and_before_and_retypes_nothing(project, record, invited, admin):
    at = project("TABLE", "A table for two")
    record(at, "risks", title="The permit is late", probability="20", impact_days_likely="4")
    kim = invited(at, "kim.table@example.org", "Kim Ode", "Contributor")
    kim.page.goto(f"{at}risks/")
    kim.page.get_by_role("button", name="Probability: 20 %, edit").press("Enter")
    field = kim.page.get_by_role("textbox", name="Probability")
    expect(field).to_be_focused()

    admin.page.goto(f"{at}risks/")
    admin.page.get_by_role("button", name="Probability: 20 %, edit").press("Enter")
    admin.page.get_by_role("textbox", name="Probability").fill("30")
    admin.page.keyboard.press("Enter")
    expect(admin.page.get_by_role("button", name="Probability: 30 %, edit")).to_be_visible()

    field.fill("45")
    kim.page.keyboard.press("Enter")
    dialog = kim.page.get_by_role("dialog")
    expect(dialog.get_by_role("heading")).to_have_text("R-1 was changed meanwhile")
    row = dialog.get_by_role("row").filter(has_text="Probability")
    expect(row.locator(".yours")).to_contain_text("45 %")
    expect(row.locator(".theirs")).to_contain_text("30 %")
    expect(row.locator(".base")).to_contain_text("20 %")
    expect(dialog).to_contain_text("Administrator changed R-1")
    row.get_by_label("45 %").check()
    dialog.get_by_role("button", name="Keep what is chosen").click()
    expect(kim.page.get_by_role("button", name="Probability: 45 %, edit")).to_be_visible()


def test_changes_of_different_fields_are_merged_by_one_click(project, record, invited, admin):
    at = project("MERGE", "Both are right")
    record(at, "risks", title="The permit is late", probability="20", impact_days_likely="4")
    kim = invited(at, "kim.merge@example.org", "Kim Ode", "Contributor")
    kim.page.goto(f"{at}risks/R-1/edit")
    kim.page.get_by_label("Response plan").fill("Ask the city every Monday.")

    admin.page.goto(f"{at}risks/")
    admin.page.get_by_role("button", name="Title: The permit is late, edit").press("Enter")
    admin.page.get_by_role("textbox", name="Title").fill("The building permit is late")
    admin.page.keyboard.press("Enter")
    expect(admin.page.get_by_role("button", name="Title: The building permit is late, edit")).to_be_visible()

    kim.page.get_by_role("button", name="Save").click()
    expect(
        kim.page.get_by_text("You changed different fields: both can be kept as they are.")
    ).to_be_visible()
    kim.page.get_by_role("button", name="Keep both").click()
    expect(kim.page.get_by_role("heading", level=1)).to_have_text("The building permit is late")
    expect(kim.page.locator(".facts").first).to_contain_text("Ask the city every Monday.")


def test_many_rows_change_after_a_preview_and_come_back_by_undo(project, record, admin):
    at = project("BULK", "Many at once")
    for number in range(1, 6):
        record(
            at, "risks", title=f"Risk number {number}", probability="10", impact_days_likely=str(10 - number)
        )
    page = admin.page
    page.goto(f"{at}risks/")
    page.locator("tr[data-ref=R-1] input[type=checkbox]").focus()
    page.keyboard.press("Space")
    page.locator("tr[data-ref=R-4] input[type=checkbox]").click(modifiers=["Shift"])
    bar = page.get_by_role("toolbar", name="Change the selected rows")
    expect(bar.get_by_role("button")).to_have_text(re.compile(r"Preview change of\s+4…"))
    bar.get_by_label("Field").select_option(label="Response")
    bar.get_by_role("combobox", name="Response").select_option("mitigate")
    bar.get_by_role("button").click()

    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("heading")).to_have_text("Change response of 4 rows")
    expect(dialog.locator("tbody tr")).to_have_count(4)
    expect(dialog.locator("tbody tr").first).to_contain_text("Mitigate")
    expect(page.locator("#rows [data-field=response]").filter(has_text="Mitigate")).to_have_count(0)
    dialog.get_by_role("button", name=re.compile("^Change 4 ")).click()
    expect(page.locator("#rows [data-field=response]").filter(has_text="Mitigate")).to_have_count(4)

    toast = page.locator(".toast").filter(has_text="4 rows changed.")
    toast.get_by_role("button", name="Undo").click()
    expect(page.locator("#rows [data-field=response]").filter(has_text="Mitigate")).to_have_count(0)


def test_a_bulk_change_that_breaks_a_rule_changes_nothing_and_says_which(project, record, admin):
    at = project("RULE", "Rules hold")
    for number in range(1, 3):
        record(at, "risks", title=f"Risk number {number}", probability="10", impact_days_likely="2")
    page = admin.page
    page.goto(f"{at}risks/")
    page.get_by_label("Select all rows shown").check()
    bar = page.get_by_role("toolbar", name="Change the selected rows")
    bar.get_by_label("Field").select_option(label="Status")
    bar.get_by_role("combobox", name="Status").select_option("closed")
    bar.get_by_role("button").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("alert")).to_contain_text("Nothing was changed.")
    expect(dialog.get_by_role("button", name=re.compile("^Change 2 "))).to_have_count(0)
    dialog.get_by_role("button", name="Cancel").click()
    expect(page.locator("#rows [data-field=status]").filter(has_text="Open")).to_have_count(2)


def test_chosen_columns_stay_through_sorting_filtering_and_editing(project, record, admin):
    at = project("COLUMNS", "Own columns")
    record(at, "risks", title="The permit is late", probability="20", impact_days_likely="4", category="City")
    page = admin.page
    page.goto(f"{at}risks/")
    page.get_by_text("Columns", exact=True).click()
    menu = page.locator("details.menu[open]")
    for box in menu.get_by_role("checkbox").all():
        box.set_checked(box.get_attribute("value") in {"title", "category", "probability"})
    menu.get_by_role("button", name="Show these").click()
    heads = page.locator("table.data thead th:not(.select)")
    chosen = ["Ref", "Title", "Category", "Probability"]
    expect(heads).to_have_text(chosen)
    page.get_by_role("link", name="Probability").click()
    expect(page.locator("th[aria-sort]")).to_have_text("Probability")
    expect(heads).to_have_text(chosen)
    page.get_by_label("Query", exact=True).fill("category:city")
    page.keyboard.press("Enter")
    expect(page.locator(".chip")).to_contain_text("category:city")
    expect(heads).to_have_text(chosen)
    with without_reload(page):
        page.get_by_role("button", name="Category: City, edit").press("Enter")
        page.get_by_role("textbox", name="Category").fill("City hall")
        page.keyboard.press("Enter")
        expect(page.get_by_role("button", name="Category: City hall, edit")).to_be_focused()
        expect(page.locator("tr[data-ref=R-1] > *")).to_have_count(5)  # box, reference and the three
    page.get_by_text("Export", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV, as shown").click()
    text = download.value.path().read_text(encoding="utf-8-sig")
    assert text.splitlines()[0].split(",") == chosen
    page.get_by_role("link", name="Remove filter category:city").click()
    expect(heads).to_have_text(chosen)


def test_a_query_with_a_mistake_explains_itself_and_the_rest_still_holds(project, record, admin):
    at = project("QUERY", "Asked oddly")
    record(at, "risks", title="The permit is late", probability="20")
    record(at, "risks", title="The lift is small", probability="70")
    page = admin.page
    page.goto(f"{at}risks/")
    page.get_by_role("link", name="R-1", exact=True).focus()
    page.keyboard.press("/")
    expect(page.get_by_label("Query", exact=True)).to_be_focused()
    page.keyboard.type("probability>=50% wonder:yes")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="wonder")).to_contain_text("is no field here. Try:")
    expect(page.locator("#rows tr")).to_have_count(1)
    expect(page.locator("#rows tr")).to_contain_text("The lift is small")
    page.get_by_role("link", name="Remove filter wonder:yes").click()
    expect(page.get_by_role("status").filter(has_text="wonder")).to_have_count(0)
    expect(page.locator(".chip")).to_have_count(1)
    page.get_by_role("link", name="Remove filter probability>=50%").click()
    expect(page.locator("#rows tr")).to_have_count(2)
    expect(page.locator(".chip")).to_have_count(0)


def test_the_palette_finds_by_words_and_by_reference_and_goes_there(project, record, admin):
    at = project("FIND", "Found by words")
    record(at, "risks", title="Zinc whiskers under the raised floor", probability="20")
    page = admin.page
    page.goto(at)
    page.keyboard.press("Control+k")
    palette = page.get_by_role("combobox", name="Search or do anything")
    expect(palette).to_be_focused()
    page.keyboard.type("whiskers floor")
    option = page.get_by_role("option").filter(has_text="Zinc whiskers under the raised floor")
    expect(option).to_have_count(1)
    expect(page.get_by_role("option")).to_have_count(1)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{at}risks/R-1/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Zinc whiskers under the raised floor")

    page.goto("/n/EDGE/")
    page.keyboard.press("Control+k")
    expect(palette).to_be_focused()
    page.keyboard.type("FIND/R-1")
    expect(page.get_by_role("option", selected=True)).to_contain_text("Zinc whiskers")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{at}risks/R-1/")
