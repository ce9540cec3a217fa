"""XER comes in with Primavera's own rules: calendars, data date, lags, constraints, codes and several projects."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path

import pytest

from steerco.connect import sniff
from steerco.connect.items import Kind, Reading, SeveralProjects, Unreadable
from steerco.connect.xer.reader import read
from steerco.engine.calendar import OFFICE_HOURS
from steerco.engine.plan import FloatFrom, LagCalendar, LinkType, Progress

DATA = Path(__file__).resolve().parents[5] / "shared" / "data" / "schedules"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="the shared test files are not on this machine")

WEEK = "".join(f"(0||{day}()((0||0(s|08:00|f|12:00)())(0||1(s|13:00|f|17:00)())))" for day in range(2, 7))
CALENDAR = f"(0||CalendarData()((0||DaysOfWeek()((0||1()()){WEEK}(0||7()())))(0||Exceptions()((0||0(d|45658)())(0||1(d|45661)((0||0(s|10:00|f|12:00)())))))))"


def xer(tables: dict[str, list[dict[str, object]]], end: str = "%E\n", codec: str = "utf-8") -> bytes:
    rows = ["ERMHDR\t20.12\t2025-01-01\tProject\tADMIN\tann\tdb\tProject Management\tEUR"]
    for name, records in tables.items():
        columns = list(dict.fromkeys(column for record in records for column in record))
        rows += [f"%T\t{name}", "\t".join(["%F", *columns])]
        rows += [
            "\t".join(["%R", *(str(record.get(column, "")) for column in columns)]) for record in records
        ]
    return ("\r\n".join(rows) + "\r\n" + end).encode(codec)


def tables(
    tasks: list[dict[str, object]], **more: list[dict[str, object]]
) -> dict[str, list[dict[str, object]]]:
    base = {"proj_id": 1, "clndr_id": 7, "wbs_id": 11}
    return {
        "PROJECT": [
            {"proj_id": 1, "proj_short_name": "P1", "clndr_id": 7, "last_recalc_date": "2025-01-06 08:00"}
        ],
        "CALENDAR": [{"clndr_id": 7, "clndr_name": "Five days", "day_hr_cnt": 8, "clndr_data": CALENDAR}],
        "PROJWBS": [
            {
                "wbs_id": 10,
                "proj_id": 1,
                "proj_node_flag": "Y",
                "wbs_short_name": "P1",
                "wbs_name": "Project one",
            },
            {"wbs_id": 11, "proj_id": 1, "parent_wbs_id": 10, "wbs_short_name": "A", "wbs_name": "Phase A"},
        ],
        "TASK": [base | task for task in tasks],
    } | more


A = {
    "task_id": 100,
    "task_code": "A10",
    "task_name": "Dig",
    "target_drtn_hr_cnt": 16,
    "status_code": "TK_NotStart",
}
B = {
    "task_id": 101,
    "task_code": "A20",
    "task_name": "Fill",
    "target_drtn_hr_cnt": 8,
    "status_code": "TK_NotStart",
}


def only(reading: Reading, key: str) -> dict[str, object]:
    return dict(next(item.fields for item in reading.items if item.key == key))


def test_wbs_nodes_become_summaries_and_codes_become_keys() -> None:
    found = read(xer(tables([A, B])), "p.xer")
    assert [(item.key, item.parent, item.fields["kind"]) for item in found.items] == [
        ("WBS A", "", "summary"),
        ("A10", "WBS A", "task"),
        ("A20", "WBS A", "task"),
    ]
    assert (found.project.name, found.project.currency) == ("Project one", "EUR")
    assert only(found, "A10")["duration_minutes"] == 960


def test_calendars_have_shifts_holidays_and_shorter_days() -> None:
    calendar = read(xer(tables([A])), "p.xer").calendars["7"]
    assert calendar.week == (*((OFFICE_HOURS,) * 5), (), ())
    assert [(e.first, e.shifts) for e in calendar.exceptions] == [
        (date(2025, 1, 1), ()),  # 45658 days after 1899-12-30
        (date(2025, 1, 4), ((600, 720),)),
    ]


def test_relationships_have_types_and_lags_in_hours() -> None:
    pred = [
        {
            "task_id": 101,
            "pred_task_id": 100,
            "proj_id": 1,
            "pred_proj_id": 1,
            "pred_type": "PR_SS",
            "lag_hr_cnt": -4,
        }
    ]
    link = read(xer(tables([A, B], TASKPRED=pred)), "p.xer").links[0]
    assert (link.predecessor, link.successor, link.type, link.lag) == ("A10", "A20", LinkType.SS, -240)


def test_links_to_other_projects_are_lost_and_to_nothing_refused() -> None:
    preds = [
        {"task_id": 101, "pred_task_id": 900, "proj_id": 1, "pred_proj_id": 2, "pred_type": "PR_FS"},
        {"task_id": 101, "pred_task_id": 901, "proj_id": 1, "pred_proj_id": 1, "pred_type": "PR_FS"},
    ]
    found = read(xer(tables([A, B], TASKPRED=preds)), "p.xer")
    assert found.links == ()
    assert any(n.kind is Kind.LOST and "another project" in n.text for n in found.notes)
    assert any(n.kind is Kind.REFUSED and "901" in n.text and n.where.startswith("row") for n in found.notes)


def test_scheduling_options_are_primaveras() -> None:
    options = [
        {
            "proj_id": 1,
            "sched_retained_logic": "N",
            "sched_progress_override": "Y",
            "sched_calendar_on_relationship_lag": "rcal_24Hour",
            "sched_float_type": "FT_SF",
        }
    ]
    project = read(xer(tables([A], SCHEDOPTIONS=options)), "p.xer").project
    assert project.status_date == datetime(2025, 1, 6, 8)
    assert project.options.lag_calendar is LagCalendar.ELAPSED
    assert project.options.progress is Progress.PROGRESS_OVERRIDE
    assert project.options.total_float is FloatFrom.START
    assert project.options.reschedule_after_data_date
    assert not project.options.honour_constraints


def test_only_mandatory_constraints_break_links() -> None:
    soft = A | {"cstr_type": "CS_MSO", "cstr_date": "2025-02-03 08:00"}
    hard = A | {"cstr_type": "CS_MANDSTART", "cstr_date": "2025-02-03 08:00"}
    assert not read(xer(tables([soft])), "p.xer").project.options.honour_constraints
    assert read(xer(tables([hard])), "p.xer").project.options.honour_constraints
    assert only(read(xer(tables([hard])), "p.xer"), "A10")["constraint"] == "must_start_on"


def test_a_second_finish_constraint_becomes_a_deadline() -> None:
    both = A | {
        "cstr_type": "CS_MSOA",
        "cstr_date": "2025-02-03 08:00",
        "cstr_type2": "CS_MEOB",
        "cstr_date2": "2025-03-03 17:00",
    }
    fields = only(read(xer(tables([both])), "p.xer"), "A10")
    assert (fields["constraint"], fields["deadline"]) == ("start_no_earlier_than", datetime(2025, 3, 3, 17))


@pytest.mark.parametrize(
    ("kind", "more", "percent"),
    [
        ("CP_Drtn", {"remain_drtn_hr_cnt": 4}, 75.0),
        ("CP_Phys", {"remain_drtn_hr_cnt": 4, "phys_complete_pct": 30}, 30.0),
        ("CP_Units", {"remain_drtn_hr_cnt": 4, "act_work_qty": 6, "remain_work_qty": 6}, 50.0),
    ],
)
def test_percent_complete_follows_its_type(kind: str, more: dict[str, object], percent: float) -> None:
    row = (
        A
        | {"complete_pct_type": kind, "status_code": "TK_Active", "act_start_date": "2025-01-06 08:00"}
        | more
    )
    fields = only(read(xer(tables([row])), "p.xer"), "A10")
    assert fields["percent_complete"] == percent
    assert fields["remaining_minutes"] == 240
    assert fields["status"] == "doing"


def test_level_of_effort_is_pinned_without_its_links() -> None:
    loe = B | {"task_type": "TT_LOE", "target_start_date": "2025-01-06 08:00"}
    pred = [{"task_id": 101, "pred_task_id": 100, "proj_id": 1, "pred_proj_id": 1, "pred_type": "PR_FS"}]
    found = read(xer(tables([A, loe], TASKPRED=pred)), "p.xer")
    assert only(found, "A20")["manual"] is True
    assert found.links == ()


def test_codes_user_fields_memos_and_costs_are_kept() -> None:
    found = read(
        xer(
            tables(
                [A],
                RSRC=[{"rsrc_id": 5, "rsrc_name": "Crane", "rsrc_type": "RT_Equip"}],
                RSRCRATE=[{"rsrc_id": 5, "cost_per_qty": 120, "max_qty_per_hr": 2}],
                TASKRSRC=[
                    {
                        "task_id": 100,
                        "proj_id": 1,
                        "rsrc_id": 5,
                        "target_qty": 16,
                        "target_qty_per_hr": 1,
                        "target_cost": 1920,
                    }
                ],
                UDFTYPE=[{"udf_type_id": 1, "table_name": "TASK", "udf_type_label": "Zone"}],
                UDFVALUE=[{"udf_type_id": 1, "fk_id": 100, "udf_text": "North"}],
                TASKMEMO=[{"task_id": 100, "task_memo": "<p>Mind the <b>pipes</b></p>"}],
            )
        ),
        "p.xer",
    )
    fields = only(found, "A10")
    assert fields["custom"] == {"Zone": "North"}
    assert "pipes" in str(fields["description"])
    assert "<" not in str(fields["description"])
    assert str(fields["planned_cost"]) == "1920.00"
    assert (found.resources[0].max_units, found.resources[0].standard_rate) == (2.0, "120")
    assert (found.assignments[0].work, found.assignments[0].units) == (960, 1.0)


def test_several_projects_must_be_chosen_and_read_all_gives_each() -> None:
    both = tables([A, B | {"proj_id": 2, "wbs_id": 12}])
    both["PROJECT"].append({"proj_id": 2, "proj_short_name": "P2", "clndr_id": 7})
    data = xer(both)
    with pytest.raises(SeveralProjects) as caught:
        read(data, "p.xer")
    assert caught.value.choices == (("1", "P1"), ("2", "P2"))
    assert [item.key for item in read(data, "p.xer", mapping={"project": "P2"}).items] == ["A20"]
    assert [len(reading.items) for reading in sniff.read_all(data, "p.xer")] == [2, 1]
    with pytest.raises(Unreadable, match="no project P9"):
        read(data, "p.xer", mapping={"project": "P9"})


def test_windows_text_is_read_and_said_to_be_guessed() -> None:
    found = read(xer(tables([A | {"task_name": "Größe prüfen"}]), codec="cp1252"), "p.xer")
    assert only(found, "A10")["title"] == "Größe prüfen"
    assert any("cp1252" in note.text for note in found.notes)


def test_a_file_cut_off_is_refused_or_warned_about() -> None:
    data = xer(tables([A, B]))
    with pytest.raises(Unreadable, match="cut off"):
        read(data[: data.index(b"TASK")], "p.xer")
    assert any(
        "cut off" in n.text for n in read(data.removesuffix(b"%E\n"), "p.xer").notes if n.kind is Kind.WARNING
    )


@pytest.mark.parametrize("damage", ["(0||CalendarData()(", ")))", "", "(0||CalendarData()())", "(" * 1000])
def test_a_damaged_calendar_becomes_office_hours_and_is_named(damage: str) -> None:
    broken = tables([A])
    broken["CALENDAR"][0]["clndr_data"] = damage
    found = read(xer(broken), "p.xer")
    assert found.calendars["7"].week[0] == OFFICE_HOURS
    assert any("Five days" in note.where for note in found.notes if note.kind is Kind.WARNING)


def test_codes_that_repeat_are_kept_apart() -> None:
    found = read(xer(tables([A, B | {"task_code": "A10"}])), "p.xer")
    assert {item.key for item in found.items} == {"WBS A", "id 100", "id 101"}


@needs_data
def test_published_cases_have_the_durations_links_and_constraints_of_their_description() -> None:
    """The cases' JSON descriptions are another writing of the same plans."""
    folder = DATA / "p6"
    kinds = {"CS_MSO": "must_start_on", "CS_MEO": "must_finish_on", "CS_MSOA": "start_no_earlier_than"}
    kinds |= {"CS_MEOB": "finish_no_later_than", "CS_ALAP": "as_late_as_possible"}
    readings = {reading.project.name: reading for reading in sniff.read_all(folder / "cases-import.xer")}
    assert len(readings) == 13
    for file in sorted(folder.glob("*.input.json")):
        case = json.loads(file.read_text())
        found = readings[file.name.removesuffix(".input.json")]
        for activity in case["activities"]:
            fields = only(found, activity["code"])
            assert fields["duration_minutes"] == activity["duration_days"] * 480, file.name
            constraint = (activity.get("constraint") or activity.get("constraint2") or {}).get("type", "")
            assert fields["constraint"] == kinds.get(constraint, "as_soon_as_possible"), file.name
        links = {(link.predecessor, link.successor, link.type.value, link.lag) for link in found.links}
        expected = {
            (r["from_code"], r["to_code"], r["type"], r["lag_days"] * 480) for r in case["relationships"]
        }
        assert links == expected, file.name


@needs_data
def test_one_plan_as_xer_and_as_mspdi_reads_the_same() -> None:
    xer_plan, xml_plan = (
        sniff.read(DATA / "converted" / f"intelligent_system.{kind}") for kind in ("xer", "xml")
    )
    theirs = {item.fields["title"]: item.fields for item in xml_plan.items}
    for item in xer_plan.items:
        other = theirs[item.fields["title"]]
        assert item.fields["duration_minutes"] == other["duration_minutes"]
        assert item.fields["planned_start"] == other["planned_start"]
        assert item.fields["planned_finish"] == other["planned_finish"]
    assert len(xer_plan.links) == len(xml_plan.links)
