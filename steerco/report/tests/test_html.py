"""The page, parsed again: one file, no script, a policy that holds, every text escaped, every picture described."""

import base64
import hashlib
import os
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

PACKS = ["steering", "german", "hostile", "bare"]
VOID = {"meta", "br", "link", "img", "input", "hr", "col"}
PATIENCE_MILLISECONDS = 120_000
SHAPES = {"rect", "polyline", "polygon"}


class Tree(HTMLParser):
    """Elements with attributes, text by element, and proof that tags are balanced."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict]] = []
        self.texts: list[tuple[str, str]] = []
        self.open: list[str] = []
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        assert len(dict(attributes)) == len(attributes), "an attribute twice"
        self.elements.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        assert tag in SHAPES
        self.elements.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append((self.open[-1] if self.open else "", data))

    def all(self, tag: str) -> list[dict]:
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture(scope="module")
def page(written):
    return lambda name: written("to_html", name).decode("utf-8")


@pytest.mark.parametrize("name", PACKS)
def test_nothing_can_run_and_nothing_is_fetched(name, page):
    tree = Tree(page(name))
    assert {tag for tag, _ in tree.elements} <= {
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "header",
        "main",
        "footer",
        "nav",
        "section",
        "div",
        "span",
        "p",
        "ul",
        "ol",
        "li",
        "h1",
        "h2",
        "a",
        "code",
        "table",
        "caption",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "figure",
        "figcaption",
        "svg",
        "rect",
        "text",
        "polyline",
        "polygon",
        "details",
        "summary",
        "sup",
        "b",
    }
    for tag, attributes in tree.elements:
        assert not any(
            key.startswith("on") or key in ("style", "src", "srcset", "srcdoc") for key in attributes
        )
        if "href" in attributes:
            assert tag == "a"
            assert attributes["href"].startswith(("https://steerco.example/", "#"))


@pytest.mark.parametrize("name", PACKS)
def test_the_policy_names_exactly_the_style_sheet(name, page):
    text = page(name)
    style = re.search(r"<style>(.*?)</style>", text, re.DOTALL)[1]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = next(
        m["content"] for m in Tree(text).all("meta") if m.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy.startswith(f"default-src 'none'; style-src 'sha256-{digest}'")
    assert "unsafe" not in policy
    assert "url(" not in style and "@import" not in style


def test_hostile_texts_are_shown_as_they_are(page):
    texts = [text for _, text in Tree(page("hostile")).texts]
    assert "<script>alert(1)</script>" in texts
    assert any("&amp; ]]> -->" in text for text in texts)
    assert not any("\u202e" in text or "\x07" in text for text in texts)


def test_identifiers_are_unique_and_internal_links_arrive(page):
    for name in PACKS:
        tree = Tree(page(name))
        ids = [attributes["id"] for _, attributes in tree.elements if "id" in attributes]
        assert len(ids) == len(set(ids))
        targets = [a["href"][1:] for a in tree.all("a") if a.get("href", "").startswith("#")]
        assert set(targets) <= set(ids)


def test_language_headings_and_tables_are_marked(page, steering):
    tree = Tree(page("german"))
    assert tree.all("html")[0]["lang"] == "de"
    assert len(tree.all("h1")) == 1
    assert [text for tag, text in tree.texts if tag == "h2"][: len(steering.sections)] == [
        s.title for s in steering.sections
    ]
    assert all(head.get("scope") in ("col", "row") for head in tree.all("th"))


def test_pictures_are_inline_and_described(page):
    pictures = Tree(page("steering")).all("svg")
    assert len(pictures) == 6
    assert all(picture["role"] == "img" and picture["aria-label"] for picture in pictures)
    assert "committed 12 Mar" in pictures[0]["aria-label"]


def test_health_is_shape_and_word(page):
    chips = re.findall(
        r'<span class="chip (\w+)"><span aria-hidden="true">(.)</span> (\w+)</span>', page("german")
    )
    assert {
        ("green", "●", "Grün"),
        ("amber", "▲", "Gelb"),
        ("red", "■", "Rot"),
        ("unknown", "◌", "Unbekannt"),
    } <= set(chips)


def test_dark_and_print_styles_are_included(page):
    assert "prefers-color-scheme:dark" in page("steering")
    assert "@media print" in page("steering")
    assert "A4 landscape" in page("steering")
    assert "A4 portrait" in page("weekly")


def test_evidence_is_linked_or_listed(page):
    assert any(a["href"] == "https://steerco.example/p/edge/d/31" for a in Tree(page("steering")).all("a"))
    assert '<li id="e1"><code>/p/edge/evidence/overall</code></li>' in page("german")


@pytest.mark.browser
def test_a_browser_finds_no_fault(page, tmp_path):
    """The policy is obeyed, a phone needs no sideways scrolling, axe is content in light and dark."""
    chromium = os.environ.get("STEERCO_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    assert chromium, "no Chromium: install it, or set STEERCO_CHROMIUM to its path"
    axe = Path(__file__).parents[3].joinpath("tests/vendor/axe-core/axe.min.js").read_text(encoding="utf-8")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=chromium, args=["--no-sandbox"], timeout=PATIENCE_MILLISECONDS
        )
        for name in ("weekly", "hostile"):
            (tmp_path / f"{name}.html").write_text(page(name), encoding="utf-8")
            phone = browser.new_page(viewport={"width": 390, "height": 844})
            complaints: list[str] = []
            phone.on("console", lambda message, complaints=complaints: complaints.append(message.text))
            phone.goto((tmp_path / f"{name}.html").as_uri())
            assert phone.evaluate("document.documentElement.scrollWidth") <= 390
            assert complaints == []
        for scheme in ("light", "dark"):
            desk = browser.new_page(
                viewport={"width": 1440, "height": 900}, color_scheme=scheme, bypass_csp=True
            )
            desk.goto((tmp_path / "weekly.html").as_uri())
            desk.evaluate(axe)
            found = desk.evaluate("axe.run(document, {resultTypes: ['violations']})")
            assert [violation["id"] for violation in found["violations"]] == []
        browser.close()
