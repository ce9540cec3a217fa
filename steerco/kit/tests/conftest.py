"""A tree with two projects of different customers, and a person in each role."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from steerco.kit import workspace
from steerco.kit.access import Actor
from steerco.kit.people import User
from steerco.kit.tree import Node, Role

PASSWORD = "correct horse battery"


@dataclass
class World:
    """Root > Alpha, Beta; each role on Alpha only, plus a stranger on Beta."""

    root: Node
    alpha: Node
    beta: Node
    people: dict[str, User]

    def actor(self, name: str) -> Actor:
        return Actor.person(self.people[name])


@pytest.fixture
def world(db: None) -> World:
    system = Actor.system("cli")
    root = workspace.create_node(system, None, "portfolio", "All", key="ALL")
    alpha = workspace.create_node(system, root, "project", "Alpha", key="ALPHA")
    beta = workspace.create_node(system, root, "project", "Beta", key="BETA")
    people = {}
    for name, role in [("guest", 10), ("reader", 20), ("contributor", 30), ("manager", 40), ("owner", 50)]:
        people[name] = User.objects.create_user(f"{name}@example.org", name.capitalize())
        workspace.grant(system, alpha, people[name], role)
    people["stranger"] = User.objects.create_user("stranger@example.org", "Stranger")
    workspace.grant(system, beta, people["stranger"], Role.OWNER)
    people["nobody"] = User.objects.create_user("nobody@example.org", "Nobody")
    return World(root, alpha, beta, people)
