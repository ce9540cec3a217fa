"""People with browsers of their own, and a watch over every page they open."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import BrowserContext, Page, expect

# A refusal that a page is built to show (a conflict, a form with errors, a page that is not there) is no fault of the page.
REFUSAL = re.compile(
    r"(Failed to load resource: the server responded with a status of|Response Status Error Code) 4\d\d"
)


class Watch:
    """What went wrong on the pages of a test: scripts that failed, what the policy refused, answers of 500."""

    def __init__(self) -> None:
        self.faults: list[str] = []

    def over(self, context: BrowserContext) -> None:
        """Listen to every page of a context."""
        context.on("console", self._console)
        context.on("weberror", lambda error: self.faults.append(f"script failed: {error.error}"))
        context.on("response", self._answer)

    def _console(self, message: Any) -> None:
        if message.type == "error" and not REFUSAL.match(message.text):
            self.faults.append(f"console: {message.text} ({message.location.get('url', '')})")

    def _answer(self, answer: Any) -> None:
        if answer.status >= 500 or (answer.status >= 400 and "/static/" in answer.url):
            self.faults.append(f"{answer.status} {answer.url}")


@dataclass(frozen=True)
class Person:
    """Somebody with a browser of their own."""

    context: BrowserContext
    page: Page

    def post(self, path: str, *, files: dict[str, Any] | None = None, **fields: str) -> Any:
        """Send a form behind the pages, where a journey needs a setting and is not about it. Fails on a refusal."""
        token = self.page.locator("meta[name=csrf-token]")
        if not token.count():
            self.page.goto("/account/")
        form = {"csrfmiddlewaretoken": token.get_attribute("content") or "", **fields}
        requests = self.page.request
        answer = requests.post(path, multipart={**form, **files}) if files else requests.post(path, form=form)
        assert answer.ok, f"{path}: {answer.status}\n{answer.text()[:2000]}"
        return answer


def invite(owner: Person, at: str, email: str, name: str, role: str) -> str:
    """A one-time link for somebody who gets a role on a node, made on the page People and access."""
    page = owner.page
    page.goto(f"{at}people/")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Name, if new").fill(name)
    page.get_by_label("Role", exact=True).select_option(role)
    page.get_by_role("button", name="Give the role").click()
    page.get_by_role("row").filter(has_text=email).get_by_role("button", name="Sign-in link").click()
    return page.locator(".notice code").inner_text()


@contextlib.contextmanager
def without_reload(page: Page) -> Iterator[None]:
    """Fails when the page was loaded again, or left, meanwhile."""
    page.evaluate("window.stillHere = true")
    yield
    assert page.evaluate("window.stillHere"), f"{page.url} was loaded again"


def computed(page: Page, at: str) -> None:
    """Open a project's overview and wait until its verdict is there."""
    page.goto(at)
    expect(page.locator("section.verdict")).to_be_visible()
