"""steerco doctor: whether everything Steerco needs is here and works."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import click

from steerco import __version__
from steerco.commands.console import answer, as_json, django

MARKS = {"ok": "ok  ", "warning": "note", "fault": "FAIL"}
BUILT = datetime(2026, 11, 1, tzinfo=UTC)  # no clock of a machine that runs this release stands earlier
LEAST_DISK = 500 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: ok, warning (works without) or fault, a sentence, and the remedy."""

    check: str
    state: str
    text: str
    remedy: str = ""


@click.command("doctor")
@as_json
def command(as_json: bool) -> int:
    """Check Python, database, migrations, disk, clock, fonts and the optional extras."""
    found = [finding for check in CHECKS for finding in guarded(check)]
    faults = [f for f in found if f.state == "fault"]
    lines = [f"{MARKS[f.state]}  {f.check}: {f.text} {f.remedy}".rstrip() for f in found]
    answer(
        {"ok": not faults, "version": __version__, "checks": [asdict(f) for f in found]},
        as_json,
        "\n".join(lines),
    )
    return 1 if faults else 0


def guarded(check: Callable[[], Iterator[Finding]]) -> list[Finding]:
    """The findings of a check; one that breaks is itself a fault."""
    try:
        return list(check())
    except Exception as error:
        return [Finding(check.__name__, "fault", f"{type(error).__name__}: {error}.")]


def python() -> Iterator[Finding]:
    """The interpreter."""
    version = ".".join(map(str, sys.version_info[:3]))
    state = "ok" if sys.version_info >= (3, 11) else "fault"
    yield Finding(
        "python", state, f"Python {version}.", "" if state == "ok" else "Install Python 3.11 or newer."
    )
    if os.environ.get("STEERCO_DEBUG") == "1":
        yield Finding(
            "debug", "warning", "STEERCO_DEBUG is on and shows tracebacks.", "Turn it off in production."
        )


def home() -> Iterator[Finding]:
    """The folder of database and files: writable, with room, and private."""
    django()
    from django.conf import settings

    from steerco.site.settings import HOME

    HOME.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        with tempfile.NamedTemporaryFile(dir=HOME):
            pass
        yield Finding("home", "ok", f"{HOME} can be written.")
    except OSError as error:
        yield Finding(
            "home", "fault", f"{HOME} cannot be written ({error.strerror}).", "Correct its owner or rights."
        )
    if HOME.stat().st_mode & 0o077 and os.name == "posix":
        yield Finding("home", "warning", f"{HOME} can be read by others.", f"Run: chmod 700 {HOME}")
    free = shutil.disk_usage(HOME).free
    state = "ok" if free >= LEAST_DISK else "fault"
    yield Finding(
        "disk", state, f"{free // 2**20} MB free.", "" if state == "ok" else "Free at least 500 MB."
    )
    files = Path(settings.FILES_ROOT)
    if files.exists() and not os.access(files, os.W_OK):
        yield Finding("files", "fault", f"{files} cannot be written.", "Correct its owner or rights.")


def database() -> Iterator[Finding]:
    """Reachable, migrated, whole."""
    django()
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA quick_check(1)")
            said = cursor.fetchone()[0]
            yield Finding(
                "database",
                "ok" if said == "ok" else "fault",
                f"SQLite at {connection.settings_dict['NAME']}: {said}.",
                "" if said == "ok" else "Restore the last backup: steerco restore FILE",
            )
        else:
            cursor.execute("SELECT version()")
            yield Finding("database", "ok", f"{cursor.fetchone()[0].split(' on ')[0]}.")
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    newer = set(executor.loader.applied_migrations) - set(executor.loader.graph.nodes)
    ours = [f"{app}.{name}" for app, name in sorted(newer) if app in executor.loader.migrated_apps]
    if ours:
        yield Finding(
            "migrations", "fault", f"The database is of a newer release ({ours[-1]}).", "Upgrade Steerco."
        )
    elif waiting:
        yield Finding("migrations", "fault", f"{len(waiting)} migrations wait.", "Run: steerco init")
    else:
        yield Finding("migrations", "ok", "The database is up to date.")


def clock() -> Iterator[Finding]:
    """A clock that stands before this release makes tokens and jobs go wrong."""
    now = datetime.now(UTC)
    state = "ok" if now > BUILT else "fault"
    yield Finding(
        "clock", state, f"{now:%Y-%m-%d %H:%M} UTC.", "" if state == "ok" else "Set the machine's clock."
    )


def fonts() -> Iterator[Finding]:
    """The packs bring their fonts along."""
    folder = Path(__file__).resolve().parent.parent / "report" / "fonts"
    count = len([*folder.rglob("*.ttf"), *folder.rglob("*.otf")])
    state = "ok" if count else "fault"
    yield Finding("fonts", state, f"{count} fonts for packs.", "" if count else "Install Steerco again.")


def extras() -> Iterator[Finding]:
    """What some inputs and databases need and the rest does not."""
    import importlib.util

    has_mpxj = all(importlib.util.find_spec(name) for name in ("mpxj", "jpype"))
    java = shutil.which("java") or os.environ.get("JAVA_HOME")
    if has_mpxj and java:
        yield Finding("mpp", "ok", ".mpp files can be read.")
    else:
        lacking = "Java" if has_mpxj else "the extra"
        remedy = "Install a Java runtime (17 or newer)." if has_mpxj else "Run: pip install 'steerco[mpp]'"
        yield Finding("mpp", "warning", f".mpp files cannot be read: {lacking} is missing.", remedy)
    if os.environ.get("STEERCO_DATABASE_URL"):
        for tool in ("pg_dump", "pg_restore"):
            state = "ok" if shutil.which(tool) else "warning"
            remedy = "" if state == "ok" else "Install the PostgreSQL client for backups."
            yield Finding("backup", state, f"{tool} is {'here' if state == 'ok' else 'missing'}.", remedy)


CHECKS: tuple[Callable[[], Iterator[Finding]], ...] = (python, home, database, clock, fonts, extras)
