"""MSPDI plans come in with their dates, options and losses as the format's schema means them."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from steerco.connect.items import Kind, Reading, Unreadable
from steerco.connect.mspdi.reader import read
from steerco.connect.mspdi.recurrence import Recurrence, spans
from steerco.engine.calendar import OFFICE_HOURS
from steerco.engine.plan import LagUnit, LinkType

DATA = Path(__file__).resolve().parents[5] / "shared" / "data" / "schedules"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="the shared test files are not on this machine")


def plan(tasks: str = "", project: str = "", rest: str = "") -> Reading:
    text = f'<Project xmlns="http://schemas.microsoft.com/project">{project}<Tasks>{tasks}</Tasks>{rest}</Project>'
    return read(text.encode(), "plan.xml")


def task(uid: int, inner: str = "", level: int = 1, name: str = "") -> str:
    return f"<Task><UID>{uid}</UID><Name>{name or f'T{uid}'}</Name><OutlineLevel>{level}</OutlineLevel>{inner}</Task>"


def texts(reading: Reading, kind: Kind) -> list[str]:
    return [f"{note.where}: {note.text}" for note in reading.notes if note.kind is kind]


def test_outline_levels_become_parents_and_parents_become_summaries() -> None:
    found = plan(
        task(0, level=0, name="The project") + task(1) + task(2, level=2) + task(3, level=3) + task(4)
    )
    assert [(item.key, item.parent, item.fields["kind"]) for item in found.items] == [
        ("1", "", "summary"),
        ("2", "1", "summary"),
        ("3", "2", "task"),
        ("4", "", "task"),
    ]
    assert found.project.name == "The project"


@pytest.mark.parametrize(
    ("lag", "lag_format", "minutes", "unit"),
    [
        (4800, 7, 480, LagUnit.WORKING),  # one day in tenths of minutes
        (-2400, 5, -240, LagUnit.WORKING),
        (14400, 8, 1440, LagUnit.ELAPSED),
        (50, 19, 50, LagUnit.PERCENT),
        (-25, 20, -25, LagUnit.ELAPSED_PERCENT),
        (4800, 39, 480, LagUnit.WORKING),  # estimated days
        (14400, 40, 1440, LagUnit.ELAPSED),
    ],
)
def test_lags_are_tenths_of_minutes_or_hundredths(
    lag: int, lag_format: int, minutes: int, unit: LagUnit
) -> None:
    link = (
        f"<PredecessorLink><PredecessorUID>1</PredecessorUID><Type>3</Type><LinkLag>{lag}</LinkLag>"
        f"<LagFormat>{lag_format}</LagFormat></PredecessorLink>"
    )
    found = plan(task(1) + task(2, link)).links[0]
    assert (found.predecessor, found.successor, found.type) == ("1", "2", LinkType.SS)
    assert (found.lag, found.lag_unit) == (minutes, unit)


def test_link_types_are_numbered_as_in_the_schema() -> None:
    links = "".join(
        f"<PredecessorLink><PredecessorUID>{n + 1}</PredecessorUID><Type>{n}</Type></PredecessorLink>"
        for n in range(4)
    )
    found = plan("".join(task(n) for n in range(1, 5)) + task(9, links)).links
    assert [link.type.value for link in found] == ["FF", "FS", "SF", "SS"]


def test_links_that_lead_nowhere_are_refused_and_named() -> None:
    links = "".join(
        f"<PredecessorLink><PredecessorUID>{n}</PredecessorUID></PredecessorLink>" for n in (1, 77)
    )
    found = plan(task(1, links))
    assert found.links == ()
    assert any("task UID 1" in text and "77" in text for text in texts(found, Kind.REFUSED))
    assert any("own predecessor" in text for text in texts(found, Kind.REFUSED))


def test_links_in_a_circle_pass_because_the_engine_names_them() -> None:
    def after(uid: int) -> str:
        return f"<PredecessorLink><PredecessorUID>{uid}</PredecessorUID></PredecessorLink>"

    assert len(plan(task(1, after(2)) + task(2, after(1))).links) == 2


def test_a_second_task_with_the_same_uid_is_refused_naming_both() -> None:
    found = plan(task(7, name="Dig") + task(7, name="Fill"))
    assert [item.fields["title"] for item in found.items] == ["Dig"]
    assert texts(found, Kind.REFUSED) == ["task UID 7: “Fill” has the UID 7 of “Dig”."]


def test_a_task_that_ends_before_it_starts_keeps_its_start_and_is_named() -> None:
    found = plan(
        task(1, "<Start>2025-05-02T08:00:00</Start><Finish>2025-05-01T17:00:00</Finish>", name="Back")
    )
    assert "planned_finish" not in found.items[0].fields
    assert any("“Back” ends on 2025-05-01 17:00, before" in text for text in texts(found, Kind.WARNING))


def test_constraints_costs_slack_progress_and_custom_fields_have_their_units() -> None:
    inner = (
        "<ConstraintType>4</ConstraintType><ConstraintDate>2025-05-02T08:00:00</ConstraintDate>"
        "<Deadline>2025-06-01T17:00:00</Deadline><Cost>123456</Cost><TotalSlack>-4800</TotalSlack><Critical>1</Critical>"
        "<Duration>PT16H0M0S</Duration><RemainingDuration>PT8H0M0S</RemainingDuration><PercentComplete>50</PercentComplete>"
        "<ActualStart>2025-05-02T08:00:00</ActualStart><LevelingDelay>14400</LevelingDelay><Active>1</Active>"
        "<Baseline><Number>0</Number><Start>2025-05-01T08:00:00</Start><Cost>100</Cost></Baseline>"
        "<Baseline><Number>3</Number></Baseline>"
        "<ExtendedAttribute><FieldID>188743731</FieldID><Value>Berlin</Value></ExtendedAttribute>"
        "<ExtendedAttribute><FieldID>188743783</FieldID><Value>PT8H0M0S</Value></ExtendedAttribute>"
    )
    definitions = (
        "<ExtendedAttributes><ExtendedAttribute><FieldID>188743731</FieldID><FieldName>Text1</FieldName><Alias>Site</Alias>"
        "</ExtendedAttribute><ExtendedAttribute><FieldID>188743783</FieldID><Alias>Optimistic</Alias></ExtendedAttribute>"
        "</ExtendedAttributes>"
    )
    found = plan(task(1, inner), definitions)
    fields = found.items[0].fields
    assert fields["constraint"] == "start_no_earlier_than"
    assert fields["deadline"] == datetime(2025, 6, 1, 17)
    assert fields["planned_cost"] == Decimal("1234.56")  # costs are hundredths
    assert fields["stored"] == {"total_slack_minutes": -480, "critical": True}
    assert (fields["duration_minutes"], fields["remaining_minutes"], fields["status"]) == (960, 480, "doing")
    assert fields["levelling_delay_minutes"] == 1440
    assert (fields["baseline_start"], fields["baseline_cost"]) == (datetime(2025, 5, 1, 8), Decimal("1.00"))
    assert fields["custom"] == {"Site": "Berlin"}
    assert fields["optimistic_minutes"] == 480
    assert any("baselines 1 to 10" in text for text in texts(found, Kind.LOST))


def test_project_options_are_read() -> None:
    project = (
        "<ScheduleFromStart>0</ScheduleFromStart><StatusDate>2025-05-01T17:00:00</StatusDate><MinutesPerDay>450</MinutesPerDay>"
        "<CriticalSlackLimit>2</CriticalSlackLimit><MultipleCriticalPaths>1</MultipleCriticalPaths>"
        "<HonorConstraints>0</HonorConstraints>"
    )
    found = plan(task(1), project).project
    assert found.status_date == datetime(2025, 5, 1, 17)
    assert found.options.schedule_from_finish
    assert found.options.multiple_critical_paths
    assert not found.options.honour_constraints
    assert (found.options.minutes_per_day, found.options.critical_at) == (450, 900)


def test_actual_dates_in_the_future_are_taken_as_planned() -> None:
    found = plan(
        task(
            1,
            "<ActualStart>2025-06-02T08:00:00</ActualStart><ActualFinish>2025-06-03T17:00:00</ActualFinish>",
        ),
        "<StatusDate>2025-05-01T00:00:00</StatusDate>",
    )
    assert "actual_finish" not in found.items[0].fields
    assert found.items[0].fields["status"] == "todo"
    assert any("taken as planned" in text for text in texts(found, Kind.WARNING))


CALENDARS = """<Calendars>
<Calendar><UID>1</UID><Name>Base</Name><BaseCalendarUID>-1</BaseCalendarUID><WeekDays>
 <WeekDay><DayType>2</DayType><DayWorking>1</DayWorking><WorkingTimes><WorkingTime><FromTime>22:00:00</FromTime>
 <ToTime>00:00:00</ToTime></WorkingTime></WorkingTimes></WeekDay>
 <WeekDay><DayType>7</DayType><DayWorking>1</DayWorking></WeekDay></WeekDays>
 <Exceptions><Exception><TimePeriod><FromDate>2025-12-24T00:00:00</FromDate><ToDate>2025-12-26T23:59:00</ToDate></TimePeriod>
 <Name>Winter</Name><Type>1</Type><DayWorking>0</DayWorking></Exception></Exceptions>
 <WorkWeeks><WorkWeek><TimePeriod><FromDate>2025-07-01T00:00:00</FromDate><ToDate>2025-07-31T00:00:00</ToDate></TimePeriod>
 <Name>July</Name><WeekDays><WeekDay><DayType>6</DayType><DayWorking>0</DayWorking></WeekDay></WeekDays></WorkWeek></WorkWeeks>
</Calendar>
<Calendar><UID>2</UID><Name>Ann</Name><BaseCalendarUID>1</BaseCalendarUID><WeekDays>
 <WeekDay><DayType>3</DayType><DayWorking>0</DayWorking></WeekDay>
 <WeekDay><DayType>0</DayType><DayWorking>0</DayWorking><TimePeriod><FromDate>2025-08-01T00:00:00</FromDate>
 <ToDate>2025-08-01T00:00:00</ToDate></TimePeriod></WeekDay></WeekDays></Calendar></Calendars>"""


def test_calendars_inherit_what_they_do_not_say() -> None:
    found = plan(task(1, "<CalendarUID>2</CalendarUID>"), "<CalendarUID>1</CalendarUID>" + CALENDARS)
    base, ann = found.calendars["1"], found.calendars["2"]
    assert base.week[0] == ((1320, 1440),)  # Monday 22:00 to midnight
    assert base.week[1] == OFFICE_HOURS  # Tuesday is not spoken of
    assert ann.week[0] == base.week[0]
    assert ann.week[1] == ()
    assert [e.first for e in ann.exceptions] == [date(2025, 8, 1), date(2025, 12, 24)]
    assert base.weeks[0].week[4] == ()
    assert base.weeks[0].week[0] is None
    assert found.items[0].fields["calendar"] == "2"
    assert found.calendar_names["2"] == "Ann"


def test_a_calendar_that_is_its_own_base_is_named() -> None:
    circle = "<Calendars><Calendar><UID>5</UID><Name>Loop</Name><BaseCalendarUID>5</BaseCalendarUID></Calendar></Calendars>"
    assert any("Loop" in text for text in texts(plan(task(1), circle), Kind.WARNING))


def test_resources_and_assignments_come_with_units_work_and_delay() -> None:
    rest = (
        "<Resources><Resource><UID>3</UID><Name>Ann</Name><Type>1</Type><MaxUnits>0.5</MaxUnits><StandardRate>80</StandardRate>"
        "</Resource></Resources><Assignments><Assignment><UID>1</UID><TaskUID>1</TaskUID><ResourceUID>3</ResourceUID>"
        "<Units>0.5</Units><Work>PT4H0M0S</Work><Delay>4800</Delay></Assignment>"
        "<Assignment><UID>2</UID><TaskUID>1</TaskUID><ResourceUID>-65535</ResourceUID></Assignment></Assignments>"
    )
    found = plan(task(1), rest=rest)
    assert (found.resources[0].name, found.resources[0].max_units, found.resources[0].standard_rate) == (
        "Ann",
        0.5,
        "80",
    )
    assignment = found.assignments[0]
    assert (assignment.units, assignment.work, assignment.delay) == (0.5, 240, 480)
    assert len(found.assignments) == 1
    assert found.items[0].fields["owner"] == "Ann"


def test_durations_written_as_clock_time_are_counted_in_working_time() -> None:
    inner = (
        "<Manual>1</Manual><Start>2025-05-02T08:00:00</Start><Finish>2025-05-06T17:00:00</Finish><Duration>PT105H0M0S</Duration>"
        "<DurationFormat>7</DurationFormat>"
    )
    calendar = (
        "<CalendarUID>1</CalendarUID><Calendars><Calendar><UID>1</UID><Name>S</Name></Calendar></Calendars>"
    )
    # Friday 8:00 to Tuesday 17:00 is 105 hours on the clock and three working days
    assert plan(task(1, inner), calendar).items[0].fields["duration_minutes"] == 1440


def test_a_root_that_is_no_project_is_refused() -> None:
    with pytest.raises(Unreadable, match="not a Microsoft Project plan"):
        read(b"<Portfolio/>", "x.xml")


def test_monthly_on_the_31st_leaves_out_shorter_months() -> None:
    found = Recurrence(date(2025, 1, 1), date(2025, 6, 30), type=4, month_day=31).days()
    assert found == [date(2025, 1, 31), date(2025, 3, 31), date(2025, 5, 31)]


def test_adjacent_days_become_one_span() -> None:
    days = [date(2025, 1, 1), date(2025, 1, 2), date(2025, 1, 4)]
    assert spans(days) == [(days[0], days[1]), (days[2], days[2])]


@needs_data
def test_every_recurring_exception_ends_where_ms_project_says() -> None:
    """MS Project writes the number of occurrences and the day of the last one: an oracle for each pattern."""
    import xml.etree.ElementTree as ET

    ns = "{http://schemas.microsoft.com/project}"
    file = next((DATA / "mpxj_features").glob("*recurring-exceptions*mspdi.xml"))
    checked = 0
    for exception in ET.parse(file).getroot().iter(f"{ns}Exception"):

        def number(tag: str, element: ET.Element = exception) -> int:
            return int(element.findtext(f"{ns}{tag}") or 0)

        first = date.fromisoformat(exception.findtext(f"{ns}TimePeriod/{ns}FromDate")[:10])
        last = date.fromisoformat(exception.findtext(f"{ns}TimePeriod/{ns}ToDate")[:10])
        days = Recurrence(
            first,
            last,
            number("Type"),
            number("Period") or 1,
            number("DaysOfWeek"),
            number("Month"),
            number("MonthDay"),
            number("MonthItem"),
            number("MonthPosition"),
        ).days()
        name = exception.findtext(f"{ns}Name")
        assert (len(days), days[-1]) == (number("Occurrences"), last), name
        checked += 1
    assert checked == 27


@needs_data
@pytest.mark.parametrize(
    "file", sorted((DATA / "oracle").glob("*relations*.gz")) if DATA.is_dir() else [], ids=lambda p: p.name
)
def test_stored_dates_of_real_plans_are_kept_beside_ours(file: Path) -> None:
    found = read(file, file.name)
    assert found.items
    leaves = [item for item in found.items if item.fields["kind"] != "summary"]
    assert all({"early_start", "late_finish"} <= item.fields["stored"].keys() for item in leaves)
    assert not [note for note in found.notes if note.kind is Kind.REFUSED]


@needs_data
def test_taskjugglers_mspdi_keeps_what_has_not_happened_open() -> None:
    found = read(DATA / "tutorial_acso.mspdi.xml")
    late = [i for i in found.items if i.fields["planned_start"] > found.project.status_date]
    assert late
    assert all(item.fields["status"] == "todo" for item in late)
