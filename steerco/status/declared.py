"""Which declared status stands, and how far it lies from what the evidence says."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from steerco.kit import access
from steerco.kit.access import Actor
from steerco.kit.register import of_model
from steerco.kit.tree import Node
from steerco.status.health import levels_apart
from steerco.status.models import DeclaredStatus
from steerco.status.registers.declared_status import Status
from steerco.status.results import Health


@dataclass(frozen=True, slots=True)
class Declared:
    """A declaration beside the computed colour. `stands` is False once it expired or was withdrawn."""

    node_id: int
    ref: str
    colour: str
    reason: str
    who: str
    reviewer: str
    declared_on: date
    expires_on: date
    stands: bool
    levels: int | None  # apart from the computed colour; None where there is none
    days: int  # for which it has been apart, up to today

    @property
    def diverges(self) -> bool:
        return self.stands and bool(self.levels)


def standing(
    actor: Actor, nodes: Iterable[Node], computed: dict[int, str], today: date
) -> dict[int, Declared]:
    """The newest declaration of each node, by node id, standing or expired; nothing a person may not read.

    `computed` maps a node's id to its computed colour. Costs three queries however many nodes there are.
    """
    ids = [node.pk for node in nodes]
    newest: dict[int, DeclaredStatus] = {}
    rows = (
        access.rows(of_model(DeclaredStatus), actor)
        .filter(node__in=ids)
        .exclude(status=Status.WITHDRAWN)
        .select_related("owner", "reviewer", "created_by")
    )
    for row in rows.order_by("number"):
        newest[row.node_id] = row
    since = _apart_since(newest)
    found = {}
    for node_id, row in newest.items():
        stands = row.status == Status.DECLARED and row.expires_on >= today
        levels = levels_apart(row.colour, computed.get(node_id, "unknown"))
        declared_on = row.created_at.date()
        first = max(since.get(node_id, declared_on), declared_on)
        who = row.owner or row.created_by
        found[node_id] = Declared(
            node_id,
            row.ref,
            row.colour,
            row.reason,
            who.name if who else "",
            row.reviewer.name if row.reviewer else "",
            declared_on,
            row.expires_on,
            stands,
            levels,
            max((today - first).days, 0) if stands and levels else 0,
        )
    return found


def _apart_since(newest: dict[int, DeclaredStatus]) -> dict[int, date]:
    """Per node, the first day of the unbroken run of computed colours that differ from the declared one."""
    first: dict[int, date] = {}
    if not newest:
        return first
    since = min(row.created_at for row in newest.values())
    history = (
        Health.objects.filter(node__in=newest, made_at__gte=since)
        .order_by("id")
        .values_list("node_id", "colour", "as_of")
    )
    for node_id, colour, as_of in history:
        if levels_apart(newest[node_id].colour, colour):
            first.setdefault(node_id, as_of)
        elif colour != "unknown":
            first.pop(node_id, None)
    return first
