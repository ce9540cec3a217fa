"""Tables are taken for the register their columns say, and every conversion is said."""

from __future__ import annotations

import io
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from steerco.connect import sniff
from steerco.connect.items import Kind, Reading, Unreadable
from steerco.connect.table.header import column_name
from steerco.connect.table.reader import read
from steerco.connect.table.scales import delay_of, probability_of
from steerco.connect.tame import PLAIN
from steerco.engine.plan import LagUnit, LinkType

DATA = Path(__file__).resolve().parents[5] / "shared" / "data" / "pmo_docs"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="the shared test files are not on this machine")


def table(text: str, mapping: dict[str, str] | None = None, codec: str = "utf-8") -> Reading:
    return read(text.encode(codec), "register.csv", mapping=mapping)


def book(sheets: dict[str, list[list[Any]]], merge: tuple[str, ...] = ()) -> Reading:
    workbook = Workbook()
    workbook.remove(workbook.active)
    for name, rows in sheets.items():
        sheet = workbook.create_sheet(name)
        for row in rows:
            sheet.append(row)
        for cells in merge:
            sheet.merge_cells(cells)
    buffer = io.BytesIO()
    workbook.save(buffer)
    return read(buffer.getvalue(), "register.xlsx")


def texts(reading: Reading, kind: Kind) -> list[str]:
    return [f"{note.where}: {note.text}" for note in reading.notes if note.kind is kind]


def fields(reading: Reading, key: str = "") -> dict[str, Any]:
    return dict(next(item.fields for item in reading.items if not key or item.key == key))


@pytest.mark.parametrize(
    ("text", "register"),
    [
        ("Risk,Probability,Impact\nFire,High,Low\n", "risks"),
        ("Risiko;Eintrittswahrscheinlichkeit;Auswirkung\nFeuer;hoch;mittel\n", "risks"),
        ("Riesgo;Probabilidad;Impacto;Plan de respuesta\nFuego;alta;media;Extintor\n", "risks"),
        ("Risque;Probabilité;Gravité\nFeu;élevée;faible\n", "risks"),
        ("Task,Start,Finish\nDig,2025-05-01,2025-05-02\n", "work-items"),
        ("Vorgangsname;Anfang;Ende;Dauer\nGraben;01.05.2025;02.05.2025;2 Tage\n", "work-items"),
        ("Tarea;Fecha de inicio;Fecha de fin\nCavar;01/05/2025;02/05/2025\n", "work-items"),
        ("Decision,Options,Needed by,Owner\nCloud or not,a / b,2025-06-01,Ann\n", "decisions"),
        ("Dataset,Source,Licence,Rows\nTickets,Desk,CC-BY-4.0,10000\n", "datasets"),
        ("Service,Metric,Target,Window\nMail,Availability,99.9 %,month\n", "service-levels"),
    ],
)
def test_the_columns_decide_the_register_in_several_languages(text: str, register: str) -> None:
    assert {item.register for item in table(text).items} == {register}


def test_the_header_is_found_below_title_rows_and_beside_empty_columns() -> None:
    found = book(
        {
            "Plan": [
                ["", "Project X"],
                [],
                ["", "As of 1 May"],
                ["", "Task", "Start"],
                ["", "Dig", datetime(2025, 5, 1)],
            ]
        },
        ("B1:C1",),
    )
    assert fields(found)["title"] == "Dig"
    assert found.items[0].where == "sheet Plan, row 5"


@pytest.mark.parametrize(
    ("values", "shares"),
    [
        (["10%", "45 %", "100%"], [0.1, 0.45, 1.0]),
        ([0.2, 0.5, 1], [0.2, 0.5, 1.0]),
        ([1, 3, 5], [0.1, 0.5, 0.9]),
        ([2, 8], [0.15, 0.75]),
        ([20, 80], [0.2, 0.8]),
        (["Low", "medium", "Very High"], [0.3, 0.5, 0.9]),
        (["4: High", "1: Low"], [0.7, 0.3]),
    ],
)
def test_probabilities_of_every_kind_become_shares(values: list[Any], shares: list[float]) -> None:
    kind = probability_of(values, PLAIN)
    assert [kind.share(value) for value in values] == shares


def test_how_ratings_became_numbers_is_said() -> None:
    found = table("ID,Risk,Probability,Impact,Response\n1,Fire,4,5,Mitigate\n2,Flood,1,2,Insure the cellar\n")
    first = fields(found, "1")
    assert first["probability"] == 0.7
    assert (first["impact_days_low"], first["impact_days_likely"], first["impact_days_high"]) == delay_of(5)
    assert first["response"] == "mitigate"
    assert fields(found, "2")["response_plan"] == "Insure the cellar"
    assert first["custom"]["Probability as written"] == "4"
    warned = " ".join(texts(found, Kind.WARNING))
    assert "Ratings from 1 to 5 became probabilities" in warned
    assert "working days of delay" in warned


def test_impacts_in_money_days_and_words_are_told_apart() -> None:
    found = table(
        "ID,Risk,Probability,Impact\n1,A,10%,$5k\n2,B,20%,2 weeks\n3,C,30%,People will leave the team for good\n"
    )
    assert fields(found, "1")["impact_cost_likely"] == Decimal("5000")
    assert fields(found, "2")["impact_days_likely"] == 10.0
    assert fields(found, "3")["effect"] == "People will leave the team for good"


def test_a_negative_impact_is_an_opportunity_without_delay() -> None:
    found = table("ID,Risk,Probability,Impact\n1,A,3,5\n2,Early tax refund,2,-4\n")
    assert fields(found, "2")["response"] == "exploit"
    assert "impact_days_likely" not in fields(found, "2")


def test_a_risk_without_a_title_is_called_by_cause_and_event() -> None:
    found = table("No,Cause,Event,Effect,Probability,Impact\n1,Old pipes,Leak,Wet cellar,2,3\n")
    assert fields(found)["title"] == "Old pipes → Leak"


def test_work_items_get_outline_dates_durations_and_links() -> None:
    found = table(
        "ID;WBS;Task Name;Duration;Start;Finish;Predecessors;% Complete;Resource Names\n"
        "1;1;Build;10 days;01.09.2025;12.09.2025;;50%;\n"
        "2;1.1;Dig;5 days;01.09.2025;05.09.2025;;100%;Ann\n"
        "3;1.2;Fill;3,5 days;08.09.2025;12.09.2025;2FS+2 days;0%;Bob\n"
        "4;1.3;Open;0 days;12.09.2025;12.09.2025;3;0%;\n"
        "5;2;Check;1ed;15.09.2025;15.09.2025;4EA+50%,2SS;0%;\n"
    )
    assert [(item.key, item.parent, item.fields["kind"]) for item in found.items] == [
        ("1", "", "summary"),
        ("2", "1", "task"),
        ("3", "1", "task"),
        ("4", "1", "milestone"),
        ("5", "", "task"),
    ]
    dig = fields(found, "2")
    assert (dig["planned_start"], dig["planned_finish"]) == (
        datetime(2025, 9, 1, 8),
        datetime(2025, 9, 5, 17),
    )
    assert (dig["duration_minutes"], dig["owner"], dig["status"]) == (2400, "Ann", "done")
    assert fields(found, "3")["duration_minutes"] == 1680  # 3,5 days in a file of semicolons
    assert fields(found, "5")["elapsed"] is True
    assert [(x.predecessor, x.successor, x.type, x.lag, x.lag_unit) for x in found.links] == [
        ("2", "3", LinkType.FS, 960, LagUnit.WORKING),
        ("3", "4", LinkType.FS, 0, LagUnit.WORKING),
        ("4", "5", LinkType.FS, 50, LagUnit.PERCENT),
        ("2", "5", LinkType.SS, 0, LagUnit.WORKING),
    ]


def test_without_a_duration_the_working_days_between_start_and_finish_count() -> None:
    # Friday to Tuesday, both worked: three days; without predecessors the start is kept
    found = fields(table("Task,Start,Finish\nDig,2025-09-05,2025-09-09\n"))
    assert found["duration_minutes"] == 1440
    assert (found["constraint"], found["constraint_date"]) == (
        "start_no_earlier_than",
        datetime(2025, 9, 5, 8),
    )


def test_outline_by_level_and_by_blanks() -> None:
    by_level = table("Task,Outline Level,Start\nA,1,2025-05-01\nB,2,2025-05-01\nC,2,2025-05-01\n")
    assert [item.parent for item in by_level.items] == ["", "A", "A"]
    by_blanks = table("Task,Start\nA,2025-05-01\n   B,2025-05-01\n      C,2025-05-01\nD,2025-05-01\n")
    assert [item.parent for item in by_blanks.items] == ["", "A", "B", ""]


def test_cells_merged_downwards_make_the_rows_below_children() -> None:
    found = book(
        {"Backlog": [["Story ID", "Resource", "Story/Task", "Time \nRequired(hours)"], [1, "Ann", "User Story: Pay", 10],
                     [None, "Bob", "Form", 4], [None, "Eve", "Bank", 6], [2, "Ann", "User Story: Log in", 5]]},
        ("A2:A4",),
    )  # fmt: skip
    assert [(item.key, item.parent) for item in found.items] == [
        ("1", ""),
        ("1.1", "1"),
        ("1.2", "1"),
        ("2", ""),
    ]
    assert fields(found, "1.1")["work_minutes"] == 240
    assert fields(found, "1")["kind"] == "story"


def test_user_stories_are_put_together_from_role_need_and_value() -> None:
    found = fields(
        table(
            "Story ID,Role,Need,Value,Acceptance 1,Acceptance 2,Story Points\n1,clerk,to search,time is saved,fast,complete,5\n"
        )
    )
    assert (found["title"], found["kind"], found["points"]) == ("to search", "story", Decimal(5))
    assert found["description"].startswith("As clerk, to search, so that: time is saved")
    assert "complete" in found["description"]


def test_a_row_that_ends_before_it_starts_is_refused_with_row_and_remedy() -> None:
    found = table("ID,Task,Start,Finish\n1,Dig,2025-05-09,2025-05-01\n2,Fill,2025-05-09,2025-05-10\n")
    assert [item.key for item in found.items] == ["2"]
    note = next(n for n in found.notes if n.kind is Kind.REFUSED)
    assert (note.where, note.text) == ("row 2", "“Dig” ends on 2025-05-01, before it starts on 2025-05-09.")
    assert note.remedy


def test_the_second_row_with_an_id_is_refused_naming_both() -> None:
    found = table("ID,Task,Start\nA,Dig,2025-05-01\nA,Fill,2025-05-01\n")
    assert texts(found, Kind.REFUSED) == ["row 3: The id A stands in row 2 already."]


def test_unknown_columns_are_kept_as_text_and_said_so() -> None:
    found = table("ID,Task,Start,Mood\n1,Dig,2025-05-01,sunny\n")
    assert fields(found)["custom"] == {"Mood": "sunny"}
    assert any(n.kind is Kind.LOST and n.field == "Mood" for n in found.notes)


def test_without_ids_titles_are_keys_and_it_is_said() -> None:
    found = table("Task,Start\nDig,2025-05-01\nDig,2025-05-02\n")
    assert [item.key for item in found.items] == ["Dig", "Dig #2"]
    assert any("no column with ids" in text for text in texts(found, Kind.WARNING))


def test_totals_legends_placeholders_and_repeated_headers_are_no_records() -> None:
    found = table(
        "ID,Risk,Cause,Effect,Probability,Impact\n1,Fire,Heat,Burns,4,3\n2,Flood,Rain,Wet,2,3\nID,Risk,Cause,Effect,Probability,Impact\n"
        "Total,,,,6,6\n,,5: High,,,\n,Legend,,,,\n"
    )
    assert [item.key for item in found.items] == ["1", "2"]
    empty = table("ID,Task,Start\n1,Dig,2025-05-01\n,Task 2,\n,Task 3,\n")
    assert [item.key for item in empty.items] == ["1"]


def test_a_row_without_a_title_is_refused() -> None:
    found = table(
        "ID,Task,Start,Finish,Owner\n1,Dig,2025-05-01,2025-05-02,Ann\n2,,2025-05-01,2025-05-02,Ann\n"
    )
    assert any(text.startswith("row 3: The row has no title") for text in texts(found, Kind.REFUSED))


def test_fractions_of_spreadsheets_are_percent() -> None:
    found = book(
        {
            "Plan": [
                ["ID", "Task", "Start", "% Complete"],
                [1, "A", datetime(2025, 5, 1), 0.5],
                [2, "B", datetime(2025, 5, 1), 1],
            ]
        }
    )
    assert [item.fields["percent_complete"] for item in found.items] == [50.0, 100.0]


def test_several_sheets_of_one_register_keep_their_keys_apart() -> None:
    rows = [["ID", "Task", "Start"], [1, "A", datetime(2025, 5, 1)]]
    other = [["ID", "Task", "Start"], [1, "B", datetime(2025, 5, 1)]]
    found = book({"Sprint 1": rows, "Sprint 2": other, "Template": rows})
    assert [item.key for item in found.items] == ["Sprint 1/1", "Sprint 2/1"]
    assert any("template" in n.text for n in found.notes if n.kind is Kind.LOST)


def test_a_mapping_overrides_names_register_and_header_row() -> None:
    found = table("Was,Wie sehr\nFeuer,4\n", {"Was": "title", "Wie sehr": "probability", "register": "risks"})
    assert (found.items[0].register, fields(found)["probability"]) == ("risks", 0.7)
    with pytest.raises(Unreadable, match="which no register has"):
        table("A,B\n1,2\n", {"A": "nonsense"})
    with pytest.raises(Unreadable, match="no register “riscs”"):
        table("A,B\n1,2\n", {"register": "riscs"})


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("Name,Role,Influence,Interest\nAnn,Sponsor,5,5\n", "stakeholder register"),
        ("Item,Audience,Format,Owner\nReport,Board,PDF,Ann\n", "communication plan"),
        ("A,B\n1,2\n", "no register fits its columns (“A”, “B”)"),
        ("1,2\n3,4\n", "no row of column names"),
    ],
)
def test_tables_of_other_things_are_refused_with_the_reason(text: str, says: str) -> None:
    with pytest.raises(Unreadable) as caught:
        table(text)
    assert says in caught.value.text
    assert caught.value.remedy


def test_headers_alone_are_warned_about() -> None:
    found = table("Task,Start,Finish\n")
    assert found.items == ()
    assert any("no rows" in text for text in texts(found, Kind.WARNING))


def test_decisions_datasets_and_service_levels_have_their_fields() -> None:
    decision = fields(
        table("Decision,Options,Outcome,Rationale,Decision date\nCloud,a/b,a,Cheaper,01.06.2025\n")
    )
    assert (decision["status"], decision["decided_on"]) == ("decided", datetime(2025, 6, 1))
    dataset = fields(table('Dataset,Licence,Rows,Legal basis\nTickets,MIT,"10,000",Art. 6\n'))
    assert (dataset["rows"], dataset["legal_basis"]) == (10000, "Art. 6")
    level = fields(table("Service,Metric,Target,Window\nMail,Availability,≥ 99.9 %,month\n"))
    assert (level["title"], level["target"], level["unit"]) == ("Mail: Availability", Decimal("99.9"), "%")


def test_column_names_are_read_without_brackets_units_and_line_ends() -> None:
    assert column_name("Cause\n(condition/situation)") == "cause"
    assert column_name("Time \nRequired(hours)") == "time required"
    assert column_name("#") == "no"


def test_nul_bytes_and_control_characters_do_not_reach_the_records() -> None:
    assert fields(table("ID,Task,Start\n1,D\x00i\x07g,2025-05-01\n"))["title"] == "Dig"


@needs_data
def test_a_real_risk_register_comes_in_with_its_seven_risks_and_no_legend() -> None:
    found = sniff.read(next(DATA.rglob("Risk Register.xlsx")))
    assert [item.key for item in found.items] == [str(n) for n in range(1, 8)]
    assert all(0 < item.fields["probability"] < 1 for item in found.items)


@needs_data
@pytest.mark.parametrize(
    "name",
    [
        "Stakeholder Register.xlsx",
        "Communications Management Plan.xlsx",
        "WBS .xlsx",
        "Project Network Diagram.xlsx",
    ],
)
def test_real_workbooks_without_a_register_are_refused_by_sheet(name: str) -> None:
    with pytest.raises(Unreadable) as caught:
        sniff.read(next(DATA.rglob(name)))
    assert "sheet" in caught.value.text
