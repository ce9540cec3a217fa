"""Verbs over a whole plan: take over a source's links, calendars, resources and assignments in one go."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from steerco.areas.plan.network import Assignment, Resource, TaskLink, WorkCalendar
from steerco.kit import access
from steerco.kit.refusals import Refused
from steerco.kit.tree import Node
from steerco.kit.write import Door

TOLD = 100  # how many changed or vanished rows the trail spells out; the counts are always whole


@dataclass(frozen=True, slots=True)
class LinkRow:
    """A dependency between two work items by their ids; lag in minutes, or hundredths for per-cent lags."""

    predecessor_id: int
    successor_id: int
    type: str = "FS"
    lag: float = 0
    lag_unit: str = "working"


@dataclass(frozen=True, slots=True)
class CalendarRow:
    """A working calendar; `definition` as `calendars.calendar_to_json` writes it."""

    key: str
    name: str
    definition: Mapping[str, Any]
    is_default: bool = False


@dataclass(frozen=True, slots=True)
class ResourceRow:
    """A person, team, machine or material."""

    key: str
    name: str
    kind: str = "work"
    capacity: float = 1.0
    calendar: str = ""
    rate: Decimal | None = None
    person_id: int | None = None
    group: str = ""


@dataclass(frozen=True, slots=True)
class AssignmentRow:
    """Use of a resource, named by its key, by a work item, named by its id."""

    item_id: int
    resource: str
    units: float = 1.0
    work_minutes: int | None = None
    actual_minutes: int | None = None
    remaining_minutes: int | None = None
    start: datetime | None = None
    finish: datetime | None = None
    delay_minutes: int = 0
    cost: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Network:
    """Everything a source says about a plan besides its items.

    `items` are the ids of the items it speaks of. Rows it no longer has are dropped only between those items, unless it
    is the `whole` of what came from this source.
    """

    system: str
    items: frozenset[int]
    links: Sequence[LinkRow] = ()
    calendars: Sequence[CalendarRow] = ()
    resources: Sequence[ResourceRow] = ()
    assignments: Sequence[AssignmentRow] = ()
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Replaced:
    """How many rows of one kind are new, changed, the same, and gone because the source dropped them."""

    new: int = 0
    changed: int = 0
    same: int = 0
    gone: int = 0

    @property
    def any(self) -> bool:
        return bool(self.new or self.changed or self.gone)


@dataclass(slots=True)
class _Work:
    """Rows of one kind, sorted against what is stored."""

    new: list[Any] = field(default_factory=list)
    changed: list[Any] = field(default_factory=list)
    gone: list[int] = field(default_factory=list)
    same: int = 0
    told: list[dict[str, Any]] = field(default_factory=list)

    def replaced(self) -> Replaced:
        return Replaced(len(self.new), len(self.changed), self.same, len(self.gone))


def compare_network(node: Node, network: Network) -> dict[str, Replaced]:
    """What `replace_network` would do, by kind; nothing is written. Items that do not exist yet have negative ids."""
    return {name: work.replaced() for name, _model, work in _compared(node, network)}


def replace_network(door: Door, node: Node, network: Network) -> dict[str, Replaced]:
    """Make a plan's links, calendars, resources and assignments what the source says; counts by kind.

    Rows of other origins stay: a link drawn here by a person is not the source's to drop. Raises Refused.
    """
    if not access.may_edit(door.actor, node):
        raise Refused(_("This needs the role “Contributor” on %(node)s.") % {"node": node.name})
    found: dict[str, Replaced] = {}
    for name, model, work in _compared(node, network):
        _write(model, work)
        found[name] = work.replaced()
        if found[name].any:
            counts = asdict(found[name])
            after = counts | ({"changes": work.told} if work.told else {})
            door.note(node.pk, f"plan-{name}", node.pk, node.key, "replace", {}, after)
            door.wake(node.pk, f"{node.key} {name}")
    return found


def keep_option(door: Door, node: Node, name: str, value: Any) -> bool:
    """Write one of the node's options, such as the source tool's scheduling rules; whether that changed anything."""
    before = node.options.get(name)
    if before == value:
        return False
    node.options = {**node.options, name: value}
    Node.objects.filter(pk=node.pk).update(options=node.options)
    door.note(node.pk, "workspace", node.pk, node.key, "change", {name: before}, {name: value})
    door.wake(node.pk, node.key)
    return True


def _compared(node: Node, network: Network) -> Iterable[tuple[str, type[models.Model], _Work]]:
    """Each kind with its sorted rows, in the order in which they must be written."""
    own = {"node": node, "origin_system": network.system}

    def may_drop(*items: int) -> bool:
        return network.whole or (bool(items) and network.items.issuperset(items))

    calendars = [asdict(row) for row in network.calendars]
    yield "calendars", WorkCalendar, _sorted(WorkCalendar, own, ("key",), calendars, lambda _row: may_drop())
    resources = [asdict(row) for row in network.resources]
    yield "resources", Resource, _sorted(Resource, own, ("key",), resources, lambda _row: may_drop())
    links = _sorted_links(node, network, lambda row: may_drop(row.predecessor_id, row.successor_id))
    yield "links", TaskLink, links
    yield "assignments", Assignment, _sorted_assignments(node, network, lambda row: may_drop(row.item_id))


def _sorted_links(node: Node, network: Network, may_drop: Callable[[Any], bool]) -> _Work:
    # A link drawn here that the source has too is already there: left as it is, it breaks no uniqueness.
    drawn = set(
        TaskLink.objects.filter(node=node)
        .exclude(origin_system=network.system)
        .values_list("predecessor_id", "successor_id", "type")
    )
    rows = {(row.predecessor_id, row.successor_id, row.type): asdict(row) for row in network.links}
    wanted = [values for identity, values in rows.items() if identity not in drawn]
    own = {"node": node, "origin_system": network.system}
    return _sorted(TaskLink, own, ("predecessor_id", "successor_id", "type"), wanted, may_drop)


def _sorted_assignments(node: Node, network: Network, may_drop: Callable[[Any], bool]) -> _Work:
    ids = dict(Resource.objects.filter(node=node, origin_system=network.system).values_list("key", "pk"))
    unborn = {row.key: -number for number, row in enumerate(network.resources, 1)}  # in a dry run
    rows = {}
    for row in network.assignments:
        resource = ids.get(row.resource) or unborn.get(row.resource)
        if resource is not None:
            values = asdict(row)
            del values["resource"]
            rows[row.item_id, resource] = {**values, "resource_id": resource}
    found = Assignment.objects.filter(node=node, resource__origin_system=network.system)
    identity = ("item_id", "resource_id")
    return _sorted(Assignment, {"node": node}, identity, list(rows.values()), may_drop, stored_rows=found)


def _sorted(
    model: type[Any],
    own: Mapping[str, Any],
    identity: tuple[str, ...],
    rows: Sequence[Mapping[str, Any]],
    may_drop: Callable[[Any], bool],
    stored_rows: Any = None,
) -> _Work:
    stored_rows = model.objects.filter(**own) if stored_rows is None else stored_rows
    stored = {tuple(getattr(row, name) for name in identity): row for row in stored_rows}
    work = _Work()
    for values in rows:
        row = stored.pop(tuple(values[name] for name in identity), None)
        if row is None:
            work.new.append(model(**own, **values))
            continue
        changed = {name: value for name, value in values.items() if getattr(row, name) != value}
        if not changed:
            work.same += 1
            continue
        if len(work.told) < TOLD:
            work.told.append(
                {"what": str(row)}
                | {name: [_plain(getattr(row, name)), _plain(value)] for name, value in changed.items()}
            )
        for name, value in changed.items():
            setattr(row, name, value)
        work.changed.append(row)
    gone = [row for row in stored.values() if may_drop(row)]
    work.gone = [row.pk for row in gone]
    work.told += [{"gone": str(row)} for row in gone[: TOLD - len(work.told)]]
    return work


def _plain(value: Any) -> Any:
    return value if isinstance(value, (str, int, float, bool, dict, list, type(None))) else str(value)


def _write(model: type[Any], work: _Work) -> None:
    if model is WorkCalendar and any(row.is_default for row in work.new + work.changed):
        default = next(row for row in work.new + work.changed if row.is_default)
        WorkCalendar.objects.filter(node=default.node, is_default=True).exclude(pk=default.pk).update(
            is_default=False
        )
    for start in range(0, len(work.gone), 500):
        model.objects.filter(pk__in=work.gone[start : start + 500]).delete()
    names = [f.name for f in model._meta.concrete_fields if not f.primary_key]
    model.objects.bulk_update(work.changed, names, batch_size=100)
    model.objects.bulk_create(work.new, batch_size=500)
