"""Which files make which project."""

from __future__ import annotations

from pathlib import Path

import pytest

from steerco.commands import gathering
from steerco.connect.items import Item, Reading, ReadProject, Unreadable


@pytest.fixture
def files(tmp_path, monkeypatch):
    """Lay files down by name; the ending says which reader would have taken each."""

    def read_all(path):
        kind = {".xml": "mspdi", ".xer": "xer", ".jira": "jira-csv", ".csv": "table"}.get(Path(path).suffix)
        if kind is None:
            raise Unreadable(f"{Path(path).name} is a picture.", "Ask for the file it was taken from.")
        item = Item("work-items", "1", {"title": "x"}, "row 1")
        return (Reading(kind, Path(path).name, ReadProject(name=Path(path).stem.title()), (item,)),)

    monkeypatch.setattr(gathering.sniff, "read_all", read_all)

    def lay(*names):
        for name in names:
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_text(name)
        return gathering.gather([tmp_path], lambda _done, _total: None)

    return lay


def together(gathered):
    return [[found.file for found in project.found] for project in gathered.projects]


def test_one_plan_takes_the_registers_beside_it(files):
    assert together(files("risks.csv", "bridge.xml", "board.jira")) == [
        ["bridge.xml", "board.jira", "risks.csv"]
    ]


def test_several_plans_are_a_project_each_with_the_registers_of_their_names(files):
    gathered = files("bridge.xml", "tunnel.xer", "bridge risks.csv", "budget.csv")
    assert together(gathered) == [["bridge.xml", "bridge risks.csv"], ["tunnel.xer"]]
    assert [r.file for r in gathered.refused] == ["budget.csv"] and "folder" in gathered.refused[0].remedy


def test_each_sub_folder_is_a_project_of_its_own(files):
    gathered = files("a/plan.xml", "a/risks.csv", "b/backlog.csv", "b/list.csv")
    assert [sorted(names) for names in together(gathered)] == [
        ["a/plan.xml", "a/risks.csv"],
        ["b/backlog.csv", "b/list.csv"],
    ]
    assert gathered.projects[1].name == "b"


def test_the_same_plan_in_two_formats_is_remarked_upon(files):
    gathered = files("bridge.xml", "bridge.xer")
    assert len(gathered.projects) == 2 and len({project.name for project in gathered.projects}) == 2
    assert "bridge" in gathered.remarks[0]


def test_files_for_people_and_repeated_files_are_ignored_and_unreadable_ones_refused(files, tmp_path):
    (tmp_path / "again.xml").write_text("bridge.xml")
    gathered = files("bridge.xml", "README", "notes.md", "scan.png", ".hidden.xml")
    assert {i.file for i in gathered.ignored} == {"README", "notes.md", "bridge.xml"}  # again.xml came first
    assert [r.file for r in gathered.refused] == ["scan.png"]
