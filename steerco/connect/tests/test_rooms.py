"""Rooms are closed: each is found by itself, judges by content, imports no Django, and the contract holds for every real file."""

from __future__ import annotations

import ast
from decimal import Decimal
from pathlib import Path

import pytest

from steerco.connect import items as contract
from steerco.connect import sniff
from steerco.connect.items import Kind, Note, Unreadable
from steerco.connect.protocol import MOST_NOTES, Notes, Room
from steerco.connect.safe_open import open_source

CONNECT = Path(contract.__file__).parent
ROOMS = ("mspdi", "mpp", "xer", "gan", "taskjuggler_csv", "jira_csv", "table")
MINE = (
    "items",
    "protocol",
    "sniff",
    "tame",
    "dates",
    "durations",
    "encodings",
    "safe_open",
    "csv_rows",
    "vocabulary",
)
DATA = CONNECT.parents[2] / "shared" / "data"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="the shared test files are not on this machine")

WORK_FIELDS = frozenset(
    [
        "title",
        "kind",
        "status",
        "wbs",
        "position",
        "description",
        "owner",
        "planned_start",
        "planned_finish",
        "duration_minutes",
        "work_minutes",
        "percent_complete",
        "actual_start",
        "actual_finish",
        "remaining_minutes",
        "stop",
        "resume",
        "constraint",
        "constraint_date",
        "deadline",
        "calendar",
        "priority",
        "elapsed",
        "manual",
        "inactive",
        "levelling_delay_minutes",
        "ignores_resource_calendars",
        "effort_driven",
        "fixed_duration",
        "baseline_start",
        "baseline_finish",
        "baseline_duration_minutes",
        "baseline_cost",
        "optimistic_minutes",
        "most_likely_minutes",
        "pessimistic_minutes",
        "points",
        "sprint",
        "planned_cost",
        "actual_cost",
        "remaining_cost",
        "created_on",
        "finished_on",
        "source_status",
        "tags",
        "stored",
        "custom",
    ]
)


def test_every_room_is_found_and_follows_the_protocol() -> None:
    found = {room.SYSTEM for room in sniff.rooms()}
    assert found == {"mspdi", "mpp", "xer", "gan", "tjcsv", "jira-csv", "table"}
    assert all(isinstance(room, Room) and room.LABEL for room in sniff.rooms())


def imports(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_no_django_and_no_other_room(room: str) -> None:
    for path in (CONNECT / room).glob("*.py"):
        for name in imports(path):
            assert not name.startswith("django"), path
            other = name.removeprefix("steerco.connect.").split(".")[0]
            assert not (name.startswith("steerco.connect.") and other in ROOMS and other != room), (
                path,
                name,
            )


@pytest.mark.parametrize("module", MINE)
def test_what_rooms_share_imports_no_django(module: str) -> None:
    assert not any(name.startswith("django") for name in imports(CONNECT / f"{module}.py"))


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_says_on_its_door_what_it_is(room: str) -> None:
    text = (CONNECT / room / "README.md").read_text()
    assert 5 <= len(text.splitlines()) <= 20


def test_content_decides_before_the_name() -> None:
    plan = b'<Project xmlns="http://schemas.microsoft.com/project"><Tasks/></Project>'
    assert sniff.room_for(plan, "export.csv").SYSTEM == "mspdi"
    assert sniff.room_for(b"ERMHDR\t1\n%E\n", "plan.txt").SYSTEM == "xer"
    assert sniff.room_for(b"Issue key,Summary\nAB-1,x\n", "list.txt").SYSTEM == "jira-csv"
    assert sniff.room_for(b"Risk,Probability\nFire,5\n", "a.csv").SYSTEM == "table"
    assert (
        sniff.room_for(b'<project name="p"><tasks><taskproperties/></tasks></project>', "x.xml").SYSTEM
        == "gan"
    )
    assert sniff.room_for(b"MPX,Microsoft Project,4.0\n", "old.mpx").SYSTEM == "mpp"


def test_equal_notes_are_one_with_a_count_and_the_first_places() -> None:
    notes = Notes()
    for row in range(5):
        notes.warn("Odd.", where=f"row {row}")
    notes.refused("Bad.", where="row 9", remedy="Mend it.")
    assert notes.all() == (
        Note(Kind.REFUSED, "row 9", "Bad.", remedy="Mend it."),
        Note(Kind.WARNING, "row 0, row 1, row 2 and 2 more", "Odd.", count=5),
    )


def test_notes_do_not_grow_without_end() -> None:
    notes = Notes()
    for number in range(MOST_NOTES + 700):
        notes.warn(f"Finding {number}.")
    assert len(notes.all()) == MOST_NOTES + 1
    assert sum(note.count for note in notes.all()) == MOST_NOTES + 700


def real_files() -> list[Path]:
    kinds = ("*.xml", "*.gz", "*.xer", "*.gan", "*.csv", "*.xlsx")
    found = [
        path
        for kind in kinds
        for folder in ("schedules", "jira", "pmo_docs")
        for path in sorted((DATA / folder).rglob(kind))
    ]
    return [p for p in found if p.stat().st_size < 80_000 and "Calendar.xml" not in p.name]


@needs_data
def test_every_real_file_keeps_the_contract_or_is_refused_with_a_remedy() -> None:
    read = 0
    for path in real_files():
        try:
            readings = sniff.read_all(open_source(path))
        except Unreadable as refused:
            assert path.name.removesuffix(".gz") in refused.text, path
            assert len(refused.remedy) > 15, path
            continue
        for reading in readings:
            read += 1
            for register in {item.register for item in reading.items}:
                keys = [item.key for item in reading.items if item.register == register]
                assert len(keys) == len(set(keys)), path
                assert {item.parent for item in reading.items if item.register == register} - {""} <= set(
                    keys
                ), path
            work = {item.key: item for item in reading.items if item.register == "work-items"}
            for item in work.values():
                assert item.fields.keys() <= WORK_FIELDS, (path, item.fields.keys() - WORK_FIELDS)
                assert item.fields["title"], path
                assert item.where, path
                assert item.fields.get("calendar", "") in {"", *reading.calendars}, path
                for name in ("points", "planned_cost", "actual_cost", "remaining_cost", "baseline_cost"):
                    assert isinstance(item.fields.get(name, Decimal(0)), Decimal), (path, name)
                for name in ("duration_minutes", "work_minutes", "remaining_minutes", "priority", "position"):
                    assert isinstance(item.fields.get(name, 0), int), (path, name)
                start, finish = item.fields.get("planned_start"), item.fields.get("planned_finish")
                assert not (start and finish and finish < start), (path, item)
            for link in reading.links:
                assert {link.predecessor, link.successor} <= set(work), (path, link)
            for assignment in reading.assignments:
                assert assignment.item in work, path
                assert assignment.resource in {resource.key for resource in reading.resources}, path
            for note in reading.notes:
                assert note.text.endswith("."), (path, note)
                assert note.kind is not Kind.REFUSED or (note.where and note.remedy), (path, note)
    assert read > 60
