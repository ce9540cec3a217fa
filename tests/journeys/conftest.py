"""Journeys through the running product: people, projects and records of their own in one shared example site."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.people import Person, Watch, computed, invite
from tests.journeys.plans import mspdi

PATIENCE = 60_000  # milliseconds; the worker computes meanwhile, and other tests may keep the machine busy

WIDER = """() => [...document.querySelectorAll("main *")].filter((one) => one.getBoundingClientRect().right > innerWidth + 1)
  .slice(0, 5).map((one) => `${one.tagName}.${one.className}`)"""


@pytest.fixture(scope="session", autouse=True)
def _patience() -> None:
    expect.set_options(timeout=PATIENCE)


@pytest.fixture
def watch() -> Iterator[Watch]:
    """Fails the test at its end when a page of it had faults."""
    watched = Watch()
    yield watched
    assert not watched.faults, "pages had faults:\n" + "\n".join(watched.faults)


@pytest.fixture
def person(new_context: Callable[..., Any], example_site: Any, watch: Watch) -> Callable[..., Person]:
    """`person()` opens a browser of its own, signed out; `person(state)` one with a session; `more` as Playwright's."""

    def enter(state: Path | None = None, **more: Any) -> Person:
        context = new_context(base_url=example_site.url, storage_state=state, **more)
        context.set_default_timeout(PATIENCE)
        watch.over(context)
        return Person(context, context.new_page())

    return enter


@pytest.fixture
def admin(person: Callable[..., Person], signed_in_state: Path) -> Person:
    """The first administrator."""
    return person(signed_in_state)


@pytest.fixture
def project(admin: Person) -> Callable[..., str]:
    """`project("ROOM", "Server room")` makes a project in the example's portfolio and gives its address."""

    def make(key: str, name: str, **fields: str) -> str:
        admin.post("/n/INFRA/add/", kind="project", key=key, name=name, currency="EUR", **fields)
        return f"/n/{key}/"

    return make


@pytest.fixture
def record(admin: Person) -> Callable[..., str]:
    """`record("/n/ROOM/", "risks", title="…")` makes a record and gives its reference."""

    def make(at: str, register: str, **fields: str) -> str:
        answer = admin.post(f"{at}{register}/new", **fields)
        return urlsplit(answer.url).path.rstrip("/").rpartition("/")[2]

    return make


@pytest.fixture
def planned(admin: Person, project: Callable[..., str]) -> Callable[..., str]:
    """`planned("ROOM", "Server room")` makes a project with the small plan taken in and computed."""

    def make(key: str, name: str, **fields: str) -> str:
        at, page = project(key, name, **fields), admin.page
        file = {"name": "plan.xml", "mimeType": "application/xml", "buffer": mspdi()}
        page.goto(admin.post(f"{at}import/", files={"file": file}).url)
        page.get_by_role("button", name="Take it in").click()
        page.wait_for_url("**/import/*/")
        computed(page, at)
        return at

    return make


@pytest.fixture
def invited(admin: Person, person: Callable[..., Person]) -> Callable[..., Person]:
    """`invited("/n/ROOM/", "kim@example.org", "Kim Ode", "Contributor")` gives a role and signs that person in."""

    def come(at: str, email: str, name: str, role: str, **more: Any) -> Person:
        link = invite(admin, at, email, name, role)
        somebody = person(**more)
        somebody.page.goto(link)
        somebody.page.get_by_role("button", name="Continue").click()
        somebody.page.wait_for_url("**/account/")
        return somebody

    return come


@pytest.fixture
def assert_good(assert_accessible: Callable[..., None]) -> Callable[[Page], None]:
    """axe finds nothing, light and dark, and at 390 pixels nothing lies beyond the right edge."""

    def check(page: Page) -> None:
        page.emulate_media(color_scheme="light")
        assert_accessible(page)
        page.emulate_media(color_scheme="dark")
        assert_accessible(page, only=("color-contrast",))  # all that the scheme changes
        page.set_viewport_size({"width": 390, "height": 844})
        page.wait_for_timeout(50)  # one frame: observers of sizes answer after layout
        assert page.evaluate("document.scrollingElement.scrollWidth") <= 390, page.evaluate(WIDER)

    return check
