"""The look holds in both themes and on a phone: readable, accessible, inside the policy, nothing hanging out."""

from __future__ import annotations

from pathlib import Path

import pytest

pytestmark = pytest.mark.browser

AXE = (Path(__file__).resolve().parents[1] / "vendor/axe-core/axe.min.js").read_text()
PAGES = ("overview", "list", "components", "charts", "signin", "plan?items=200&links=300")
DRAWN = {
    "plan?items=200&links=300": "document.querySelector('[data-gantt]').gantt",
    "charts": "document.querySelectorAll('.chart.is-drawn svg').length === 6",
    "overview": "document.querySelectorAll('.chart.is-drawn svg').length === 1",
}

# (text, surface it stands on)
PAIRS = [
    *[
        (text, on)
        for text in ("text", "muted", "faint")
        for on in ("page", "surface", "sunken", "raised", "hover")
    ],
    *[(text, "selected") for text in ("text", "muted")],
    *[(level, f"{level}-soft") for level in ("green", "amber", "red", "unknown", "info")],
    *[(level, "surface") for level in ("green", "amber", "red", "accent")],
    ("text", "info-soft"),
    ("text", "amber-soft"),
    ("text", "red-soft"),
    ("accent", "page"),
    ("on-accent", "accent-fill"),
    ("on-accent", "accent-fill-hover"),
    ("on-inverse", "inverse"),
    ("on-inverse-muted", "inverse"),
]
MARKS = [
    (mark, on)
    for mark in (
        "control",
        "focus",
        "green-mark",
        "amber-mark",
        "red-mark",
        "unknown-mark",
        "series-1",
        "series-2",
        "series-3",
    )
    for on in ("surface", "page")
]

RATIO = """(pairs) => {
  const probe = document.body.appendChild(document.createElement('span'));
  const light = (name) => {
    probe.style.color = `var(--${name})`;
    const parts = getComputedStyle(probe).color.match(/[\\d.]+/g).slice(0, 3).map((part) => part / 255)
      .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
  };
  return pairs.map(([a, b]) => { const [x, y] = [light(a), light(b)].sort((p, q) => q - p); return (x + 0.05) / (y + 0.05); });
}"""


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_token_keeps_its_contrast(visit, theme):
    page = visit("signin", theme=theme)
    for pairs, least in ((PAIRS, 4.5), (MARKS, 3.0)):
        ratios = page.evaluate(RATIO, pairs)
        weak = [f"{a} on {b}: {ratio:.2f}" for (a, b), ratio in zip(pairs, ratios) if ratio < least]
        assert weak == []


def violations(page, **options) -> list:
    """What axe finds: rule and the first elements it is about."""
    result = page.evaluate("(options) => axe.run(options)", options)
    return [(one["id"], [node["html"][:140] for node in one["nodes"]][:3]) for one in result["violations"]]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_accessible_and_within_the_policy(visit, until, path):
    page = visit(path)
    if path in DRAWN:
        until(page, DRAWN[path])
    page.evaluate(AXE)
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    assert violations(page, runOnly=tags) == []
    page.emulate_media(color_scheme="dark")
    assert violations(page, runOnly=["color-contrast"]) == [], "in the dark theme"
    page.set_viewport_size({"width": 390, "height": 844})
    page.wait_for_timeout(150)
    assert violations(page, runOnly=["target-size", "color-contrast", "scrollable-region-focusable"]) == [], (
        "on a phone"
    )
    assert page.evaluate("document.documentElement.scrollWidth") <= 390, (
        "the page scrolls sideways on a phone"
    )
    assert page.errors == []
    assert page.evaluate("violations") == []


def test_the_drawer_opens_without_script(chromium, site):
    context = chromium.new_context(viewport={"width": 390, "height": 844}, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site[0]}/overview")
    assert not page.locator("#sidebar").is_visible()
    page.click(".drawer-button")
    assert page.locator("#sidebar").is_visible()
    page.keyboard.press("Escape")
    assert not page.locator("#sidebar").is_visible()
    context.close()


def test_a_chart_without_script_is_its_table(chromium, site):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site[0]}/charts")
    assert page.locator(".chart-table").first.is_visible()
    context.close()


def test_paper_is_light_and_without_the_shell(visit):
    page = visit("overview", theme="dark")
    page.emulate_media(media="print", color_scheme="dark")
    assert not page.locator("#sidebar").is_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
