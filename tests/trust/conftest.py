"""What the trust tests share: a town of two customers, and an empty throttle."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache

from tests.trust import town as towns


@pytest.fixture(autouse=True)
def fresh_throttle() -> None:
    """Tries of one test do not count in the next."""
    cache.clear()


@pytest.fixture(scope="module")
def built(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[towns.Town]:
    """The town, built once for the tests of a module and swept away after them: each test undoes what it changed."""
    from django.core.management import call_command
    from django.test import override_settings

    with (
        django_db_blocker.unblock(),
        override_settings(FILES_ROOT=tmp_path_factory.mktemp("files")),
    ):
        yield towns.build()
        call_command("flush", verbosity=0, interactive=False)


@pytest.fixture
def town(built: towns.Town, db: None) -> towns.Town:
    """Alpha and Beta, with something in every table."""
    return built
