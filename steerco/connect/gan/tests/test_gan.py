"""GanttProject files come in by the day, with their free days, links and placements."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest

from steerco.connect.gan.reader import read
from steerco.connect.items import Kind, Reading, Unreadable
from steerco.engine.calendar import OFFICE_HOURS
from steerco.engine.plan import LinkType, to_minute, to_moment

DATA = Path(__file__).resolve().parents[5] / "shared" / "data" / "schedules"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="the shared test files are not on this machine")

CALENDAR = """<calendars><day-types><default-week id="1" sun="1" mon="0" tue="0" wed="0" thu="0" fri="1" sat="0"/>
<only-show-weekends value="false"/></day-types>
<date year="2025" month="5" date="6" type="HOLIDAY">Bridge day</date><date year="" month="1" date="1" type="HOLIDAY">New year</date>
<date year="2025" month="5" date="9" type="WORKING_DAY"/></calendars>"""


def plan(tasks: str, rest: str = "", calendar: str = "") -> Reading:
    text = f'<project name="Móvil" version="2.8">{calendar}<tasks><taskproperties/>{tasks}</tasks>{rest}</project>'
    return read(text.encode(), "plan.gan")


def test_days_become_eight_hours_and_the_finish_is_counted_over_free_days() -> None:
    # Thursday 1 May, three days; Friday and Sunday are free, Saturday is not: Thursday, Saturday, Monday
    fields = (
        plan('<task id="1" name="Ñandú" start="2025-05-01" duration="3" complete="40"/>', calendar=CALENDAR)
        .items[0]
        .fields
    )
    assert fields["title"] == "Ñandú"
    assert fields["duration_minutes"] == 1440
    assert fields["planned_start"] == datetime(2025, 5, 1, 8)
    assert fields["planned_finish"] == datetime(2025, 5, 5, 17)
    assert (fields["percent_complete"], fields["status"]) == (40.0, "doing")


def test_holidays_may_return_every_year_and_free_days_may_be_worked() -> None:
    calendar = plan('<task id="1" start="2025-05-01" duration="1"/>', calendar=CALENDAR).calendars["project"]
    closed = {e.first for e in calendar.exceptions if not e.shifts}
    assert {date(2025, 5, 6), date(2025, 1, 1), date(2026, 1, 1)} <= closed
    assert [e.first for e in calendar.exceptions if e.shifts == OFFICE_HOURS] == [date(2025, 5, 9)]
    assert calendar.week[4] == ()


def test_weekends_that_are_only_shown_are_worked() -> None:
    shown = CALENDAR.replace('value="false"', 'value="true"')
    assert all(
        plan('<task id="1" start="2025-05-01" duration="1"/>', calendar=shown).calendars["project"].week
    )


def test_links_have_types_lags_and_hardness() -> None:
    found = plan(
        '<task id="1" start="2025-05-01" duration="1"><depend id="2" type="3" difference="2" hardness="Strong"/></task>'
        '<task id="2" start="2025-05-05" duration="1"/><task id="3" start="2025-05-01" duration="1">'
        '<depend id="4" type="2" difference="0" hardness="Rubber"/></task><task id="4" start="2025-05-20" duration="1"/>'
    )
    assert [(x.predecessor, x.successor, x.type, x.lag) for x in found.links] == [
        ("1", "2", LinkType.FF, 960),
        ("3", "4", LinkType.FS, 0),
    ]
    pinned = {item.key for item in found.items if item.fields.get("constraint") == "start_no_earlier_than"}
    assert pinned == {"1", "3", "4"}  # only a strong link places a task
    assert any("rubber" in note.text for note in found.notes)


def test_outline_milestones_notes_people_absences_and_baselines_are_read() -> None:
    found = plan(
        '<task id="0" name="Phase" start="2025-05-01" duration="4"><task id="1" name="Go" meeting="true" start="2025-05-02"'
        ' duration="1"><notes>Mind\nthis</notes></task></task>',
        '<resources><resource id="5" name="Ann" contacts="ann@example.org"/></resources>'
        '<allocations><allocation task-id="1" resource-id="5" load="50.0"/></allocations>'
        '<vacations><vacation start="2025-05-05" end="2025-05-07" resourceid="5"/></vacations>'
        '<previous><previous-tasks name="b"><previous-task id="1" start="2025-04-28" duration="2"/></previous-tasks></previous>',
    )
    phase, go = found.items
    assert (phase.fields["kind"], go.fields["kind"], go.parent, go.fields["wbs"]) == (
        "summary",
        "milestone",
        "0",
        "1.1",
    )
    assert go.fields["duration_minutes"] == 0
    assert go.fields["description"] == "Mind\nthis"
    assert go.fields["owner"] == "Ann"
    assert found.assignments[0].units == 0.5
    assert go.fields["baseline_finish"] == datetime(2025, 4, 29, 17)
    absence = found.calendars[found.resources[0].calendar].exceptions[0]
    assert (absence.first, absence.last, absence.shifts) == (date(2025, 5, 5), date(2025, 5, 7), ())


def test_repeated_ids_and_links_to_nothing_are_refused() -> None:
    found = plan('<task id="1" name="A"><depend id="9"/></task><task id="1" name="B"/>')
    refused = [note.text for note in found.notes if note.kind is Kind.REFUSED]
    assert "The task “B” has the id 1 of “A”." in refused
    assert any("9" in text for text in refused)


def test_a_week_without_a_working_day_is_named() -> None:
    free = '<calendars><day-types><default-week mon="1" tue="1" wed="1" thu="1" fri="1" sat="1" sun="1"/></day-types></calendars>'
    assert any(
        "no working day" in n.text
        for n in plan('<task id="1" start="2025-05-01" duration="1"/>', calendar=free).notes
    )


def test_wild_values_are_left_out_and_named() -> None:
    found = plan('<task id="1" start="soon" duration="many" complete="250"/>')
    assert "planned_start" not in found.items[0].fields
    assert len([n for n in found.notes if n.kind is Kind.WARNING and n.where == "task 1"]) == 3


def test_another_xml_is_refused() -> None:
    with pytest.raises(Unreadable, match="no <tasks>"):
        read(b"<project/>", "x.gan")


@needs_data
def test_in_a_real_plan_every_strong_successor_begins_after_its_predecessor_ends() -> None:
    """The program placed the successors itself, so its starts are an oracle for the finishes counted here."""
    found = read(DATA / "iot_gateway_plan.gan")
    fields = {item.key: item.fields for item in found.items}
    summaries = {item.key for item in found.items if item.fields["kind"] == "summary"}
    worktime = found.calendars["project"].compile()
    checked = 0
    for link in found.links:
        if summaries & {link.predecessor, link.successor}:
            continue
        after = to_moment(worktime.next_open(to_minute(fields[link.predecessor]["planned_finish"])))
        assert fields[link.successor]["planned_start"] == after, link
        checked += 1
    assert checked > 20
