"""TaskJuggler's reports come in whatever their columns are."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from steerco.connect import sniff
from steerco.connect.items import Kind, Unreadable
from steerco.connect.taskjuggler_csv.reader import read
from steerco.engine.plan import LinkType

DATA = Path(__file__).resolve().parents[5] / "shared" / "data" / "schedules"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="the shared test files are not on this machine")

REPORT = """"Name";"Id";"Start";"End";"Duration";"Effort";"Completion";"Precursors"
"App";"app";"2025-05-01";"2025-05-12";11.5;5.0;"50%";""
"  Design";"app.design";"2025-05-01";"2025-05-04";3.5;2.5;"100%";""
"  Build";"app.build";"2025-05-05";"2025-05-12";7.0;2.5;"0%";"Design (app.design) ]->[ 2025-05-04"
"  Ready";"app.ready";"2025-05-12";"2025-05-12";0.0;0.0;"0%";"Build (app.build) ]->[ 2025-05-12, Design (app.design) [->["
"""


def test_dotted_ids_make_the_outline_and_durations_are_time_on_the_clock() -> None:
    found = read(REPORT.encode(), "report.csv")
    assert [(item.key, item.parent, item.fields["kind"]) for item in found.items] == [
        ("app", "", "summary"),
        ("app.design", "app", "task"),
        ("app.build", "app", "task"),
        ("app.ready", "app", "milestone"),
    ]
    design = found.items[1].fields
    assert (design["duration_minutes"], design["elapsed"]) == (5040, True)
    assert design["work_minutes"] == 1200  # efforts are working days
    assert design["planned_finish"] == datetime(
        2025, 5, 4, 12
    )  # the day is shown, the duration tells the hour
    assert (design["status"], design["actual_finish"]) == ("done", datetime(2025, 5, 4, 12))
    assert found.project.name == "App"


def test_precursors_become_links_of_their_type() -> None:
    found = read(REPORT.encode(), "report.csv")
    assert [(x.predecessor, x.successor, x.type) for x in found.links] == [
        ("app.design", "app.build", LinkType.FS),
        ("app.build", "app.ready", LinkType.FS),
        ("app.design", "app.ready", LinkType.SS),
    ]


def test_without_ids_indentation_makes_the_outline() -> None:
    text = "Name,Start,End\nApp,2025-05-01,2025-05-03\n  A,2025-05-01,2025-05-02\n    AA,2025-05-01,2025-05-02\n  B,2025-05-02,2025-05-03\n"
    found = read(text.encode(), "report.csv")
    assert [(item.key, item.parent) for item in found.items] == [
        ("App", ""),
        ("App/A", "App"),
        ("App/A/AA", "App/A"),
        ("App/B", "App"),
    ]
    assert all(item.fields.get("constraint") for item in found.items if item.fields["kind"] != "summary")
    assert any("no links" in note.text for note in found.notes)


def test_a_row_per_scenario_is_refused_naming_both() -> None:
    text = (
        "Name,Id,Start,End,Scenario\nA,p.a,2025-05-01,2025-05-02,plan\nA,p.a,2025-05-01,2025-05-03,delayed\n"
    )
    notes = [note for note in read(text.encode(), "r.csv").notes if note.kind is Kind.REFUSED]
    assert notes[0].where == "row 3"
    assert "row 2" in notes[0].text


def test_unknown_columns_are_lost_and_said_so() -> None:
    found = read(b"Name,Id,Start,End,Mood\nA,p.a,2025-05-01,2025-05-02,fine\n", "r.csv")
    assert any(note.kind is Kind.LOST and note.field == "Mood" for note in found.notes)


def test_only_a_header_is_warned_about_and_no_header_refused() -> None:
    assert any("no rows" in note.text for note in read(b"Name,Id,Start,End\n", "r.csv").notes)
    with pytest.raises(Unreadable, match="Name and Start or End"):
        read(b"A,B\n1,2\n", "r.csv")


@needs_data
def test_one_project_as_csv_and_as_mspdi_has_the_same_tasks_on_the_same_days() -> None:
    csv_plan = sniff.read(DATA / "fedora20" / "f-20.csv")
    xml_plan = sniff.read(DATA / "fedora20" / "fedora20.mspdi.xml")
    assert csv_plan.system == "tjcsv"
    ours = sorted((item.fields["title"], item.fields["planned_start"].date()) for item in csv_plan.items)
    theirs = sorted((item.fields["title"], item.fields["planned_start"].date()) for item in xml_plan.items)
    assert ours == theirs
    assert len(ours) == 414
