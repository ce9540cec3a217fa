"""Jira exports come in whatever Jira they are from: parents, links, sprints, dates, times and what is lost."""

from __future__ import annotations

import csv
import io
import tracemalloc
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from steerco.connect import sniff
from steerco.connect.items import Item, Kind, Reading, Unreadable
from steerco.connect.jira_csv.reader import learn, read, stream
from steerco.connect.protocol import Notes
from steerco.connect.safe_open import open_source
from steerco.engine.plan import LinkType

DATA = Path(__file__).resolve().parents[5] / "shared" / "data" / "jira"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="the shared test files are not on this machine")


def export(header: list[str], *rows: list[str], codec: str = "utf-8", delimiter: str = ",") -> Reading:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows([header, *rows])
    return read(text.getvalue().encode(codec), "Jira.csv")


def texts(reading: Reading, kind: Kind) -> list[str]:
    return [f"{note.where}: {note.text}" for note in reading.notes if note.kind is kind]


def test_an_issue_has_its_fields_in_our_words() -> None:
    found = export(
        [
            "Summary",
            "Issue key",
            "Issue Type",
            "Status",
            "Status Category",
            "Priority",
            "Resolution",
            "Assignee",
            "Created",
            "Resolved",
            "Due date",
            "Labels",
            "Labels",
            "Sprint",
            "Sprint",
            "Custom field (Story point estimate)",
            "Custom field (Team)",
            "Custom field (Start date)",
        ],
        [
            "Log in",
            "AB-1",
            "Story",
            "Shipped",
            "Done",
            "Highest",
            "Done",
            "Ann",
            "25/Oct/25 12:53 PM",
            "28/Oct/25 9:00 AM",
            "30/Oct/25",
            "web",
            "login",
            "S 1",
            "S 2",
            "3.0",
            "Red",
            "2025-10-26",
        ],
    )
    fields = found.items[0].fields
    assert (found.items[0].key, fields["title"], fields["kind"], fields["status"]) == (
        "AB-1",
        "Log in",
        "story",
        "done",
    )
    assert (fields["owner"], fields["priority"], fields["points"]) == ("Ann", 900, Decimal("3.0"))
    assert fields["created_on"] == datetime(2025, 10, 25, 12, 53)
    assert fields["finished_on"] == datetime(2025, 10, 28, 9)
    assert fields["deadline"] == datetime(2025, 10, 30, 17)  # the whole day counts
    assert fields["planned_start"] == datetime(2025, 10, 26, 8)
    assert fields["tags"] == ["web", "login"]
    assert fields["sprint"] == "S 2"
    assert fields["custom"]["Earlier sprints"] == "S 1"
    assert fields["custom"]["Team"] == "Red"
    assert fields["source_status"] == "Shipped"


@pytest.mark.parametrize(
    "column",
    [
        "Parent",
        "Parent id",
        "Parent key",
        "Epic Link",
        "Custom field (Epic Link)",
        "Custom field (Parent Link)",
    ],
)
@pytest.mark.parametrize("written", ["AB-1", "10001"])
def test_parents_are_found_under_every_name_by_key_and_by_id(column: str, written: str) -> None:
    found = export(
        ["Summary", "Issue key", "Issue id", column],
        ["Epic", "AB-1", "10001", ""],
        ["Child", "AB-2", "10002", written],
    )
    assert found.items[1].parent == "AB-1"


def test_the_parent_comes_before_the_epic() -> None:
    found = export(
        ["Summary", "Issue key", "Custom field (Epic Link)", "Parent"],
        ["E", "AB-1", "", ""],
        ["S", "AB-2", "AB-1", ""],
        ["T", "AB-3", "AB-1", "AB-2"],
    )
    assert [item.parent for item in found.items] == ["", "AB-1", "AB-2"]


def test_parents_that_are_missing_or_run_in_a_circle_are_left_out_and_named() -> None:
    found = export(
        ["Summary", "Issue key", "Parent"],
        ["A", "AB-1", "AB-2"],
        ["B", "AB-2", "AB-1"],
        ["C", "AB-3", "AB-99"],
    )
    warned = texts(found, Kind.WARNING)
    assert any("circle" in text for text in warned)
    assert any("AB-99 is not in the file" in text and text.startswith("row 4") for text in warned)
    parents = {item.key: item.parent for item in found.items}
    assert not (parents["AB-1"] and parents["AB-2"])
    assert parents["AB-3"] == ""


def test_blocking_links_become_dependencies_once_though_both_sides_tell_them() -> None:
    found = export(
        [
            "Summary",
            "Issue key",
            "Inward issue link (Blocks)",
            "Outward issue link (Blocks)",
            "Outward issue link (Blocks)",
            "Outward issue link (Depends)",
            "Outward issue link (Relates)",
        ],
        ["A", "AB-1", "", "AB-2", "AB-3", "", "AB-2"],
        ["B", "AB-2", "AB-1", "", "", "", ""],
        ["C", "AB-3", "AB-1", "", "", "AB-2", "AB-77"],
    )
    assert [(x.predecessor, x.successor, x.type) for x in found.links] == [
        ("AB-1", "AB-2", LinkType.FS),
        ("AB-1", "AB-3", LinkType.FS),
        ("AB-2", "AB-3", LinkType.FS),
    ]
    assert found.items[0].fields["custom"]["Linked to (relates)"] == "AB-2"
    assert any("order no work" in text for text in texts(found, Kind.LOST))


def test_a_link_to_an_issue_outside_the_file_is_named() -> None:
    found = export(["Summary", "Issue key", "Outward issue link (Blocks)"], ["A", "AB-1", "XY-9"])
    assert found.links == ()
    assert any("XY-9" in text for text in texts(found, Kind.WARNING))


@pytest.mark.parametrize(
    ("estimate", "minutes"), [("28800", 480), ("2d 4h", 1200), ("1w", 2400), ("90m", 90)]
)
def test_times_are_seconds_or_words(estimate: str, minutes: int) -> None:
    found = export(["Summary", "Issue key", "Original estimate"], ["A", "AB-1", estimate])
    assert found.items[0].fields["work_minutes"] == minutes


def test_progress_follows_from_time_spent_and_remaining() -> None:
    header = [
        "Summary",
        "Issue key",
        "Status",
        "Original estimate",
        "Remaining Estimate",
        "Time Spent",
        "Σ Time Spent",
    ]
    found = export(header, ["A", "AB-1", "In Progress", "3600", "1800", "5400", "9999"])
    assert found.items[0].fields["percent_complete"] == 75.0
    assert found.items[0].fields["remaining_minutes"] == 30
    assert any("Sums over sub-tasks" in text for text in texts(found, Kind.LOST))


def test_old_sprint_objects_give_their_names() -> None:
    sprint = "com.atlassian.greenhopper.service.sprint.Sprint@1[id=5,rapidViewId=2,state=CLOSED,name=Sprint 5,startDate=<null>]"
    assert (
        export(["Summary", "Issue key", "Sprint"], ["A", "AB-1", sprint]).items[0].fields["sprint"]
        == "Sprint 5"
    )


def test_wont_do_is_cancelled_and_flagged_is_blocked() -> None:
    header = ["Summary", "Issue key", "Status", "Status Category", "Resolution", "Custom field (Flagged)"]
    found = export(
        header,
        ["A", "AB-1", "Done", "Done", "Won't Do", ""],
        ["B", "AB-2", "In Work", "In Progress", "", "Impediment"],
    )
    assert [item.fields["status"] for item in found.items] == ["cancelled", "blocked"]


def test_comments_are_lost_with_their_number_and_the_reason() -> None:
    found = export(
        ["Summary", "Issue key", "Comment", "Comment"],
        ["A", "AB-1", "x;y;hello", "z"],
        ["B", "AB-2", "w", ""],
    )
    note = next(n for n in found.notes if n.field == "Comment")
    assert (note.kind, note.count) == (Kind.LOST, 3)
    assert "Comments are not taken" in note.text


def test_the_second_row_of_a_key_is_refused_naming_both() -> None:
    found = export(["Summary", "Issue key"], ["A", "AB-1"], ["B", "AB-1"])
    assert texts(found, Kind.REFUSED) == ["row 3: The key AB-1 stands in row 2 already."]
    assert [item.fields["title"] for item in found.items] == ["A"]


def test_a_row_without_a_key_and_one_with_surplus_cells_are_named() -> None:
    found = export(["Summary", "Issue key"], ["A", ""], ["B", "AB-2", "spilt"])
    assert any("has no key" in text for text in texts(found, Kind.REFUSED))
    assert any("3 cells" in text for text in texts(found, Kind.WARNING))


def test_quoted_texts_over_several_lines_stay_one_issue_and_rows_count_as_in_a_spreadsheet() -> None:
    found = export(
        ["Summary", "Issue key", "Description"], ["A", "AB-1", 'one\ntwo, "three"\n\nfour'], ["B", "AB-2", ""]
    )
    assert found.items[0].fields["description"] == 'one\ntwo, "three"\n\nfour'
    assert found.items[1].where == "row 3"


def test_a_quotation_mark_that_is_never_closed_is_named() -> None:
    found = read(b'Summary,Issue key\nA,AB-1\n"B,AB-2\nC,AB-3\n', "Jira.csv")
    assert any("never closed" in text for text in texts(found, Kind.WARNING))


def test_a_cell_of_five_megabytes_is_cut_and_named_and_of_twenty_refused() -> None:
    found = export(["Summary", "Issue key", "Description"], ["A", "AB-1", "x" * 5_000_000])
    assert len(found.items[0].fields["description"]) == 50_000
    assert any("50,000" in text for text in texts(found, Kind.WARNING))
    with pytest.raises(Unreadable, match="row 2"):
        export(["Summary", "Issue key", "Description"], ["A", "AB-1", ("x" * 1000 + "\n") * 17_000])


def test_day_and_month_are_told_apart_over_the_whole_file() -> None:
    found = export(
        ["Summary", "Issue key", "Created", "Resolved"],
        ["A", "AB-1", "03/04/2025", "12/31/2025"],
        ["B", "AB-2", "05/06/2025", ""],
    )
    assert found.items[0].fields["created_on"] == datetime(2025, 3, 4)
    unsure = export(["Summary", "Issue key", "Created"], ["A", "AB-1", "03/04/2025"])
    assert any("reads either way" in text for text in texts(unsure, Kind.WARNING))


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_encodings_and_delimiters_are_found(codec: str, delimiter: str) -> None:
    rows = [[f"Größe {n}", f"AB-{n}", "In Arbeit"] for n in range(1, 20)]
    found = export(
        ["Zusammenfassung", "Vorgangsschlüssel", "Status"], *rows, codec=codec, delimiter=delimiter
    )
    assert found.items[4].fields == {
        "title": "Größe 5",
        "status": "doing",
        "source_status": "In Arbeit",
        "position": 5,
    }


def test_a_list_of_links_is_not_taken_for_issues() -> None:
    rows = [[str(n), f"AB-{n % 5}", f"AB-{n}", "blocks"] for n in range(60)]
    with pytest.raises(Unreadable, match="not of issues"):
        export(["id", "issuekey", "linkedIssueKey", "name"], *rows)


def test_headers_alone_are_warned_about_and_no_key_refused() -> None:
    assert any("no issues" in text for text in texts(export(["Summary", "Issue key"]), Kind.WARNING))
    with pytest.raises(Unreadable, match="issue key"):
        export(["Summary", "Status"], ["A", "Open"])


def test_columns_with_other_names_can_be_said() -> None:
    data = b"Was,Kennung\nBauen,AB-1\n"
    assert read(data, "x.csv", mapping={"Was": "title", "Kennung": "key"}).items[0].fields["title"] == "Bauen"
    with pytest.raises(Unreadable, match="mapping"):
        read(data, "x.csv", mapping={"Was": "nonsense"})


def test_streaming_holds_neither_rows_nor_descriptions() -> None:
    rows = "".join(f'"Thing {n}",AB-{n},"{"long text " * 200}"\n' for n in range(1, 1001))
    source = open_source(("Summary,Issue key,Description\n" + rows).encode(), "Jira.csv")
    found = learn(source, Notes())
    tracemalloc.start()
    count = sum(1 for thing in stream(source, found, Notes()) if isinstance(thing, Item))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 1000
    assert source.size > 2_000_000
    assert peak < 1_900_000


@needs_data
def test_a_real_cloud_export_is_read_whole() -> None:
    found = sniff.read(DATA / "csv_export" / "redisprint_Jira.csv")
    assert found.system == "jira-csv"
    assert len(found.items) == 5
    assert all(item.fields["status"] == "done" and item.fields["finished_on"] for item in found.items)
    assert not [n for n in found.notes if n.kind in (Kind.REFUSED, Kind.WARNING)]


@needs_data
@pytest.mark.parametrize(
    "file", sorted((DATA / "storypoints").glob("*.csv")) if DATA.is_dir() else [], ids=lambda p: p.name
)
def test_real_issues_come_in_with_every_key_and_all_their_points(file: Path) -> None:
    with file.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    found = sniff.read(file)
    assert {item.key for item in found.items} == {row["issuekey"] for row in rows}
    expected = {row["issuekey"]: Decimal(row["storypoint"]) for row in reversed(rows)}
    assert {item.key: item.fields["points"] for item in found.items} == expected
