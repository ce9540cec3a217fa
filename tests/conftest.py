"""What tests across rooms share: a real browser, the running product, and the check that everyone can use a page."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

TESTS = Path(__file__).resolve().parent
AXE = TESTS / "vendor" / "axe-core" / "axe.min.js"
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# A browser that minds its own business: no updates, no sync, no calls home, and no sandbox where root runs it.
QUIET = [
    "--no-sandbox",
    "--headless=new",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
START_SECONDS = 240.0


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Launch the system's Chromium in place of a downloaded one."""
    chromium = os.environ.get("STEERCO_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if not chromium:
        pytest.fail(
            "no Chromium: install it (Debian: apt-get install chromium) or set STEERCO_CHROMIUM to its path"
        )
    # Playwright keeps an event loop in this thread, and Django would refuse the database for its sake.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    return {
        **browser_type_launch_args,
        "executable_path": chromium,
        "args": QUIET,
        "chromium_sandbox": False,
        "timeout": START_SECONDS * 1000,  # a busy machine needs more than the usual half minute
    }


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """The desk a PMO lead sits at; a test of phones or the dark asks for its own context."""
    return {
        **browser_context_args,
        "viewport": {"width": 1440, "height": 900},
        "locale": "en-GB",
        "timezone_id": "Europe/Berlin",
        "reduced_motion": "reduce",
    }


@dataclass(frozen=True)
class Running:
    """A Steerco started as its users start it: its address, the first administrator's link, its home, its log."""

    url: str
    sign_in: str
    home: Path
    log: Path


@pytest.fixture(scope="session")
def example_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The product as `./steer up` starts it, in a process of its own with the example portfolio, shared by the tests of a session.

    A test that changes much should make its own records, or use pytest-django's `live_server`.
    """
    home = tmp_path_factory.mktemp("site")
    port = _free_port()
    environment = {**os.environ, "STEERCO_HOME": str(home), "STEERCO_PORT": str(port)}
    environment.pop("STEERCO_DATABASE_URL", None)
    steerco = [sys.executable, "-m", "steerco.cli"]  # the code being tested, installed or not
    url, log = f"http://127.0.0.1:{port}", home / "serve.log"
    with log.open("w") as lines:
        server = subprocess.Popen(
            [*steerco, "serve", "--port", str(port), "--example"],
            env=environment,
            stdout=lines,
            stderr=lines,
            start_new_session=True,
        )
    try:
        _wait_until_served(url, server, log)
        link = re.search(rf"{url}/\S+", log.read_text())
        assert link, f"steerco serve --example printed no sign-in link:\n{log.read_text()}"
        yield Running(url, link[0], home, log)
    finally:
        server.send_signal(signal.SIGINT)
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)


@pytest.fixture(scope="session")
def signed_in_state(browser: Any, example_site: Running, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Cookies of the first administrator, whose one-time link is used up here."""
    state = tmp_path_factory.mktemp("browser") / "administrator.json"
    context = browser.new_context()
    context.set_default_timeout(START_SECONDS * 1000)
    page = context.new_page()
    page.goto(example_site.sign_in)
    page.get_by_role("button").click()
    page.wait_for_url("**/account/")
    context.storage_state(path=state)
    context.close()
    return state


@pytest.fixture
def admin_page(new_context: Callable[..., Any], signed_in_state: Path, example_site: Running) -> Page:
    """A page of the running example, signed in as its administrator; addresses may be given as paths."""
    context = new_context(storage_state=signed_in_state, base_url=example_site.url)
    return context.new_page()


@pytest.fixture(scope="session")
def assert_accessible() -> Callable[..., None]:
    """`assert_accessible(page)`: axe finds nothing to complain of on the page as it stands (WCAG 2.2 AA).

    `include` narrows it to one selector; `only` to some rules; `allow` names rules to leave out, each of which needs its
    reason at the call.
    """
    source = AXE.read_text(encoding="utf-8")

    def check(
        page: Page, include: str | None = None, allow: tuple[str, ...] = (), only: tuple[str, ...] = ()
    ) -> None:
        # evaluate() goes round the page's own content security policy, which stays in force for the page.
        page.evaluate(source)
        found = page.evaluate(
            "([scope, options]) => axe.run(scope || document, options)",
            [
                include,
                {
                    "runOnly": {"type": "rule", "values": only} if only else {"type": "tag", "values": WCAG},
                    "rules": {rule: {"enabled": False} for rule in allow},
                    "resultTypes": ["violations"],
                },
            ],
        )
        assert not found["violations"], f"{page.url} is not usable by everyone:\n" + _complaints(
            found["violations"]
        )

    return check


def _complaints(violations: list[dict[str, Any]]) -> str:
    lines = []
    for violation in violations:
        lines.append(f"- {violation['id']} ({violation['impact']}): {violation['help']}")
        for node in violation["nodes"][:5]:
            why = " ".join((node.get("failureSummary") or "").split())
            lines.append(f"    {node['target']}: {node['html'][:160]}\n      {why[:240]}")
    return "\n".join(lines)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_served(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        assert server.poll() is None, f"steerco serve ended at once:\n{log.read_text()}"
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except urllib.error.HTTPError as refusal:
            assert refusal.code < 500, f"{url} answers {refusal.code}:\n{log.read_text()[-4000:]}"
            return  # a refusal is an answer too
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"{url} did not answer within {START_SECONDS:.0f} s:\n{log.read_text()}")
