"""A portfolio with one project, and short ways to say what a source holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from steerco.connect.items import Item, Reading


def task(key: str, title: str = "", parent: str = "", **fields: Any) -> Item:
    """A work item as a reader yields it."""
    return Item("work-items", key, {"title": title or f"Task {key}", **fields}, f"row {key}", parent)


def reading(*items: Item, owned: tuple[str, ...] = ("title", "priority"), **more: Any) -> Reading:
    """A reading whose source owns some fields of work items."""
    return Reading(
        more.pop("system", "jira-csv"),
        more.pop("file", "export.csv"),
        items=items,
        owned=frozenset(f"work-items.{name}" for name in owned),
        **more,
    )


@dataclass
class Place:
    """Where the tests import to, and who does it."""

    node: Any
    operator: Any
    editor: Any  # a person with the role of a manager, at a page

    def items(self) -> dict[str, Any]:
        """The project's work items by their key at the source."""
        from steerco.areas.plan.models import WorkItem

        return {i.origin_key: i for i in WorkItem.objects.filter(node=self.node).order_by("number")}


@pytest.fixture
def place(db: None) -> Place:
    from steerco.kit import workspace
    from steerco.kit.access import Actor
    from steerco.kit.people import User
    from steerco.kit.tree import Role

    operator = Actor.system("cli", "operator")
    top = workspace.create_node(operator, None, "portfolio", "Portfolio")
    node = workspace.create_node(operator, top, "project", "Harbour", key="HARB")
    person = User.objects.create_user("mara@example.org", "Mara Lind")
    workspace.grant(operator, node, person, Role.MANAGER)
    return Place(node, operator, Actor.person(person))
