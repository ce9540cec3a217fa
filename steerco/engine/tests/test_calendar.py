"""Calendars: working minutes between moments, forwards and backwards, over nights, holidays and clock changes."""

from datetime import date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steerco.engine.calendar import ALL_HOURS, OFFICE_HOURS, Calendar, CalendarException, WorkWeek
from steerco.engine.plan import to_minute, to_moment
from steerco.engine.worktime import CalendarError

CLOSED_WEEK = ((),) * 7


def at(text: str) -> int:
    return to_minute(datetime.fromisoformat(text))


def text(minute: int) -> str:
    return f"{to_moment(minute):%Y-%m-%d %H:%M}"


@pytest.fixture
def office():
    return Calendar.standard().compile(at("2026-01-01"))


def test_friday_evening_and_monday_morning_are_the_same_working_moment(office):
    friday, monday = at("2026-01-02 17:00"), at("2026-01-05 08:00")
    assert office.index(friday) == office.index(monday) == office.index(at("2026-01-04 03:00"))
    assert office.between(friday, monday) == 0
    assert text(office.next_open(friday)) == "2026-01-05 08:00"
    assert text(office.previous_close(monday)) == "2026-01-02 17:00"


def test_a_day_of_work_ends_at_a_closing_and_starts_at_an_opening(office):
    assert text(office.add(at("2026-01-02 13:00"), 480)) == "2026-01-05 12:00"
    assert text(office.add(at("2026-01-05 12:00"), -480)) == "2026-01-02 13:00"
    assert text(office.add(at("2026-01-05 08:00"), 480)) == "2026-01-05 17:00"


def test_no_work_stays_at_a_closing_but_leaves_the_night(office):
    assert text(office.add(at("2026-01-02 17:00"), 0)) == "2026-01-02 17:00"
    assert text(office.add(at("2026-01-02 22:00"), 0)) == "2026-01-05 08:00"


def test_night_shift_belongs_to_the_evening_it_starts():
    nights = Calendar(week=((((1320, 360),),) * 5 + ((), ())))
    work = nights.compile(at("2026-01-05"))
    # Friday's shift runs into Saturday; Sunday night is off
    assert text(work.add(at("2026-01-09 22:00"), 480)) == "2026-01-10 06:00"
    assert text(work.next_open(at("2026-01-10 06:00"))) == "2026-01-12 22:00"
    assert nights == Calendar(week=((((1320, 1800),),) * 5 + ((), ())))


def test_first_exception_counts_before_seasons_before_the_week():
    calendar = Calendar(
        exceptions=(
            CalendarException(date(2026, 1, 7), date(2026, 1, 7), ((600, 660),), "open hour"),
            CalendarException(date(2026, 1, 6), date(2026, 1, 8), (), "holidays"),
        ),
        weeks=(WorkWeek(date(2026, 1, 5), date(2026, 1, 11), (((540, 600),),) * 3 + (None,) * 4),),
    )
    work = calendar.compile(at("2026-01-05"))
    days = [work.between(at(f"2026-01-{d:02}"), at(f"2026-01-{d + 1:02}")) for d in range(5, 12)]
    assert days == [60, 0, 60, 0, 480, 0, 0]


def test_intersection_is_open_when_both_are():
    six_days = Calendar(week=(((540, 780),),) * 6 + ((),))
    both = Calendar.standard().intersect(six_days).compile(at("2026-01-05"))
    assert both.between(at("2026-01-05"), at("2026-01-12")) == 5 * 180  # 9:00 to 12:00
    again = six_days.intersect(Calendar.standard()).compile(at("2026-01-05"))
    assert again.between(at("2026-01-05"), at("2026-01-12")) == 5 * 180
    assert Calendar.standard().intersect(Calendar.standard()) == Calendar.standard()


def test_a_calendar_that_never_opens_is_refused_by_name():
    with pytest.raises(CalendarError, match=r"'Closed' never opens"):
        Calendar(week=CLOSED_WEEK).compile(at("2026-01-05"), name="Closed").next_open(at("2026-01-05"))


def test_a_calendar_that_closes_for_good_is_refused():
    once = Calendar(
        week=CLOSED_WEEK, exceptions=(CalendarException(date(2026, 1, 5), date(2026, 1, 6), OFFICE_HOURS),)
    )
    work = once.compile(at("2026-01-05"), name="Once")
    assert text(work.add(at("2026-01-05"), 960)) == "2026-01-06 17:00"
    with pytest.raises(CalendarError, match=r"'Once' has no .* before the year 2570"):
        work.add(at("2026-01-05"), 961)


def test_work_of_a_million_years_is_refused_not_tried():
    with pytest.raises(CalendarError, match="before the year 2570"):
        Calendar.standard().compile(0).add(0, 10**12)
    with pytest.raises(CalendarError, match="years 1770 to 2570"):
        Calendar.standard().compile(0).index(10**12)


@pytest.mark.parametrize(
    "shift",
    [((-1, 60),), ((1440, 1500),), ((0, 3000),)],
    ids=["negative", "starts tomorrow", "two days long"],
)
def test_shifts_outside_a_day_are_refused(shift):
    with pytest.raises(ValueError, match=r"is not in minutes of a day|longer than a day"):
        Calendar(week=(shift, *CLOSED_WEEK[1:]))


def test_backward_exception_and_short_week_are_refused():
    with pytest.raises(ValueError, match="ends on 2026-01-01 before it starts on 2026-01-02"):
        CalendarException(date(2026, 1, 2), date(2026, 1, 1))
    with pytest.raises(ValueError, match="7 days"):
        Calendar(week=CLOSED_WEEK[:5])


@pytest.mark.parametrize(
    ("zone", "day", "minutes"),
    [
        ("Europe/Kyiv", "2026-03-28", 1440),
        ("Europe/Kyiv", "2026-03-29", 1380),  # the clock jumps from 3:00 to 4:00
        ("Europe/Kyiv", "2026-10-25", 1500),  # 3:00 to 4:00 comes twice
        ("Australia/Lord_Howe", "2026-10-04", 1410),  # half an hour
        ("Pacific/Apia", "2011-12-30", 0),  # a day that never was
        ("Asia/Kolkata", "2026-03-29", 1440),
    ],
)
def test_a_local_day_has_the_minutes_its_clock_shows(zone, day, minutes):
    only = Calendar(
        week=CLOSED_WEEK,
        exceptions=(CalendarException(date.fromisoformat(day), date.fromisoformat(day), ((0, 1440),)),),
        zone=zone,
    )
    work = only.compile(at(day))
    assert work.between(at(day) - 2000, at(day) + 4000) == minutes


def test_office_hours_follow_the_clock_of_their_zone():
    new_york = Calendar.standard("America/New_York").compile(at("2026-03-01"))
    # Friday before and Monday after the change of 8 March: 8:00 is 13:00 UTC, then 12:00 UTC
    assert text(new_york.next_open(at("2026-03-06 00:00"))) == "2026-03-06 13:00"
    assert text(new_york.next_open(at("2026-03-07 00:00"))) == "2026-03-09 12:00"


def test_unknown_zone_is_named():
    with pytest.raises(ValueError, match="unknown time zone 'Mars/Olympus'"):
        Calendar.standard("Mars/Olympus").compile(0)


def test_growing_backwards_keeps_indices(office):
    later = at("2026-06-01 10:00")
    index = office.index(later)
    office.index(at("1990-01-01"))
    assert office.index(later) == index


shifts = st.lists(st.tuples(st.integers(0, 1439), st.integers(0, 1440)), max_size=3).map(tuple)
calendars = st.builds(
    Calendar,
    week=st.tuples(*[shifts] * 6, st.just(((60, 120),))),
    zone=st.sampled_from(["", "Europe/Kyiv", "Australia/Lord_Howe"]),
    exceptions=st.lists(
        st.builds(
            lambda start, length, hours: CalendarException(start, start + timedelta(days=length), hours),
            st.dates(date(2026, 1, 1), date(2026, 12, 1)),
            st.integers(0, 20),
            shifts,
        ),
        max_size=3,
    ).map(tuple),
)


@settings(max_examples=60, deadline=None)
@given(calendars, st.integers(at("2026-01-01"), at("2026-12-31")), st.integers(1, 20_000))
def test_counting_minute_by_minute_agrees(calendar, start, work):
    """The oracle is a bitmap of every minute."""
    first, last = at("2025-12-20"), at("2026-12-31") + 3000
    opens, closes = calendar.intervals(first // 1440, last // 1440)
    bitmap = np.zeros(last - first, bool)
    for a, b in zip(opens.tolist(), closes.tolist()):
        bitmap[a - first : b - first] = True
    compiled = calendar.compile(start)
    end = min(start + work, last - 1500)
    assert compiled.between(start, end) == bitmap[start - first : end - first].sum()
    minutes = np.array([start, end, (start + end) // 2])
    assert compiled.index_of(minutes).tolist() == [compiled.index(int(m)) for m in minutes]
    indices = compiled.index_of(minutes)
    assert compiled.starts_at(indices).tolist() == [compiled.start_at(int(i)) for i in indices]
    assert compiled.finishes_at(indices).tolist() == [compiled.finish_at(int(i)) for i in indices]
    begin, finish = compiled.next_open(start), compiled.previous_close(start)
    assert finish <= start <= begin or compiled.is_open(start)
    assert compiled.index(begin) == compiled.index(finish) == compiled.index(start)
    assert compiled.between(start, compiled.add(start, work)) == work
    assert compiled.between(compiled.add(start, -work), start) == work


def test_around_the_clock_is_elapsed_time():
    work = Calendar(week=ALL_HOURS).compile(0)
    assert work.add(100, 5000) == 5100
    assert Calendar.around_the_clock() == Calendar(week=((((0, 0),),) * 7))
