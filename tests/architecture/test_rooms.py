"""Walls between the rooms: areas apart, plug-in rooms closed, readers and writers free of Django."""

from __future__ import annotations

from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
NOT_A_ROOM = {"tests", "migrations", "templates", "static", "fonts", "management", "__pycache__"}


def rooms(folder: str) -> list[str]:
    """Dotted names of the packages directly in a folder of the package."""
    found = [path.parent for path in (ROOT / "steerco" / folder).glob("*/__init__.py")]
    return sorted(f"steerco.{folder}.{path.name}" for path in found if path.name not in NOT_A_ROOM)


def writers() -> list[str]:
    """Dotted names of the modules and packages that write one kind of report."""
    found = (ROOT / "steerco" / "report").glob("to_*")
    return sorted(
        {f"steerco.report.{path.name.removesuffix('.py')}" for path in found if path.suffix in {"", ".py"}}
    )


def intruders(modules, room: str) -> list[str]:
    """Static imports of a closed room from outside it."""
    return [
        f"{module.path}:{line} imports {imported}"
        for module in modules
        if not (module.name == room or module.name.startswith(room + "."))
        for line, imported in module.imports()
        if imported == room or imported.startswith(room + ".")
    ]


@pytest.fixture(scope="module")
def graph():
    return grimp.build_graph("steerco", include_external_packages=True, cache_dir=None)


@pytest.fixture(scope="module")
def closed() -> list[str]:
    return [*rooms("connect"), *writers()]


def test_deleting_a_reader_or_a_writer_breaks_no_import_elsewhere(closed, modules):
    """They are found by name when a file asks for them, so that a room can go without a trace."""
    # A test of a writer sits in the room next door (steerco/report/tests) and may name it.
    others = [module for module in modules if not module.is_test]
    assert [intruder for room in closed for intruder in intruders(others, room)] == []


def test_an_import_of_a_closed_room_is_found(parse):
    outside = parse(
        "steerco/connect/registry.py",
        "from .jira import reader\nfrom steerco.connect.jira.reader import read",
    )
    inside = parse("steerco/connect/jira/mapping.py", "from . import reader")
    assert len(intruders([outside, inside], "steerco.connect.jira")) == 2


def test_readers_and_writers_import_no_django_even_through_others(closed, graph):
    chains = []
    for room in closed:
        for outside in ("django", "ninja"):
            if outside in graph.modules and room in graph.modules:
                found = graph.find_shortest_chains(importer=room, imported=outside, as_packages=True)
                chains += [" -> ".join(chain) for chain in found if ".tests" not in chain[0]]
    assert chains == []


def test_the_graph_would_show_django_behind_a_room(graph):
    assert graph.find_shortest_chains(importer="steerco.kit", imported="django", as_packages=True)


def test_no_area_imports_another(graph):
    areas = rooms("areas")
    crossings = [
        f"{one} -> {other}"
        for one in areas
        for other in areas
        if one != other and graph.chain_exists(importer=one, imported=other, as_packages=True)
    ]
    assert crossings == []


def test_every_area_is_installed():
    from django.conf import settings

    assert {f"steerco.areas.{name}" for name in settings.AREAS} == set(rooms("areas"))
    assert set(rooms("areas")) <= set(settings.INSTALLED_APPS)
