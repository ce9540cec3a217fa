"""Outside values are tamed or refused with a sentence; nothing else comes through."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steerco.connect.dates import DateEvidence, DateStyle, date_style, date_styles, doubt
from steerco.connect.durations import iso_minutes, working_minutes
from steerco.connect.tame import Wild, boolean, key, line, number_style, percent, prose, was_cut, words
from steerco.connect.vocabulary import level, priority, work_kind, work_status


@given(st.text())
def test_tamed_lines_hold_no_control_characters_and_stay_short(text: str) -> None:
    tamed = line(text)
    assert len(tamed) <= 300
    assert not any(ord(c) < 32 or 0x7F <= ord(c) < 0xA0 or 0x202A <= ord(c) <= 0x202E for c in tamed)
    assert tamed == line(tamed)


def test_bidirectional_overrides_and_nul_are_removed() -> None:
    assert line("evil\u202egpj.exe\x00") == "evilgpj.exe"
    assert prose("a\r\nb\rc\x07") == "a\nb\nc"


def test_long_text_is_cut_and_says_so() -> None:
    tamed = prose("x" * 5_000_000)
    assert len(tamed) == 50_000
    assert was_cut(tamed)


def test_a_spreadsheets_7_0_is_the_key_7() -> None:
    assert key(7.0) == "7" == key(" 7 ")


@pytest.mark.parametrize(
    ("text", "style_from", "number"),
    [
        ("1.234,56", ["1.234,56"], "1234.56"),
        ("1.200", ["0,5", "1.200"], "1200"),
        ("1,200", ["0.5", "1,200"], "1200"),
        ("1 234,5", ["1 234,5"], "1234.5"),
        ("1'234.50", ["1'234.50"], "1234.50"),
        ("€ 1,234.50", [], "1234.50"),
        ("(1,200)", [], "-1200"),
        ("1200-", [], "-1200"),
        ("−3", [], "-3"),
    ],
)
def test_numbers_follow_the_style_of_their_column(text: str, style_from: list[str], number: str) -> None:
    assert number_style(style_from).number(text) == Decimal(number)


@pytest.mark.parametrize("text", ["abc", "1e999999", "NaN", "Infinity", "1.2.3,4,5", "9" * 80, "=1+1"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(Wild):
        number_style([]).number(text)


def test_one_comma_and_three_digits_leave_the_column_unsettled() -> None:
    assert not number_style(["1,234"]).settled
    assert number_style(["1,234"], comma_likely=True).number("1,234") == Decimal("1.234")


def test_percent_knows_fractions_and_its_bounds() -> None:
    assert percent("45 %") == 45
    assert percent(0.45, fraction=True) == 45
    with pytest.raises(Wild):
        percent("145")


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("25/Oct/25 12:53 PM", datetime(2025, 10, 25, 12, 53)),
        ("11/Jan/15 2:07 AM", datetime(2015, 1, 11, 2, 7)),
        ("2025-10-25T12:53:00.000+0000", datetime(2025, 10, 25, 12, 53)),
        ("Oct 25, 2025", datetime(2025, 10, 25)),
        ("Fri Jun 13 2025", datetime(2025, 6, 13)),
        ("25. Oktober 2025", datetime(2025, 10, 25)),
        ("1 de marzo de 2024", datetime(2024, 3, 1)),
        ("13 févr. 2020", datetime(2020, 2, 13)),
        ("03.04.2025 08:00", datetime(2025, 4, 3, 8)),
        ("20251025", datetime(2025, 10, 25)),
        ("2025年10月25日", datetime(2025, 10, 25)),
        ("45000", datetime(2023, 3, 15)),  # Excel's day number
        (45000.5, datetime(2023, 3, 15, 12)),
        ("24/12/2024 24:00", datetime(2024, 12, 25)),
    ],
)
def test_dates_are_read_in_many_styles(text: str, moment: datetime) -> None:
    assert DateStyle().moment(text) == moment


@pytest.mark.parametrize("text", ["31/02/2020", "soon", "1/1/1800", "2025-13-01", "25/Foo/25", "x" * 500])
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(Wild):
        DateStyle().moment(text)


def test_day_and_month_are_told_apart_by_all_values_of_the_column() -> None:
    assert date_style(["03/04/2025", "25/04/2025"]).moment("03/04/2025") == datetime(2025, 4, 3)
    assert date_style(["03/04/2025", "04/25/2025"]).moment("03/04/2025") == datetime(2025, 3, 4)


def test_a_column_that_proves_the_order_decides_for_the_others() -> None:
    proof, unsure = DateEvidence(), DateEvidence()
    proof.add("12/31/2025")
    unsure.add("03/04/2025")
    styles = date_styles({"start": unsure, "end": proof})
    assert styles["start"].order == "mdy"
    assert doubt(styles["start"]) == ""


def test_dates_that_read_either_way_are_noted_with_an_example() -> None:
    style = date_style(["03/04/2025", "05/06/2025"])
    assert "03/04/2025" in doubt(style)
    assert "day/month" in doubt(style)


@pytest.mark.parametrize(
    ("value", "minutes", "elapsed"),
    [
        ("2d 4h", 1200, False),
        ("1.5 weeks", 3600, False),
        ("90 min", 90, False),
        ("3 jours", 1440, False),
        ("3ed", 4320, True),
        ("PT8H30M0S", 510, False),
        ("1:30", 90, False),
        ("4 days?", 1920, False),
        (5, 2400, False),
    ],
)
def test_durations_are_working_minutes_unless_they_say_elapsed(
    value: object, minutes: int, elapsed: bool
) -> None:
    assert working_minutes(value) == (minutes, elapsed)


@pytest.mark.parametrize("value", ["abc", "5 parsecs", "3 d or so", "999999999999 weeks"])
def test_what_is_no_duration_is_refused(value: str) -> None:
    with pytest.raises(Wild):
        working_minutes(value)


def test_iso_durations_are_exact() -> None:
    assert iso_minutes("PT72H20M48S") == 4341  # 48 seconds round up
    assert iso_minutes("P2DT1H") == 2940


def test_yes_and_no_are_understood_in_several_languages() -> None:
    assert [boolean(v) for v in ("ja", "Oui", "x", "Sí")] == [True] * 4
    assert [boolean(v) for v in ("nein", "No", "0")] == [False] * 3
    with pytest.raises(Wild):
        boolean("perhaps")


def test_labels_are_parted_and_not_repeated() -> None:
    assert words("a, b; a\nc") == ["a", "b", "c"]


def test_status_category_decides_and_resolution_cancels() -> None:
    assert work_status("Weird", "In Progress") == "doing"
    assert work_status("Done", "Done", "Won't Do") == "cancelled"
    assert work_status("Blocked", "In Progress") == "blocked"
    assert work_status("En cours") == "doing"
    assert work_status("Nobody knows") == ""


def test_words_of_kind_priority_and_level_are_known() -> None:
    assert work_kind("Sub-task") == "task"
    assert work_kind("User Story") == "story"
    assert priority("Blocker") == 900
    assert level("4:  High to moderate") == 4
    assert level("Sehr hoch") == 5


@given(st.one_of(st.text(max_size=60), st.floats(), st.integers(), st.none()))
def test_converters_raise_nothing_but_wild(value: object) -> None:
    for convert in (boolean, number_style([]).number, DateStyle().moment, working_minutes, percent):
        try:
            convert(value)
        except Wild as wild:
            assert str(wild)
