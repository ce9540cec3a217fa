"""The plan page's data: what it says is what the records say, and a preview never speaks of a plan that was."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from steerco.areas.plan.models import WorkItem
from steerco.engine.plan import to_minute
from steerco.kit import workspace, write
from steerco.kit.access import Actor
from steerco.kit.people import User
from steerco.kit.register import get
from steerco.kit.tree import Node, Role
from steerco.site.outline import MOMENTS, outline, values

pytestmark = pytest.mark.django_db
DAY = 480
SYSTEM = Actor.system("cli")


@pytest.fixture
def node() -> Node:
    top = workspace.create_node(SYSTEM, None, "portfolio", "Applied AI", key="AI")
    return workspace.create_node(
        SYSTEM, top, "project", "Edge vision", key="EDGE", start=datetime(2027, 1, 4, 8, tzinfo=UTC)
    )


@pytest.fixture
def client(node: Node) -> Client:
    planner = User.objects.create_user("planner@example.org", "Planner")
    workspace.grant(SYSTEM, node, planner, Role.CONTRIBUTOR)
    client = Client(SERVER_NAME="localhost")
    client.force_login(planner)
    return client


def add(node: Node, title: str, **fields: Any) -> Any:
    return write.create(SYSTEM, get("work-items"), node, {"title": title, **fields})


def test_moments_are_the_minutes_of_the_records(node: Node) -> None:
    item = add(node, "Label", duration_minutes=DAY, percent_complete=37.5)
    moments = {name: datetime(2027, 1, 4 + place, 8, place, 59, 7, UTC) for place, name in enumerate(MOMENTS)}
    WorkItem.objects.filter(pk=item.pk).update(**(moments | {"deadline": None}))
    item.refresh_from_db()
    row = values(SYSTEM, node, (*MOMENTS, "percent_complete", "title"))[item.pk]
    for name in MOMENTS:
        moment = getattr(item, name)
        assert row[name] == (to_minute(moment) if moment else None), name
    assert (row["percent_complete"], row["title"]) == (37.5, "Label")
    assert row["deadline"] is None


def test_parents_in_a_circle_stand_flat_instead_of_being_lost(node: Node) -> None:
    stage = add(node, "Stage")
    below = add(node, "Task", parent=stage)
    first, second = add(node, "First"), add(node, "Second")
    WorkItem.objects.filter(pk=first.pk).update(parent=second)
    WorkItem.objects.filter(pk=second.pk).update(parent=first)
    lines = {line.id: line for line in outline(SYSTEM, node)}
    assert set(lines) == {stage.pk, below.pk, first.pk, second.pk}
    assert (lines[stage.pk].is_parent, lines[below.pk].level) == (True, 1)
    assert lines[first.pk].level == lines[second.pk].level == 0


def test_a_preview_after_an_edit_is_of_the_plan_as_it_is_now(node: Node, client: Client) -> None:
    first = add(node, "Label", duration_minutes=5 * DAY)
    other = add(node, "Rack", duration_minutes=2 * DAY)
    question = {"ref": first.ref, "duration_minutes": 8 * DAY}

    def delta() -> int:
        answer = client.post("/n/EDGE/gantt/preview", json.dumps(question), content_type="application/json")
        assert answer.status_code == 200, answer.content
        return int(answer.json()["finish_delta_minutes"])

    later = delta()
    assert later > 0
    assert delta() == later
    write.change(SYSTEM, get("work-items"), other.pk, {"duration_minutes": 30 * DAY}, version=other.version)
    assert delta() == 0  # the other task now ends later than either
