"""A browser and the harness pages, under the strict content policy."""

from __future__ import annotations

import importlib.util
import sys
import time
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
WATCH = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) =>
  window.violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber} ${event.sample}`));
"""

spec = importlib.util.spec_from_file_location("static_harness", HERE / "harness.py")
harness = importlib.util.module_from_spec(spec)
sys.modules["static_harness"] = harness
spec.loader.exec_module(harness)


@pytest.fixture(scope="session")
def site():
    server, state = harness.serve()
    yield f"http://127.0.0.1:{server.server_port}", state
    server.shutdown()


@pytest.fixture(scope="session")
def chromium(browser):
    """The one browser of the session: a second Playwright in the same process refuses to start."""
    return browser


@pytest.fixture
def visit(chromium, site):
    """Opens a harness page: visit("list", theme="dark", width=390, height=844)."""
    address, state = site
    state.reset()
    contexts = []

    def go(path: str, *, theme: str = "light", width: int = 1440, height: int = 900, wait: str = "load"):
        context = chromium.new_context(
            viewport={"width": width, "height": height}, color_scheme=theme, reduced_motion="reduce"
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.errors = []
        page.on("pageerror", lambda error: page.errors.append(str(error)))
        page.add_init_script(WATCH)
        page.goto(f"{address}/{path}", wait_until=wait)
        return page

    yield go
    for context in contexts:
        context.close()


@pytest.fixture
def until():
    """Polls a JavaScript expression until it is true; Playwright's own waiting needs eval, which the policy forbids."""

    def wait(page, expression: str, seconds: float = 45) -> None:
        end = time.monotonic() + seconds
        while not page.evaluate(f"Boolean({expression})"):
            assert time.monotonic() < end, f"never became true: {expression}"
            page.wait_for_timeout(30)

    return wait


@pytest.fixture
def received(site):
    """What the server was sent since the test began."""
    return site[1]
