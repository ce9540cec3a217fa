"""Bringing a plan: looked at first, taken in whole, the same again changes nothing; then moved by keyboard."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.people import without_reload
from tests.journeys.plans import SMALL, Task, mspdi

pytestmark = pytest.mark.browser

# Pixels of the drawn plan in a colour: red is the critical path, blue what may wait.
COUNT = """(canvas) => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  let [red, blue] = [0, 0];
  for (let at = 0; at < data.length; at += 4) {
    const [r, g, b] = [data[at], data[at + 1], data[at + 2]];
    if (r > 150 && g < 70 && b < 70) red += 1;
    if (b > 180 && r < 130) blue += 1;
  }
  return { red, blue };
}"""


def drawn(page: Page) -> dict[str, int]:
    expect(page.get_by_role("treegrid")).to_be_visible()
    return page.locator("[data-gantt] canvas").evaluate(COUNT)


def choose(page: Page, at: str, path) -> None:
    page.goto(f"{at}import/")
    page.get_by_label("File").set_input_files(path)
    page.get_by_role("button", name="Look at it first").click()


def test_a_plan_is_looked_at_taken_in_and_the_same_again_changes_nothing(project, admin, tmp_path):
    at, page = project("IMPORT", "Brought along"), admin.page
    plan = tmp_path / "server room.xml"
    plan.write_bytes(mspdi())
    choose(page, at, plan)
    expect(page.get_by_text("Nothing has been written yet.")).to_be_visible()
    row = page.get_by_role("row", name=re.compile("^work.items", re.I)).first
    expect(row.get_by_role("cell").first).to_have_text("4")
    expect(page.get_by_role("heading", name="What was understood")).to_be_visible()
    expect(page.get_by_role("heading", name="Mapped", exact=False)).to_be_visible()
    page.goto(f"{at}work-items/")
    expect(page.get_by_role("heading", name="No work items yet")).to_be_visible()

    choose(page, at, plan)
    page.get_by_role("button", name="Take it in").click()
    page.wait_for_url("**/import/*/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Receipt: server room.xml")
    expect(
        page.get_by_role("row", name=re.compile("^work.items", re.I)).get_by_role("cell").first
    ).to_have_text("4")
    page.goto(f"{at}gantt/")
    expect(page.get_by_role("row", name="Order the racks")).to_be_visible()
    page.goto(at)
    expect(page.locator("section.verdict")).to_be_visible()
    page.goto(f"{at}gantt/")
    assert drawn(page)["red"] > 200, "the critical path is drawn in red"
    assert drawn(page)["blue"] > 50, "what has float is drawn in blue"

    choose(page, at, plan)
    row = page.get_by_role("row", name=re.compile("^work.items", re.I)).first
    expect(row.get_by_role("cell")).to_have_text(["0", "0", "4", "0", "0", "0"])


def test_a_later_version_of_the_plan_says_what_differs_and_what_is_gone(planned, admin, tmp_path):
    at, page = planned("LATER", "Second version"), admin.page
    plan = tmp_path / "plan.xml"
    plan.write_bytes(mspdi([Task(1, "Order the racks", 7), SMALL[1], SMALL[3], Task(5, "Paint the door", 1)]))
    choose(page, at, plan)
    row = page.get_by_role("row", name=re.compile("^work.items", re.I)).first
    # new: the door; changed: the order and what follows it; gone: the handbook
    expect(row.get_by_role("cell").nth(0)).to_have_text("1")
    expect(row.get_by_role("cell").nth(4)).to_have_text("1")
    expect(page.get_by_label("archive the record that is gone from the file")).not_to_be_checked()
    page.get_by_label("archive the record that is gone from the file").check()
    page.get_by_role("button", name="Take it in").click()
    page.wait_for_url("**/import/*/")
    page.goto(f"{at}work-items/")
    expect(page.get_by_text("Paint the door")).to_be_visible()
    expect(page.get_by_text("Write the handbook")).to_have_count(0)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("cut.xml", mspdi()[:900], r"cut\.xml"),
        ("empty.csv", b"", r"empty\.csv"),
        ("photo.pdf", b"%PDF-1.4\n%%EOF", r"photo\.pdf"),
    ],
)
def test_a_file_that_cannot_be_read_says_which_why_and_what_to_do(admin, tmp_path, name, content, says):
    page = admin.page
    path = tmp_path / name
    path.write_bytes(content)
    choose(page, "/n/PUMPS/", path)
    refusal = page.get_by_role("alert")
    expect(refusal).to_contain_text("Nothing was taken in.")
    expect(refusal).to_contain_text(re.compile(says))
    assert len(refusal.inner_text().split(". ")) >= 3, "what, why, and what to do"
    expect(page.get_by_role("link", name="Choose another file")).to_be_visible()


def test_a_bar_is_moved_by_keyboard_with_its_consequence_shown_before(planned, admin):
    at, page = planned("MOVE", "Moved by hand"), admin.page
    page.goto(f"{at}gantt/")
    grid = page.get_by_role("treegrid")
    order = grid.get_by_role("row").filter(has_text="Order the racks")
    mount = grid.get_by_role("row").filter(has_text="Mount the racks")
    before = mount.inner_text()
    consequence = page.locator(".gantt-consequence")
    order.click()

    page.keyboard.press("Alt+Shift+ArrowRight")
    expect(consequence).to_have_text("T-1: finish +1 d, 2 items move")
    page.keyboard.press("Escape")
    expect(consequence).to_have_text("")
    expect(mount).to_have_text(before, use_inner_text=True)

    page.keyboard.press("Alt+Shift+ArrowRight")
    page.keyboard.press("Alt+Shift+ArrowRight")
    expect(consequence).to_have_text("T-1: finish +2 d, 2 items move")
    with without_reload(page):
        page.keyboard.press("Enter")
        toast = page.locator(".toast").filter(has_text="T-1 moved.")
        expect(toast).to_be_visible()
        expect(mount).not_to_have_text(before, use_inner_text=True)
    toast.get_by_role("button", name="Undo").click()
    expect(mount).to_have_text(before, use_inner_text=True)
    page.goto(f"{at}work-items/T-1/")
    expect(page.locator(".timeline").filter(has_text="undo")).to_have_count(1)


def test_f8_goes_to_the_next_problem_and_names_it(planned, record, admin):
    at, page = planned("PROBLEM", "With a deadline missed"), admin.page
    page.goto(f"{at}work-items/T-2/edit")
    page.get_by_role("textbox", name="Deadline").fill("2026-01-05T17:00")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Mount the racks")
    page.goto(f"{at}gantt/")
    pulse = page.locator("#pulse")
    expect(pulse).to_contain_text("P80")
    expect(pulse.get_by_role("status")).to_have_count(0)
    page.reload()
    page.get_by_role("treegrid").get_by_role("row").filter(has_text="Write the handbook").click()
    page.keyboard.press("F8")
    expect(page.locator(".gantt-consequence")).to_contain_text(re.compile("T-[12]: is .* working days late"))
