"""Facts are read in a fixed number of queries, and their fingerprint changes when and only when an input does."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from steerco.kit.tree import Node
from steerco.kit.write import door
from steerco.status.facts import read
from steerco.status.network import plan_from

pytestmark = pytest.mark.django_db
TODAY = date(2027, 1, 4)
DAY = 480


def fingerprint(project):
    return read(Node.objects.get(pk=project.node.pk)).fingerprint


@pytest.mark.parametrize(
    ("ref", "fields"),
    [
        ("T-1", {"duration_minutes": 6 * DAY}),
        ("T-1", {"percent_complete": 10}),
        ("T-2", {"planned_cost": 10_001}),
        ("T-2", {"points": 3}),
        ("T-1", {"parent": "T-3"}),
        ("R-1", {"probability": 0.21}),
        ("R-1", {"impact_days_high": 9}),
        ("R-1", {"response": "accept"}),
        ("T-1", {"status": "doing"}),
    ],
)
def test_an_input_changes_the_fingerprint(project, ref, fields):
    before = fingerprint(project)
    project.edit(project.records[ref], **fields)
    assert fingerprint(project) != before


@pytest.mark.parametrize(
    ("ref", "fields"),
    [
        ("T-1", {"title": "Label frames"}),
        ("T-1", {"description": "More words"}),
        ("R-1", {"cause": "The vendor"}),
        ("R-1", {"tags": ["hardware"]}),
    ],
)
def test_what_is_no_input_leaves_the_fingerprint(project, ref, fields):
    before = fingerprint(project)
    project.edit(project.records[ref], **fields)
    assert fingerprint(project) == before


def test_links_promises_and_new_records_are_inputs(project):
    seen = {fingerprint(project)}
    project.link(project.records["T-1"], project.records["T-3"])
    seen.add(fingerprint(project))
    project.edit(project.records["R-1"], probability=0.5)
    seen.add(fingerprint(project))
    project.add("datasets", title="Frames")
    seen.add(fingerprint(project))
    Node.objects.filter(pk=project.node.pk).update(committed_confidence=90)
    seen.add(fingerprint(project))
    with door(project.actor) as opened:
        opened.link(
            *(type_register("risks"), project.records["R-1"].pk, "threatens"),
            *(type_register("work-items"), project.records["T-1"].pk),
        )
    seen.add(fingerprint(project))
    assert len(seen) == 6


def type_register(slug):
    from steerco.kit.register import get

    return get(slug)


def test_archived_records_are_no_facts(project):
    with door(project.actor) as opened:
        opened.archive(type_register("risks"), project.records["R-1"].pk, version=1)
    assert read(project.node).risks == ()


def test_reading_costs_the_same_queries_for_any_number_of_rows(project):
    with CaptureQueriesContext(
        connection,
    ) as few:
        read(project.node)
    for n in range(10):
        project.add("work-items", title=f"More {n}", duration_minutes=DAY)
        project.add("risks", title=f"Risk {n}", probability=0.1, impact_days_likely=1)
    with CaptureQueriesContext(connection) as many:
        read(project.node)
    assert len(many) == len(few) <= 15


def test_work_without_duration_and_dates_is_backlog_not_network(project):
    project.add("work-items", title="Story", kind="story", points=3)
    facts = plan_from(read(project.node), TODAY)
    assert [i.title for i in facts.backlog] == ["Story"]
    assert set(facts.ids) == {"T-1", "T-2", "T-3"}


def test_a_typed_start_with_nothing_before_it_is_meant(project):
    start = datetime(2027, 2, 1, 8, tzinfo=UTC)
    alone = project.add(
        "work-items", title="Audit", planned_start=start, planned_finish=start + timedelta(hours=9)
    )
    task = next(t for t in plan_from(read(project.node), TODAY).plan.tasks if t.key == alone.ref)
    assert task.constraint == "start_no_earlier_than"
    assert task.duration == DAY  # 8 to 17 with an hour's lunch


def test_a_linked_item_without_duration_is_a_day_and_says_so(project):
    bare = project.add("work-items", title="Sign off")
    project.link(project.records["T-2"], bare)
    facts = plan_from(read(project.node), TODAY)
    assert [f.code for f in facts.findings] == ["no-duration"]
    assert next(t for t in facts.plan.tasks if t.key == bare.ref).duration == DAY


def test_an_unreadable_calendar_becomes_a_finding(project):
    from steerco.areas.plan.models import WorkCalendar

    WorkCalendar.objects.create(
        node=project.node, key="c", name="Shift", definition={"week": [[[900, 9000]]] * 7}, is_default=True
    )
    facts = plan_from(read(project.node), TODAY)
    assert [f.code for f in facts.findings] == ["bad-calendar"] and facts.plan is not None
