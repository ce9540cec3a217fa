"""What every page has: theme, palette, toasts with undo, drafts that survive."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser


def test_the_chosen_theme_is_kept(visit, site):
    page = visit("overview")
    page.click("details.menu > summary")
    page.click("[data-theme-choice=dark]")
    assert page.get_attribute("[data-theme-choice=dark]", "aria-pressed") == "true"
    page.goto(f"{site[0]}/list")
    assert page.get_attribute("html", "data-theme") == "dark"
    assert page.evaluate("getComputedStyle(document.body).colorScheme") == "dark"


def test_the_palette_finds_and_goes(visit, until):
    page = visit("overview")
    until(page, "document.querySelector('[aria-pressed]')")
    page.keyboard.press("Control+k")
    page.keyboard.type("gpu")
    until(page, "document.querySelectorAll('.palette [role=option]').length === 1")
    assert page.get_attribute(".palette input", "aria-activedescendant") == "palette-0"
    page.keyboard.press("Enter")
    page.wait_for_url("**/r/R-3/")


def test_a_toast_offers_undo_and_asks_the_server(visit, until, received):
    page = visit("overview")
    until(page, "document.querySelector('[aria-pressed]')")
    page.evaluate("document.body.addEventListener('undone', (event) => event.preventDefault())")
    page.evaluate(
        "document.body.dispatchEvent(new CustomEvent('toast', {bubbles: true, detail: {text: '<b>R-1</b> deleted', kind: 'success', undo_url: '/undo'}}))"
    )
    assert "<b>R-1</b> deleted" in page.text_content(".toast"), "text is text, never markup"
    page.click(".toast .link-button")
    until(page, "!document.querySelector('.toast')")
    page.wait_for_timeout(100)
    assert [path for path, _ in received.posts] == ["/undo"]


def test_what_was_typed_is_offered_again(visit, until, site):
    page = visit("components")
    until(page, "document.querySelector('[aria-pressed]')")
    page.fill("#id_title", "Camera order slips")
    page.check("[name=shared]")
    page.wait_for_timeout(500)
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(f"{site[0]}/components")
    page.click("text=Bring it back")
    assert page.input_value("#id_title") == "Camera order slips"
    assert page.is_checked("[name=shared]")


def test_leaving_with_unsaved_words_asks_first(visit, until, site):
    page = visit("components")
    until(page, "document.querySelector('[aria-pressed]')")
    page.click("#id_title")
    page.keyboard.type("Camera")
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.goto(f"{site[0]}/overview")
    assert asked == ["beforeunload"]
