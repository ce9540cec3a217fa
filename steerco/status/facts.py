"""Rows of a project as frozen facts: what calculations may see of the database, and the fingerprint of it."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import Max, QuerySet

from steerco.areas.ai.models import Dataset
from steerco.areas.ai.registers.dataset import DATASHEET
from steerco.areas.govern.models import Decision
from steerco.areas.plan.models import Assignment, Resource, TaskLink, WorkCalendar, WorkItem
from steerco.areas.raid.models import Risk
from steerco.areas.service.models import ServiceLevel
from steerco.kit.attached import LinkKind, RecordLink
from steerco.kit.trail import Change
from steerco.kit.tree import Node


@dataclass(frozen=True, slots=True)
class NodeFact:
    """The node itself: what was promised, by which date, with which money."""

    id: int
    key: str
    name: str
    kind: str
    method: str
    start: datetime | None
    committed_finish: date | None
    committed_confidence: int  # per cent
    status_date: datetime | None
    budget: Decimal | None
    currency: str
    options: Mapping[str, Any]
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ItemFact:
    """A work item. Field order is the order of the columns read; times are minutes, moments aware in UTC."""

    id: int
    number: int
    title: str
    kind: str
    status: str
    parent: int | None  # id
    owner: int | None
    priority: int
    planned_start: datetime | None
    planned_finish: datetime | None
    duration: int | None
    work: int | None
    optimistic: int | None
    most_likely: int | None
    pessimistic: int | None
    calendar: str
    constraint: str
    constraint_date: datetime | None
    deadline: datetime | None
    elapsed: bool
    manual: bool
    inactive: bool
    levelling_delay: int
    ignores_resource_calendars: bool
    effort_driven: bool
    percent: Decimal
    actual_start: datetime | None
    actual_finish: datetime | None
    remaining: int | None
    stop: datetime | None
    resume: datetime | None
    created_on: datetime | None
    finished_on: datetime | None
    baseline_start: datetime | None
    baseline_finish: datetime | None
    baseline_duration: int | None
    baseline_cost: Decimal | None
    planned_cost: Decimal | None
    actual_cost: Decimal | None
    remaining_cost: Decimal | None
    points: Decimal | None
    sprint: str
    origin_system: str
    origin: Mapping[str, Any]
    created_at: datetime
    changed_at: datetime

    @property
    def ref(self) -> str:
        return f"T-{self.number}"

    @property
    def is_done(self) -> bool:
        return self.status == "done" or self.actual_finish is not None

    @property
    def is_started(self) -> bool:
        return self.is_done or self.actual_start is not None or self.percent > 0 or self.status == "doing"

    @property
    def finished_at(self) -> datetime | None:
        """When it was finished, as far as anybody said so."""
        return self.finished_on or self.actual_finish


ITEM_COLUMNS = (
    "id", "number", "title", "kind", "status", "parent_id", "owner_id", "priority", "planned_start", "planned_finish",
    "duration_minutes", "work_minutes", "optimistic_minutes", "most_likely_minutes", "pessimistic_minutes", "calendar",
    "constraint", "constraint_date", "deadline", "elapsed", "manual", "inactive", "levelling_delay_minutes",
    "ignores_resource_calendars", "effort_driven", "percent_complete", "actual_start", "actual_finish",
    "remaining_minutes", "stop", "resume", "created_on", "finished_on", "baseline_start", "baseline_finish",
    "baseline_duration_minutes", "baseline_cost", "planned_cost", "actual_cost", "remaining_cost", "points", "sprint",
    "origin_system", "origin", "created_at", "changed_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class RiskFact:
    """A risk with its impact ranges; `threatens` are ids of the work items it was linked to."""

    id: int
    number: int
    title: str
    status: str
    owner: int | None
    probability: Decimal | None
    days_low: Decimal | None
    days_likely: Decimal | None
    days_high: Decimal | None
    cost_low: Decimal | None
    cost_likely: Decimal | None
    cost_high: Decimal | None
    response: str
    due: date | None
    exposure_days: Decimal | None
    exposure_cost: Decimal | None
    threatens: tuple[int, ...] = ()

    @property
    def ref(self) -> str:
        return f"R-{self.number}"

    @property
    def is_open(self) -> bool:
        return self.status in {"open", "treating"}


RISK_COLUMNS = (
    "id", "number", "title", "status", "owner_id", "probability", "impact_days_low", "impact_days_likely",
    "impact_days_high", "impact_cost_low", "impact_cost_likely", "impact_cost_high", "response", "due",
    "exposure_days", "exposure_cost",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class DecisionFact:
    """A decision that somebody has to take."""

    id: int
    number: int
    title: str
    status: str
    needed_by: date | None
    delay_days_per_week: Decimal | None
    cost_of_delay: Decimal | None

    @property
    def ref(self) -> str:
        return f"D-{self.number}"


@dataclass(frozen=True, slots=True)
class DatasetFact:
    """A dataset as its evidence stands: how much of the datasheet is filled, how far labels agree."""

    number: int
    title: str
    status: str
    filled: int
    asked: int
    label_agreement: Decimal | None
    agreement_needed: Decimal | None
    measured_on: date | None

    @property
    def ref(self) -> str:
        return f"DS-{self.number}"


@dataclass(frozen=True, slots=True)
class LevelFact:
    """A service level; `kept` is None without a measurement."""

    number: int
    title: str
    status: str
    kept: bool | None
    measured_on: date | None

    @property
    def ref(self) -> str:
        return f"SL-{self.number}"


@dataclass(frozen=True, slots=True)
class LinkFact:
    """A dependency by item ids."""

    predecessor: int
    successor: int
    type: str
    lag: float
    lag_unit: str


@dataclass(frozen=True, slots=True)
class CalendarFact:
    key: str
    name: str
    definition: Mapping[str, Any]
    is_default: bool


@dataclass(frozen=True, slots=True)
class ResourceFact:
    id: int
    key: str
    name: str
    kind: str
    capacity: float
    calendar: str
    rate: Decimal | None


@dataclass(frozen=True, slots=True)
class AssignmentFact:
    item: int
    resource: int
    units: float
    work: int | None
    remaining: int | None
    delay: int


@dataclass(frozen=True, slots=True)
class SourceFact:
    """A system records came from and when it last spoke; "" is the work of people here."""

    system: str
    last: datetime
    records: int


@dataclass(frozen=True)
class ProjectFacts:
    """Everything calculations see of one project. No model instance is in here."""

    node: NodeFact
    items: tuple[ItemFact, ...]
    links: tuple[LinkFact, ...] = ()
    calendars: tuple[CalendarFact, ...] = ()
    resources: tuple[ResourceFact, ...] = ()
    assignments: tuple[AssignmentFact, ...] = ()
    risks: tuple[RiskFact, ...] = ()
    decisions: tuple[DecisionFact, ...] = ()
    datasets: tuple[DatasetFact, ...] = ()
    levels: tuple[LevelFact, ...] = ()
    sources: tuple[SourceFact, ...] = ()
    trail_seq: int = 0
    refs: Mapping[int, str] = field(default_factory=dict)  # item id -> ref

    @cached_property
    def parents(self) -> frozenset[int]:
        """Ids of items that have children."""
        return frozenset(item.parent for item in self.items if item.parent is not None)

    @cached_property
    def leaves(self) -> tuple[ItemFact, ...]:
        """Items that are work themselves: no summaries, no epics, not cancelled."""
        return tuple(
            i
            for i in self.items
            if i.id not in self.parents and i.kind not in {"summary", "epic"} and i.status != "cancelled"
        )

    @cached_property
    def open_risks(self) -> tuple[RiskFact, ...]:
        return tuple(r for r in self.risks if r.is_open)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over all inputs in canonical order. Titles, and when a row was touched, are no inputs."""
        told = hashlib.sha256()
        for part in self._canonical():
            told.update(json.dumps(part, default=str, sort_keys=True, separators=(",", ":")).encode())
        return told.hexdigest()

    def _canonical(self) -> Iterable[Any]:
        yield _values([self.node], {"id", "name", "created_at"})
        item_ref, resource_key = self.refs, {r.id: r.key for r in self.resources}
        skipped = {"id", "title", "parent", "origin", "created_at", "changed_at"}
        for row, item in zip(_values(self.items, skipped), self.items):
            yield [row, item_ref.get(item.parent) if item.parent else None]
        yield sorted(
            [item_ref[x.predecessor], item_ref[x.successor], x.type, x.lag, x.lag_unit] for x in self.links
        )
        yield _values(self.calendars, {"name"})
        yield _values(self.resources, {"id"})
        yield sorted(
            [item_ref[a.item], resource_key[a.resource], a.units, str(a.work), str(a.remaining), a.delay]
            for a in self.assignments
        )
        for risk in self.risks:
            yield [
                *_values([risk], {"id", "title", "threatens"}),
                sorted(item_ref[i] for i in risk.threatens),
            ]
        for rows in (self.decisions, self.datasets, self.levels):
            yield _values(rows, {"id", "title"})


def _values(rows: Iterable[Any], without: set[str]) -> list[list[Any]]:
    rows = list(rows)
    if not rows:
        return []
    names = [f.name for f in fields(rows[0]) if f.name not in without]
    return [[getattr(row, name) for name in names] for row in rows]


def read(node: Node) -> ProjectFacts:
    """All facts of a project in a fixed number of queries, archived records left out.

    The trail's position is read first: a change that lands while reading is seen again by the next calculation.
    """
    seq = Change.objects.filter(node=node).aggregate(last=Max("seq"))["last"] or 0
    items = tuple(
        ItemFact(*row)
        for row in _rows(WorkItem, node).order_by("position", "number").values_list(*ITEM_COLUMNS)
    )
    refs = {item.id: item.ref for item in items}
    threatened: dict[int, list[int]] = {}
    links = RecordLink.objects.filter(
        node=node, register="risks", kind=LinkKind.THREATENS, to_register="work-items", to_node=node
    )
    for risk, item in links.order_by("id").values_list("record_id", "to_record_id"):
        if item in refs:
            threatened.setdefault(risk, []).append(item)
    return ProjectFacts(
        node=node_fact(node),
        items=items,
        links=tuple(
            LinkFact(*row)
            for row in TaskLink.objects.filter(node=node)
            .order_by("id")
            .values_list("predecessor_id", "successor_id", "type", "lag", "lag_unit")
            if row[0] in refs and row[1] in refs
        ),
        calendars=tuple(
            CalendarFact(*row)
            for row in WorkCalendar.objects.filter(node=node)
            .order_by("key")
            .values_list("key", "name", "definition", "is_default")
        ),
        resources=_named(
            ResourceFact(*row)
            for row in Resource.objects.filter(node=node)
            .order_by("key")
            .values_list("id", "key", "name", "kind", "capacity", "calendar", "rate")
        ),
        assignments=tuple(
            AssignmentFact(*row)
            for row in Assignment.objects.filter(node=node)
            .order_by("id")
            .values_list(
                "item_id", "resource_id", "units", "work_minutes", "remaining_minutes", "delay_minutes"
            )
            if row[0] in refs
        ),
        risks=tuple(
            _risk(row, threatened) for row in _rows(Risk, node).order_by("number").values_list(*RISK_COLUMNS)
        ),
        decisions=tuple(
            DecisionFact(*row)
            for row in _rows(Decision, node)
            .order_by("number")
            .values_list(
                "id", "number", "title", "status", "needed_by", "delay_days_per_week", "cost_of_delay"
            )
        ),
        datasets=tuple(_dataset(row) for row in _rows(Dataset, node).order_by("number").values()),
        levels=tuple(
            _level(*row)
            for row in _rows(ServiceLevel, node)
            .order_by("number")
            .values_list("number", "title", "status", "direction", "target", "measured", "measured_on")
        ),
        sources=_sources(node, items),
        trail_seq=seq,
        refs=refs,
    )


def node_fact(node: Node) -> NodeFact:
    """The node's own promises."""
    return NodeFact(**{f.name: getattr(node, f.name) for f in fields(NodeFact)})


def _rows(model: type[Any], node: Node) -> QuerySet[Any]:
    found: QuerySet[Any] = model.objects.filter(node=node, archived_at__isnull=True)
    return found


def _named(resources: Iterable[ResourceFact]) -> tuple[ResourceFact, ...]:
    """Resources called by their names in every sentence; the source's key only tells apart what shares a name."""
    rows = tuple(resources)
    often = Counter(r.name for r in rows)
    return tuple(replace(r, key=r.name if often[r.name] == 1 else f"{r.name} ({r.key})") for r in rows)


def _risk(row: tuple[Any, ...], threatened: Mapping[int, list[int]]) -> RiskFact:
    return replace(RiskFact(*row), threatens=tuple(threatened.get(row[0], ())))


def _dataset(row: Mapping[str, Any]) -> DatasetFact:
    return DatasetFact(
        number=row["number"],
        title=row["title"],
        status=row["status"],
        filled=sum(1 for name in DATASHEET if row[name] not in ("", None)),
        asked=len(DATASHEET),
        label_agreement=row["label_agreement"],
        agreement_needed=row["agreement_needed"],
        measured_on=row["measured_on"],
    )


def _level(
    number: int,
    title: str,
    status: str,
    direction: str,
    target: Decimal,
    measured: Decimal | None,
    measured_on: date | None,
) -> LevelFact:
    kept = None
    if measured is not None:
        kept = measured >= target if direction == "at_least" else measured <= target
    return LevelFact(number, title, status, kept, measured_on)


def _sources(node: Node, items: tuple[ItemFact, ...]) -> tuple[SourceFact, ...]:
    """Where work items came from and what moment each source last spoke of.

    An import that brought nothing new still spoke: its entry in the trail counts as much as a changed row. But a file
    taken in today that tells of a data date last month is a month old.
    """
    found: dict[str, tuple[datetime, int]] = {}
    for item in items:
        last, count = found.get(item.origin_system, (item.changed_at, 0))
        found[item.origin_system] = (max(last, item.changed_at), count + 1)
    imported = Change.objects.filter(node=node, via="import").aggregate(last=Max("at"))["last"]
    outside = [system for system in found if system]
    if imported and len(outside) == 1:
        last, count = found[outside[0]]
        found[outside[0]] = (max(last, imported), count)
    for system in outside:
        last, count = found[system]
        if node.status_date is not None:
            found[system] = (min(last, node.status_date), count)
    return tuple(SourceFact(system, last, count) for system, (last, count) in sorted(found.items()))
