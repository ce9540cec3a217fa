"""A small project whose numbers fit in comments: three tasks in a row, one risk, one budget."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import pytest

# Models are imported inside: this file may be read before Django is set up.

DAY = 480
NOW = datetime(2027, 1, 4, 9, 0, tzinfo=UTC)  # a Monday


def at(day: int, hour: int = 8, month: int = 1) -> datetime:
    """A moment of 2027."""
    return datetime(2027, month, day, hour, tzinfo=UTC)


@dataclass
class Project:
    """The project under test and short ways to change it."""

    node: Any
    portfolio: Any
    owner: Any
    records: dict[str, Any] = field(default_factory=dict)

    @property
    def actor(self) -> Any:
        from steerco.kit.access import Actor

        return Actor.person(self.owner)

    def add(self, slug: str, **fields: Any) -> Any:
        from steerco.kit.register import get
        from steerco.kit.write import create

        record = create(self.actor, get(slug), self.node, fields)
        self.records[record.ref] = record
        return record

    def edit(self, record: Any, **fields: Any) -> Any:
        from steerco.kit.register import of_model
        from steerco.kit.write import change

        register = of_model(type(record))
        fresh = register.model.objects.get(pk=record.pk)
        return change(self.actor, register, record.pk, fields, version=fresh.version)

    def link(self, before: Any, after: Any, **more: Any) -> Any:
        from steerco.areas.plan.models import TaskLink
        from steerco.kit.write import door

        made = TaskLink.objects.create(node=self.node, predecessor=before, successor=after, **more)
        with door(self.actor) as opened:
            opened.wake(self.node.pk, "link")
        return made


@pytest.fixture
def portfolio(db: None) -> Any:
    from steerco.kit import workspace
    from steerco.kit.access import Actor

    return workspace.create_node(Actor.system("cli"), None, "portfolio", "Applied AI", key="AI")


@pytest.fixture
def empty(portfolio: Any) -> Project:
    """A project without records, its owner granted on it."""
    from steerco.kit import workspace
    from steerco.kit.access import Actor
    from steerco.kit.people import User
    from steerco.kit.tree import Node, Role

    owner = User.objects.create_user("mara@example.org", "Mara Ito")
    node = workspace.create_node(
        Actor.system("cli"), portfolio, "project", "Edge vision", key="EDGE", start=at(4)
    )
    workspace.grant(Actor.system("cli"), node, owner, Role.OWNER)
    node.options = {"health_policy": {"forecast": {"draws": 1000, "driver_draws": 1000}}}
    Node.objects.filter(pk=node.pk).update(options=node.options)  # few draws: these tests ask about promises
    return Project(node, portfolio, owner)


@pytest.fixture
def project(empty: Project) -> Project:
    """Label 5 d, train 5 d, go-live; start Monday 4 January, so the plan ends on Friday 15 January 17:00.

    Each task may take 4 to 8 days. One risk: 20 % chance of 5 more days at the finish. Committed: 22 January, 80 %.
    """
    from steerco.kit import workspace

    three = {"optimistic_minutes": 4 * DAY, "most_likely_minutes": 5 * DAY, "pessimistic_minutes": 8 * DAY}
    label = empty.add("work-items", title="Label", duration_minutes=5 * DAY, planned_cost=10_000, **three)
    train = empty.add("work-items", title="Train", duration_minutes=5 * DAY, planned_cost=10_000, **three)
    live = empty.add("work-items", title="Go-live", kind="milestone", duration_minutes=0)
    empty.link(label, train)
    empty.link(train, live)
    empty.add(
        "risks", title="Camera order slips", probability=0.2, impact_days_likely=5, impact_cost_likely=2000
    )
    empty.node = workspace.change_node(
        empty.actor,
        empty.node,
        {"committed_finish": date(2027, 1, 22), "committed_confidence": 80, "budget": 25_000},
        version=empty.node.version,
    )
    return empty
