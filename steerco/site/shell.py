"""What every page's frame shows: the tree the reader may see, the pages of the current node, and where we are."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from steerco.kit import access
from steerco.kit.access import Actor
from steerco.kit.register import registers
from steerco.kit.tree import Node, Role


@dataclass
class Branch:
    """One node of the tree as the sidebar draws it."""

    name: str
    url: str
    current: bool = False
    open: bool = False
    children: list[Branch] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the navigation or of the create menu."""

    label: str
    url: str
    current: bool = False
    count: int = 0


def context(request: HttpRequest) -> dict[str, Any]:
    """`shell` for the templates; computed once per page, not for fragments."""
    match = getattr(request, "resolver_match", None)
    if match is None or request.headers.get("HX-Request") or not getattr(request, "user", None):
        return {"shell": None}
    actor = Actor.of(request)
    if actor.user_id is None:
        return {"shell": None}
    visible = list(access.nodes(actor).filter(archived_at__isnull=True))
    by_id = {node.pk: node for node in visible}
    key = str(match.kwargs.get("key", ""))
    node = next((n for n in visible if n.key.casefold() == key.casefold()), None)
    path = _path(node, by_id)
    role = access.role_on(actor, node) if node else 0
    return {
        "shell": {
            "tree": _tree(visible, by_id, {n.pk for n in path}, node),
            "node": node,
            "crumbs": [{"name": n.name, "url": reverse("node", args=[n.key])} for n in path],
            "areas": _areas(node, role, request.path) if node else [],
            "creatable": _creatable(node, role),
            "pulse": reverse("pulse", args=[node.key])
            if node and node.is_project and role >= Role.READER
            else "",
        }
    }


def _path(node: Node | None, by_id: dict[int, Node]) -> list[Node]:
    path: list[Node] = []
    while node is not None:
        path.insert(0, node)
        node = by_id.get(node.parent_id) if node.parent_id else None
    return path


def _tree(
    visible: list[Node], by_id: dict[int, Node], open_ids: set[int], current: Node | None
) -> list[Branch]:
    branches = {
        n.pk: Branch(
            n.name,
            reverse("node", args=[n.key]),
            current is not None and n.pk == current.pk,
            n.pk in open_ids or n.parent_id not in by_id,
        )
        for n in visible
    }
    roots: list[Branch] = []
    for n in visible:
        (branches[n.parent_id].children if n.parent_id in by_id else roots).append(branches[n.pk])
    return roots


def pages_of(node: Node, role: int) -> list[tuple[str, str, int]]:
    """(label, address, least role) of the pages of a node that are not registers."""
    at = [node.key]
    shown = [(_("Overview"), reverse("node", args=at), Role.READER)]
    if node.is_project:
        shown += [
            (_("Plan"), reverse("gantt", args=at), Role.READER),
            (_("Forecast"), reverse("forecast", args=at), Role.READER),
        ]
    return [entry for entry in shown if role >= entry[2]]


def _areas(node: Node, role: int, path: str) -> list[Entry]:
    at = [node.key]
    found = [(label, url) for label, url, _least in pages_of(node, role)]
    found += [(capfirst(str(r.nouns)), reverse("register", args=[node.key, r.slug])) for r in _in_order()]
    if role >= Role.READER:
        found.append((_("Packs"), reverse("packs", args=at)))
    if role >= Role.CONTRIBUTOR and node.is_project:
        found.append((_("Import"), reverse("import", args=at)))
    if role >= Role.MANAGER:
        found.append((_("Settings"), reverse("node-settings", args=at)))
    if role >= Role.OWNER:
        found.append((_("People and access"), reverse("people", args=at)))
    overview = reverse("node", args=at)
    return [
        Entry(label, url, path == url or (url != overview and path.startswith(url))) for label, url in found
    ]


def _in_order() -> list[Any]:
    areas = ["plan", "raid", "govern", "ai", "service"]
    return sorted(registers(), key=lambda r: (areas.index(r.area) if r.area in areas else 99, r.slug))


def _creatable(node: Node | None, role: int) -> list[Entry]:
    if node is None or role < Role.CONTRIBUTOR:
        return []
    if node.is_project:
        return [
            Entry(capfirst(str(r.noun)), reverse("record-new", args=[node.key, r.slug])) for r in _in_order()
        ]
    if role >= Role.MANAGER:
        return [Entry(_("Project or programme"), reverse("node-new", args=[node.key]))]
    return []
