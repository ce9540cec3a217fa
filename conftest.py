"""Shared ground of all tests: a home of their own, real files to read, and which tests use the database."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import django
import django.conf
import pytest

ROOT = Path(__file__).resolve().parent
# What a run may be told from outside; every other STEERCO_ variable is somebody's private set-up.
FROM_OUTSIDE = {"STEERCO_DATABASE_URL", "STEERCO_TEST_POSTGRES_URL", "STEERCO_CHROMIUM"}
DATABASE_FIXTURES = {
    "db",
    "transactional_db",
    "django_db_reset_sequences",
    "django_db_serialized_rollback",
    "live_server",
}


def _own_home() -> Path:
    """Settings are read once, at import: give them a throw-away home before anything can import them."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        return Path(os.environ["STEERCO_HOME"])  # of the process that started this one, and removes it
    for name in [name for name in os.environ if name.startswith("STEERCO_") and name not in FROM_OUTSIDE]:
        del os.environ[name]
    home = Path(tempfile.mkdtemp(prefix="steerco-test-"))
    os.environ["STEERCO_HOME"] = str(home)
    # A file, not memory: threads and the live server then have connections of their own, as in real use.
    os.environ["STEERCO_TEST_SQLITE"] = str(home / "test.sqlite3")
    os.environ["DJANGO_SETTINGS_MODULE"] = "steerco.site.settings"
    return home


HOME = _own_home()


# Before anything else is imported: a conftest.py of a folder named on the command line is read before pytest is configured.
django.setup()
# Argon2 is slow on purpose, and tests sign in hundreds of times; tests/trust/test_sign_in.py asks the settings for it.
django.conf.settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def pytest_unconfigure() -> None:
    if "PYTEST_XDIST_WORKER" not in os.environ:
        shutil.rmtree(HOME, ignore_errors=True)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what uses the database, so that exactly that can be run again on another one: -m database."""
    from django.test import TransactionTestCase

    for item in items:
        uses = item.get_closest_marker("django_db") or DATABASE_FIXTURES & set(
            getattr(item, "fixturenames", ())
        )
        case = getattr(item, "cls", None)
        if uses or (isinstance(case, type) and issubclass(case, TransactionTestCase)):
            item.add_marker(pytest.mark.database)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """Let tests empty their database: history refuses deletion, by triggers, and Django empties between tests."""
    from django.db import connection, transaction

    def empty(statements: list[str]) -> None:
        postgres = connection.vendor == "postgresql"
        with transaction.atomic(), connection.cursor() as cursor:
            triggers = []
            if postgres:
                cursor.execute("SET LOCAL session_replication_role = replica")
            else:
                cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
                triggers = cursor.fetchall()
            for name, _definition in triggers:
                cursor.execute(f'DROP TRIGGER "{name}"')
            for statement in statements:
                cursor.execute(statement)
            for _name, definition in triggers:
                cursor.execute(definition)

    connection.ops.execute_sql_flush = empty


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of real files from outside the repository (schedules, issue exports, registers)."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"the real files are not here: no folder {folder.relative_to(ROOT.parent.parent)}")
    return folder
