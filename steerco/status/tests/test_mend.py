"""A faulty plan loses what offends, one by one, says so, and stays calculable."""

from __future__ import annotations

from datetime import datetime

import pytest

from steerco.engine.calendar import Calendar
from steerco.engine.check import check
from steerco.engine.network import schedule
from steerco.engine.plan import Constraint, Demand, Link, Plan, Task, to_minute
from steerco.status.mend import mend

START = to_minute(datetime(2027, 1, 4, 8))
DAY = 480


def plan(*tasks, links=(), **more):
    more.setdefault("calendars", {"": Calendar.standard()})
    return Plan(START, tasks, tuple(links), **more)


def test_a_sound_plan_is_left_alone():
    sound = plan(Task("A", DAY), Task("B", DAY), links=[Link("A", "B")])
    assert mend(sound) == (sound, ())


def test_a_circle_loses_the_link_that_closes_it_and_is_named_task_by_task():
    mended, found = mend(
        plan(*(Task(k, DAY) for k in "ABC"), links=[Link("A", "B"), Link("B", "C"), Link("C", "A")])
    )
    assert mended.links == (Link("A", "B"), Link("B", "C"))
    assert [f.code for f in found] == ["cycle"]
    assert (
        "A -> B -> C -> A" in found[0].sentence and "The link from C to A was left out." in found[0].sentence
    )


def test_a_circle_over_a_summary_is_cut_too():
    # S holds A; A precedes B, and B precedes the whole of S: B waits for itself.
    mended, found = mend(
        plan(Task("S", 0), Task("A", DAY, parent="S"), Task("B", DAY), links=[Link("A", "B"), Link("B", "S")])
    )
    assert len(mended.links) == 1 and found[0].code == "cycle"
    schedule(mended)


@pytest.mark.parametrize(
    ("task", "code"),
    [
        (Task("A", -5), "negative-duration"),
        (Task("A", DAY, percent_complete=130), "percent"),
        (Task("A", DAY, actual_start=START + 900, actual_finish=START), "ends-before-start"),
        (Task("A", DAY, actual_finish=START), "finish-without-start"),
        (Task("A", DAY, constraint=Constraint.SNET), "constraint-date"),
        (Task("A", DAY, parent="Z"), "unknown-parent"),
        (Task("A", DAY, calendar="night"), "unknown-calendar"),
        (Task("A", DAY, demands=(Demand("nobody", 1.0),)), "unknown-resource"),
    ],
)
def test_a_faulty_task_is_mended_with_a_finding_and_the_rest_calculated(task, code):
    mended, found = mend(plan(task, Task("B", DAY)))
    assert [f.code for f in found] == [code]
    assert found[0].remedy and "A" in found[0].sentence
    assert not check(mended)
    assert schedule(mended)["B"].early_finish == START + 540  # 8 hours and lunch


def test_many_circles_are_all_cut():
    # 60 pairs that wait for each other.
    tasks = [Task(f"{side}{n}", DAY) for n in range(60) for side in "AB"]
    links = [link for n in range(60) for link in (Link(f"A{n}", f"B{n}"), Link(f"B{n}", f"A{n}"))]
    mended, found = mend(plan(*tasks, links=links))
    assert len(mended.links) == 60 and len(found) == 60
    schedule(mended)


def test_a_calendar_that_never_opens_gives_way_to_the_standard_week():
    closed = Calendar(week=((),) * 7)
    mended, found = mend(plan(Task("A", DAY, calendar="c"), calendars={"": Calendar.standard(), "c": closed}))
    assert [f.code for f in found] == ["closed-calendar"]
    assert schedule(mended)["A"].early_finish == START + 540
