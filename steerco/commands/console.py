"""What all commands share: answers as text or JSON, progress bars, Django on demand, errors in one sentence."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from steerco.kit.access import Actor
    from steerco.kit.tree import Node

CODES = {
    0: "done",
    1: "something was refused or a check failed",
    2: "wrong usage",
    3: "input that cannot be read",
    4: "not allowed or not found",
    5: "an unexpected error",
    130: "interrupted",
}
SETTINGS = "steerco.site.settings"

as_json = click.option("--json", "as_json", is_flag=True, help="Answer with one JSON document.")


class Failed(Exception):
    """The command cannot go on: one sentence, what to do about it, and the exit code."""

    def __init__(self, text: str, remedy: str = "", code: int = 1) -> None:
        super().__init__(text)
        self.text, self.remedy, self.code = text, remedy, code


def django() -> None:
    """Load the product's models and settings; commands that need none of them start without."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", SETTINGS)
    import django as framework

    framework.setup()


def answer(told: Any, as_json: bool, text: str = "") -> None:
    """One JSON document, or text for people, on standard output."""
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False, indent=2, default=str))
    elif text:
        click.echo(text)


def say(text: str, quiet: bool = False) -> None:
    """A message beside the answer, on standard error."""
    if not quiet:
        click.echo(text, err=True)


@contextmanager
def progress(label: str, *, quiet: bool = False) -> Iterator[Callable[[int, int], None]]:
    """A progress bar on standard error, shown only to a person at a terminal; yields `update(done, total)`."""
    if quiet or not sys.stderr.isatty():
        yield lambda done, total: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bars:
        bar = bars.add_task(label, total=None)
        yield lambda done, total: bars.update(bar, completed=done, total=total or None)


def operator() -> Actor:
    """The actor behind the command line: whoever may read the database file is its operator."""
    import getpass

    from steerco.kit.access import Actor

    try:
        name = getpass.getuser()
    except (OSError, KeyError):
        name = "operator"
    return Actor.system("cli", name)


def node_of(key: str) -> Node:
    """The project, programme or portfolio of a key. Raises Failed naming those there are."""
    from steerco.kit.refusals import Missing
    from steerco.kit.tree import Node
    from steerco.kit.workspace import get_node

    try:
        return get_node(operator(), key)
    except Missing:
        known = list(Node.objects.order_by("key").values_list("key", flat=True)[:12])
        there = f"There are: {', '.join(known)}." if known else "There is none yet; run: steerco init"
        raise Failed(f"There is no project or portfolio with the key “{key}”.", there, 4) from None


def explain(error: Exception) -> Failed:
    """Any error as one sentence, a remedy and an exit code."""
    if isinstance(error, Failed):
        return error
    known = {
        "Unreadable": 3, "SeveralProjects": 3, "ImportRefused": 1, "Missing": 4, "Refused": 4, "Invalid": 1, "Conflict": 1,
        "BackupRefused": 1,
    }  # fmt: skip
    name = type(error).__name__
    if type(error).__module__.startswith("steerco.") and name in known:
        if name == "Missing":
            return Failed("There is no such thing here.", "Check the key.", 4)
        return Failed(
            getattr(error, "text", "") or str(error),
            getattr(error, "remedy", "") if hasattr(error, "text") else "",
            known[name],
        )
    if name in {"OperationalError", "ProgrammingError"}:
        if "no such table" in str(error) or "does not exist" in str(error):
            return Failed("The database is not set up yet.", "Run: steerco init", 4)
        if "locked" in str(error):
            return Failed("The database is busy with another write.", "Try again in a moment.", 1)
        if "disk" in str(error) or "full" in str(error):
            return Failed(f"The database could not be written: {error}.", "Free some disk space.", 5)
        return Failed(f"The database does not answer: {_line(error)}.", "Run: steerco doctor", 5)
    if isinstance(error, PermissionError):
        return Failed(f"{error.filename} may not be read or written.", "Check who owns it.", 4)
    if isinstance(error, FileNotFoundError):
        return Failed(f"{error.filename} does not exist.", "Check the path.", 4)
    if isinstance(error, OSError):
        return Failed(f"{_line(error)}.", "Check disk space and rights: steerco doctor", 5)
    return Failed(
        f"Unexpected {name}: {_line(error)}.",
        "Run again with STEERCO_DEBUG=1 and report what it shows.",
        5,
    )


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:300].rstrip(".")
