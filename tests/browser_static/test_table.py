"""A register by keyboard: edit, save, go on, undo, select, without ever losing one's place."""

from __future__ import annotations

import json

import pytest

pytestmark = pytest.mark.browser

WHERE = """() => {
  const cell = document.activeElement.closest('tr[data-ref] > *');
  return cell ? [cell.parentElement.dataset.ref, cell.dataset.field ?? null, Boolean(cell.querySelector('.cell-form'))] : null;
}"""


def where(page):
    """Reference, field and whether it is being edited, of the cell that has the focus."""
    return page.evaluate(WHERE)


def arrives(page, until, ref: str, field: str, editing: bool):
    """The focus comes to a cell once htmx has settled the row that came back."""
    until(
        page,
        f"JSON.stringify(({WHERE})()) === {json.dumps(json.dumps([ref, field, editing], separators=(',', ':')))}",
    )


@pytest.fixture
def table(visit, until):
    page = visit("list")
    until(page, "document.querySelector('table[role=grid]')")
    return page


def focus(page, ref: str, field: str):
    page.focus(f'tr[data-ref="{ref}"] [data-field="{field}"] .cell-edit')


def edit(page, until, ref: str, field: str):
    focus(page, ref, field)
    page.keyboard.press("F2")
    until(page, "document.activeElement.closest('.cell-form')")


def test_one_cell_is_in_the_tab_order_and_arrows_move(table):
    assert table.locator('tbody [tabindex="0"]').count() == 1
    focus(table, "R-1", "probability")
    table.keyboard.press("ArrowDown")
    table.keyboard.press("ArrowRight")
    assert where(table) == ["R-2", "impact", False]
    table.keyboard.press("k")
    assert where(table)[0] == "R-1"
    assert table.locator('tbody [tabindex="0"]').count() == 1


def test_enter_edits_enter_saves_and_the_whole_row_comes_back(table, until, received):
    focus(table, "R-2", "probability")
    table.keyboard.press("Enter")
    until(table, "document.activeElement.name === 'value'")
    table.keyboard.type("80")
    table.keyboard.press("Enter")
    until(table, "document.querySelector('tr[data-ref=\"R-2\"]').textContent.includes('8.8 d')")
    assert received.risks["R-2"]["probability"] == 80
    arrives(table, until, "R-2", "probability", False)
    until(table, "document.querySelector('.toast-success')")


def test_tab_saves_and_edits_the_next_cell(table, until, received):
    edit(table, until, "R-2", "probability")
    table.keyboard.type("70")
    table.keyboard.press("Tab")
    until(table, "document.querySelector('[data-field=impact] .cell-form')")
    assert received.risks["R-2"]["probability"] == 70
    arrives(table, until, "R-2", "impact", True)
    table.keyboard.press("Tab")
    until(table, "document.querySelector('tr[data-ref=\"R-3\"] [data-field=probability] .cell-form')")
    assert len(received.posts) == 1, "an unchanged cell is not sent"


def test_escape_leaves_the_cell_as_it_was(table, until, received):
    edit(table, until, "R-3", "impact")
    table.keyboard.type("99")
    table.keyboard.press("Escape")
    assert where(table) == ["R-3", "impact", False]
    assert received.posts == []
    edit(table, until, "R-3", "impact")


def test_a_refused_value_stays_in_the_cell_with_its_reason(table, until):
    edit(table, until, "R-3", "impact")
    table.keyboard.type("many")
    table.keyboard.press("Enter")
    until(table, "document.querySelector('.cell-form .field-error')")
    assert table.input_value('.cell-form [name="value"]') == "many"
    table.keyboard.press("Escape")
    assert table.locator(".cell-form").count() == 0
    assert where(table) == ["R-3", "impact", False]


def test_a_conflict_opens_with_both_values_and_keeps_the_text(table, until, received):
    received.conflict = True
    edit(table, until, "R-1", "probability")
    table.keyboard.type("35")
    table.keyboard.press("Enter")
    until(table, "document.querySelector('#dialog').open")
    assert "Yours 35" in table.text_content("#dialog")
    assert table.input_value('.cell-form [name="value"]') == "35"


def test_without_a_connection_the_text_is_kept(table, until):
    edit(table, until, "R-1", "probability")
    table.context.set_offline(True)
    table.keyboard.type("35")
    table.keyboard.press("Enter")
    until(table, "document.querySelector('.toast-error')")
    assert table.input_value('.cell-form [name="value"]') == "35"
    assert "still here" in table.text_content(".toast-error")


def test_space_and_shift_select_and_the_bar_counts(table, until):
    focus(table, "R-1", "probability")
    table.keyboard.press("Space")
    assert table.text_content("[data-bulk-count]") == "1"
    table.locator('tr[data-ref="R-4"] input[type=checkbox]').click(modifiers=["Shift"])
    assert table.text_content("[data-bulk-count]") == "4"
    edit(table, until, "R-2", "probability")
    table.keyboard.type("12")
    table.keyboard.press("Enter")
    until(table, "document.querySelector('tr[data-ref=\"R-2\"]').textContent.includes('1.3 d')")
    # A swapped row stays selected.
    until(table, "document.querySelector('tr[data-ref=\"R-2\"]').getAttribute('aria-selected') === 'true'")


def test_o_opens_the_inspector_and_closing_gives_the_row_back(table, until):
    focus(table, "R-3", "impact")
    table.keyboard.press("o")
    until(table, "document.querySelector('#inspector').textContent.includes('GPU quota')")
    assert "is-open" in table.get_attribute('tr[data-ref="R-3"]', "class")
    table.click("[data-close-inspector]")
    assert where(table)[0] == "R-3"


def test_slash_goes_to_the_query_and_question_mark_tells_the_keys(table):
    focus(table, "R-3", "impact")
    table.keyboard.press("?")
    assert table.locator("#keys").is_visible()
    table.keyboard.press("Escape")
    table.keyboard.press("/")
    assert table.evaluate("document.activeElement.name") == "q"
